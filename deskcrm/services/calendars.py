"""The branch's working calendar: published years with the branch's own days on top."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import select

from deskcrm.errors import InvalidError
from deskcrm.i18n import N_, translate
from deskcrm.models import CalendarDay
from deskcrm.rules.working_days import (
    CalendarFileError,
    WorkingCalendar,
    load_calendars,
    parse_year,
)
from deskcrm.services.authority import allow
from deskcrm.services.desk import Desk
from deskcrm.vault.session import UnitOfWork


@dataclass(frozen=True, slots=True)
class CalendarImported:
    """What an import changed: the year, the unusual days in it, how many of them were news."""

    year: int
    days: int
    changed: int


def branch_calendar(desk: Desk) -> WorkingCalendar:
    """The calendar that deadlines and dates of this branch are counted with."""
    with desk.read() as session:
        rows = session.exec(select(CalendarDay)).all()
    days = {row.day: row.working for row in rows}
    years = {row.announced_year for row in rows if row.announced_year is not None}
    return load_calendars().with_overrides(days, years)


def import_calendar(desk: Desk, content: bytes) -> CalendarImported:
    """Take over an announced year of holidays, JSON as in ``data/calendars``.

    Days that the branch arranged itself stay. Raises ``CalendarFileError`` when the file is not a
    calendar or the year is not announced yet; nothing is changed then.
    """
    allow(desk, "calendar.import")
    try:
        year = parse_year(json.loads(content))
    except ValueError as error:
        raise CalendarFileError(problem=translate(N_("it is not JSON"))) from error
    if not year.published:
        raise CalendarFileError(problem=translate(N_("the year is not announced yet")))
    known = load_calendars()
    with desk.write("calendar.import") as work:
        changed = sum(
            _take_over(work, known, day, working, year.year)
            for day, working in sorted(year.days.items())
        )
    desk.calendar_changed()
    return CalendarImported(year.year, len(year.days), changed)


def arrange_days(
    desk: Desk, first: date, count: int, *, working: bool, reason: str
) -> tuple[date, ...]:
    """The branch's own arrangement: ``count`` days from ``first`` are worked, or are not."""
    allow(desk, "calendar.import")
    if not 1 <= count <= 366:
        raise InvalidError({}, N_("Between 1 and 366 days, please. Nothing was changed."))
    days = tuple(first + timedelta(days=offset) for offset in range(count))
    with desk.write("calendar.arrange", reason=reason) as work:
        for day in days:
            row = _row(work, day)
            row.working, row.announced_year, row.reason = working, None, reason
    desk.calendar_changed()
    return days


def _take_over(
    work: UnitOfWork, known: WorkingCalendar, day: date, working: bool, year: int
) -> bool:
    found = work.session.exec(select(CalendarDay).where(CalendarDay.day == day)).first()
    if found is not None and found.announced_year is None:
        return False
    row = _row(work, day)
    news = row.working != working or known.is_provisional(day)
    row.working, row.announced_year = working, year
    return news


def _row(work: UnitOfWork, day: date) -> CalendarDay:
    found = work.session.exec(select(CalendarDay).where(CalendarDay.day == day)).first()
    return found or work.add(CalendarDay(day=day, working=True))
