"""The lunar calendar of China from 1900 to 2100, from a table of month lengths.

The rules of the calendar are GB/T 33661-2017; ``data/lunar.json`` names where its table is from.
A month has 29 or 30 days; a leap month follows the month whose number it repeats.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import accumulate

from deskcrm.errors import DeskError
from deskcrm.i18n import N_
from deskcrm.resources import load_json

_LEAP_SHIFT = 13


class LunarDateError(DeskError):
    """A day outside the table, or a lunar date that does not exist."""

    code = "lunar-date"
    message = N_("There is no such date in the lunar calendar (known for {first} to {last}).")


@dataclass(frozen=True, slots=True)
class LunarDate:
    """A day of the lunar calendar; ``month_length`` is 29 or 30 and follows from the rest."""

    year: int
    month: int
    day: int
    leap: bool
    month_length: int


@dataclass(frozen=True, slots=True)
class _Month:
    number: int
    leap: bool
    length: int


@dataclass(frozen=True, slots=True)
class _Table:
    """Years in order: the ordinal each one begins on (and the last one ends before), its code."""

    first_year: int
    starts: tuple[int, ...]
    codes: tuple[int, ...]

    @property
    def last_year(self) -> int:
        return self.first_year + len(self.codes) - 1

    def error(self) -> LunarDateError:
        return LunarDateError(first=self.first_year, last=self.last_year)


def to_lunar(day: date) -> LunarDate:
    """The lunar date of a solar ``day``, 1900-01-31 to 2101-01-28; else ``LunarDateError``."""
    table = _table()
    index = bisect_right(table.starts, day.toordinal()) - 1
    if not 0 <= index < len(table.codes):
        raise table.error()
    left = day.toordinal() - table.starts[index]
    for month in _months(table.codes[index]):
        if left < month.length:
            year = table.first_year + index
            return LunarDate(year, month.number, left + 1, month.leap, month.length)
        left -= month.length
    raise AssertionError("a year ends where the next begins")


def to_solar(year: int, month: int, day: int, leap: bool = False) -> date:
    """The solar day of a lunar date; ``LunarDateError`` when there is none."""
    table = _table()
    index = year - table.first_year
    if not 0 <= index < len(table.codes):
        raise table.error()
    offset = 0
    for each in _months(table.codes[index]):
        if (each.number, each.leap) == (month, leap) and 1 <= day <= each.length:
            return date.fromordinal(table.starts[index] + offset) + timedelta(days=day - 1)
        offset += each.length
    raise table.error()


def month_length(year: int, month: int, leap: bool = False) -> int:
    """29 or 30, the days of a lunar month; ``LunarDateError`` when there is no such month."""
    return to_lunar(to_solar(year, month, 1, leap)).month_length


@cache
def _months(code: int) -> tuple[_Month, ...]:
    leap = code >> _LEAP_SHIFT
    numbers = [(number, False) for number in range(1, 13)]
    if leap:
        numbers.insert(leap, (leap, True))
    return tuple(
        _Month(number, is_leap, 29 + (code >> index & 1))
        for index, (number, is_leap) in enumerate(numbers)
    )


@cache
def _table() -> _Table:
    data = load_json("lunar.json")
    codes = tuple(data["years"])
    lengths = (sum(month.length for month in _months(code)) for code in codes)
    first = date.fromisoformat(data["first_new_year"]).toordinal()
    return _Table(data["first_year"], tuple(accumulate(lengths, initial=first)), codes)
