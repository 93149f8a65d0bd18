"""The lunar calendar, against two other implementations."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import cnlunar
import pytest
import sxtwl
from hypothesis import given
from hypothesis import strategies as st

from deskcrm.rules.lunar import LunarDateError, month_length, to_lunar, to_solar

FIRST, LAST = date(1901, 1, 1), date(2101, 1, 28)


def days(first: date, last: date, step: int = 1) -> list[date]:
    return [first + timedelta(days=n) for n in range(0, (last - first).days + 1, step)]


@pytest.mark.parametrize(
    ("solar", "lunar"),
    [
        (date(2026, 2, 17), (2026, 1, 1, False, 30)),  # new year
        (date(2026, 9, 25), (2026, 8, 15, False, 29)),  # Mid-Autumn
        (date(2025, 7, 25), (2025, 6, 1, True, 29)),  # first day of leap June
        (date(2033, 12, 22), (2033, 11, 1, True, 29)),  # the leap month old tables get wrong
        (date(2024, 2, 9), (2023, 12, 30, False, 30)),
        (date(2025, 1, 28), (2024, 12, 29, False, 29)),  # a year that ends on the 29th
    ],
)
def test_known_dates(solar: date, lunar: tuple[int, int, int, bool, int]) -> None:
    found = to_lunar(solar)
    assert (found.year, found.month, found.day, found.leap, found.month_length) == lunar
    assert to_solar(*lunar[:4]) == solar


def test_every_day_of_two_centuries_agrees_with_sxtwl() -> None:
    every = days(FIRST, LAST)
    assert len(every) == 73_077
    for day in every:
        other = sxtwl.fromSolar(day.year, day.month, day.day)
        theirs = (
            other.getLunarYear(),
            other.getLunarMonth(),
            other.getLunarDay(),
            other.isLunarLeap(),
        )
        ours = to_lunar(day)
        assert (ours.year, ours.month, ours.day, ours.leap) == theirs, day


def test_a_day_of_every_month_agrees_with_cnlunar() -> None:
    covered_by_cnlunar = date(1901, 2, 19), date(2100, 2, 8)
    for day in days(*covered_by_cnlunar, step=29):
        other = cnlunar.Lunar(datetime(day.year, day.month, day.day, 12))  # noqa: DTZ001
        ours = to_lunar(day)
        theirs = (other.lunarYear, other.lunarMonth, other.lunarDay, other.isLunarLeapMonth)
        assert (ours.year, ours.month, ours.day, ours.leap) == theirs, day


@given(st.dates(FIRST, LAST))
def test_going_to_the_lunar_calendar_and_back_is_the_same_day(day: date) -> None:
    lunar = to_lunar(day)
    assert to_solar(lunar.year, lunar.month, lunar.day, lunar.leap) == day
    assert lunar.day <= lunar.month_length == month_length(lunar.year, lunar.month, lunar.leap)


@pytest.mark.parametrize("day", [date(1900, 1, 30), date(2101, 1, 29), date(1850, 6, 1)])
def test_days_outside_the_table_are_refused(day: date) -> None:
    with pytest.raises(LunarDateError, match="1900"):
        to_lunar(day)


@pytest.mark.parametrize(
    "lunar",
    [
        (2026, 8, 30, False),  # a month of 29 days
        (2026, 6, 1, True),  # no leap month that year
        (2025, 7, 1, True),  # leap June, not July
        (2026, 13, 1, False),
        (2026, 1, 0, False),
        (1899, 1, 1, False),
        (2101, 1, 1, False),
    ],
)
def test_lunar_dates_that_do_not_exist_are_refused(lunar: tuple[int, int, int, bool]) -> None:
    with pytest.raises(LunarDateError):
        to_solar(*lunar)
