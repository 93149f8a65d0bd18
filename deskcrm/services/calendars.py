"""The branch's working calendar: published years with the branch's own days on top."""

from __future__ import annotations

from sqlmodel import select

from deskcrm.models import CalendarDay
from deskcrm.rules.working_days import WorkingCalendar, load_calendars
from deskcrm.services.desk import Desk


def branch_calendar(desk: Desk) -> WorkingCalendar:
    """The calendar that deadlines and dates of this branch are counted with."""
    with desk.read() as session:
        days = {row.day: row.working for row in session.exec(select(CalendarDay))}
    return load_calendars().with_overrides(days)
