"""Working days in China: public holidays, make-up weekends, and years not yet announced.

The State Council announces the holidays of a year in the autumn before it, one document a year;
``data/calendars`` holds one file per document. Where no document says otherwise, Monday to Friday
are working days. A date that an outstanding document may still change is *provisional*.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from deskcrm.errors import DeskError
from deskcrm.i18n import N_
from deskcrm.resources import data_path, load_json

_DAY = timedelta(days=1)

# The new year holiday of 2007, 2008, 2019 and others began on 29 to 31 December, so the document
# of the following year has a say in these days.
_YEAR_END_FROM = 29


class CalendarFileError(DeskError):
    """A file of holidays that does not say what it should."""

    code = "calendar-file"
    message = N_("This is not a calendar of holidays ({problem}). The calendar was not changed.")


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """One announcement: ``days`` maps a date to whether it is worked, where that is unusual."""

    year: int
    days: Mapping[date, bool]

    @property
    def published(self) -> bool:
        """Whether the year has been announced; its file is empty before that."""
        return bool(self.days)


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Which days are worked: ``days`` holds the exceptions from Monday to Friday."""

    days: Mapping[date, bool]
    published_years: frozenset[int]

    def is_working(self, day: date) -> bool:
        """Whether ``day`` is worked."""
        worked = self.days.get(day)
        return day.weekday() < 5 if worked is None else worked

    def add(self, day: date, n: int) -> date:
        """The ``n``-th working day after ``day``, before it when ``n`` is negative.

        ``day`` itself is never counted; ``n == 0`` gives it back, worked or not.
        """
        step = _DAY if n >= 0 else -_DAY
        left = abs(n)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def next(self, day: date) -> date:
        """The first working day after ``day``."""
        return self.add(day, 1)

    def between(self, start: date, end: date) -> int:
        """Working days from ``start``, not counted, to ``end``, counted; negative backwards.

        For a working ``end``, ``add(start, between(start, end)) == end``.
        """
        if end < start:
            return -sum(self.is_working(day) for day in _span(end, start - _DAY))
        return sum(self.is_working(day) for day in _span(start + _DAY, end))

    def is_provisional(self, day: date) -> bool:
        """Whether an announcement still to come may change ``day``."""
        if day.year not in self.published_years:
            return True
        at_year_end = day.month == 12 and day.day >= _YEAR_END_FROM
        return at_year_end and day.year + 1 not in self.published_years

    def provisional_between(self, start: date, end: date) -> bool:
        """Whether a count of working days from ``start`` to ``end``, either way, may change."""
        first, last = sorted((start, end))
        years = range(first.year, last.year + 1)
        return not self.published_years.issuperset(years) or self.is_provisional(last)

    def with_overrides(
        self, days: Mapping[date, bool], published_years: Iterable[int] = ()
    ) -> WorkingCalendar:
        """This calendar with ``days`` on top: an imported year, or a branch's own arrangement."""
        return WorkingCalendar({**self.days, **days}, self.published_years.union(published_years))


def parse_year(document: Any) -> CalendarYear:
    """One calendar file, decoded from JSON: ``{"year": 2026, "days": [{"date", "isOffDay"}, …]}``.

    The days may reach into the last days of the year before. Raises ``CalendarFileError``.
    """
    try:
        year = document["year"]
        days = {date.fromisoformat(row["date"]): row["isOffDay"] for row in document["days"]}
    except (KeyError, TypeError, ValueError) as error:
        raise CalendarFileError(problem=f"{type(error).__name__}: {error}") from error
    if type(year) is not int or any(type(off) is not bool for off in days.values()):
        raise CalendarFileError(problem="year, isOffDay")
    strange = [day.isoformat() for day in days if day.year not in (year - 1, year)]
    if strange:
        raise CalendarFileError(problem=", ".join(strange[:3]))
    return CalendarYear(year, {day: not off for day, off in days.items()})


@cache
def load_calendars() -> WorkingCalendar:
    """The calendar of all announcements that ship with the program."""
    files = sorted(data_path("calendars").glob("*.json"))
    years = [parse_year(load_json(f"calendars/{file.name}")) for file in files]
    days: dict[date, bool] = {}
    for year in years:
        days.update(year.days)
    return WorkingCalendar(days, frozenset(year.year for year in years if year.published))


def _span(first: date, last: date) -> Iterator[date]:
    """Every day from ``first`` to ``last``, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
