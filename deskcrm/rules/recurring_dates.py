"""Important dates that come back every year, by the solar or the lunar calendar.

A date is kept as a short key that an index can range over: ``S02-29`` is 29 February, ``L08-15``
the fifteenth of the eighth lunar month. A key is observed exactly once in each year of its
calendar:

* 29 February falls on the 28th in common years (or on 1 March, as the branch prefers);
* the thirtieth of a lunar month falls on the 29th when the month is short;
* a date in a leap month is kept in the ordinary month of the same number.
"""

from __future__ import annotations

from calendar import isleap
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from deskcrm.errors import FieldError
from deskcrm.i18n import N_
from deskcrm.rules.lunar import month_length, to_lunar, to_solar

_A_LEAP_YEAR = 2000
_LONGEST_LUNAR_MONTH = 30


class YearlyCalendar(StrEnum):
    """The calendar a yearly date follows; its value begins the date's key."""

    SOLAR = "S"
    LUNAR = "L"


class YearlyDateError(FieldError):
    """A month and day that no year has."""

    code = "yearly-date"
    message = N_("There is no such day of the year.")


class YearlyDate(NamedTuple):
    """A key taken apart."""

    calendar: YearlyCalendar
    month: int
    day: int


def date_key(calendar: YearlyCalendar, month: int, day: int) -> str:
    """The key of a yearly date; ``YearlyDateError`` when no year has that day."""
    try:
        if calendar is YearlyCalendar.SOLAR:
            date(_A_LEAP_YEAR, month, day)
        elif not (1 <= month <= 12 and 1 <= day <= _LONGEST_LUNAR_MONTH):
            raise ValueError(day)
    except ValueError as error:
        raise YearlyDateError from error
    return f"{calendar.value}{month:02d}-{day:02d}"


def parse_key(key: str) -> YearlyDate:
    """A key taken apart; ``YearlyDateError`` for anything ``date_key`` does not make."""
    try:
        parts = YearlyDate(YearlyCalendar(key[:1]), int(key[1:3]), int(key[4:]))
    except ValueError as error:
        raise YearlyDateError from error
    if date_key(*parts) != key:
        raise YearlyDateError
    return parts


def keys_on(day: date, feb29_on_28: bool = True) -> list[str]:
    """All keys observed on ``day``, in both calendars; one to four of them."""
    keys = [date_key(YearlyCalendar.SOLAR, day.month, day.day)]
    stands_in = (2, 28) if feb29_on_28 else (3, 1)
    if not isleap(day.year) and (day.month, day.day) == stands_in:
        keys.append(date_key(YearlyCalendar.SOLAR, 2, 29))
    lunar = to_lunar(day)
    if not lunar.leap:
        keys.append(date_key(YearlyCalendar.LUNAR, lunar.month, lunar.day))
        if lunar.day == lunar.month_length < _LONGEST_LUNAR_MONTH:
            keys.append(date_key(YearlyCalendar.LUNAR, lunar.month, _LONGEST_LUNAR_MONTH))
    return keys


def next_occurrence(key: str, from_day: date, feb29_on_28: bool = True) -> date:
    """The first day on or after ``from_day`` on which ``key`` is observed."""
    wanted = parse_key(key)
    if wanted.calendar is YearlyCalendar.LUNAR:
        year = to_lunar(from_day).year
        this_year = _observed_lunar(year, wanted)
        return this_year if this_year >= from_day else _observed_lunar(year + 1, wanted)
    this_year = _observed_solar(from_day.year, wanted, feb29_on_28)
    if this_year >= from_day:
        return this_year
    return _observed_solar(from_day.year + 1, wanted, feb29_on_28)


def _observed_solar(year: int, wanted: YearlyDate, feb29_on_28: bool) -> date:
    if (wanted.month, wanted.day) == (2, 29) and not isleap(year):
        return date(year, 2, 28) if feb29_on_28 else date(year, 3, 1)
    return date(year, wanted.month, wanted.day)


def _observed_lunar(year: int, wanted: YearlyDate) -> date:
    day = min(wanted.day, month_length(year, wanted.month))
    return to_solar(year, wanted.month, day)
