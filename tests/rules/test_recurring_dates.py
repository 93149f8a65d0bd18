"""Yearly dates in both calendars: keys, stand-in days, next occurrence."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskcrm.rules.lunar import to_lunar
from deskcrm.rules.recurring_dates import (
    YearlyCalendar,
    YearlyDateError,
    date_key,
    keys_on,
    next_occurrence,
    parse_key,
)

solar_keys = st.dates(date(2000, 1, 1), date(2000, 12, 31)).map(
    lambda day: date_key(YearlyCalendar.SOLAR, day.month, day.day)
)
lunar_keys = st.builds(
    date_key, st.just(YearlyCalendar.LUNAR), st.integers(1, 12), st.integers(1, 30)
)


def test_keys_are_short_and_sort_by_date() -> None:
    assert date_key(YearlyCalendar.SOLAR, 2, 29) == "S02-29"
    assert date_key(YearlyCalendar.LUNAR, 8, 15) == "L08-15"


@given(solar_keys | lunar_keys)
def test_a_key_taken_apart_makes_the_same_key(key: str) -> None:
    assert date_key(*parse_key(key)) == key


@pytest.mark.parametrize(
    ("calendar", "month", "day"),
    [("S", 2, 30), ("S", 13, 1), ("S", 4, 31), ("L", 1, 31), ("L", 13, 1), ("L", 1, 0)],
)
def test_days_that_no_year_has_are_refused(calendar: str, month: int, day: int) -> None:
    with pytest.raises(YearlyDateError):
        date_key(YearlyCalendar(calendar), month, day)


@pytest.mark.parametrize("key", ["", "S0229", "X02-28", "S2-28", "S02-30", "L08/15", "L08-150"])
def test_texts_that_are_no_keys_are_refused(key: str) -> None:
    with pytest.raises(YearlyDateError):
        parse_key(key)


@pytest.mark.parametrize(
    ("day", "keys"),
    [
        (date(2026, 9, 25), ["S09-25", "L08-15"]),
        (date(2026, 2, 28), ["S02-28", "S02-29", "L01-12"]),
        (date(2028, 2, 28), ["S02-28", "L02-04"]),
        (date(2028, 2, 29), ["S02-29", "L02-05"]),
        (date(2025, 1, 28), ["S01-28", "L12-29", "L12-30"]),  # new year's eve of a short month
        (date(2024, 2, 9), ["S02-09", "L12-30"]),
        (date(2025, 7, 25), ["S07-25"]),  # in a leap month: kept a month earlier
        (date(2025, 6, 25), ["S06-25", "L06-01"]),
    ],
)
def test_keys_observed_on_a_day(day: date, keys: list[str]) -> None:
    assert keys_on(day) == keys


def test_the_branch_may_keep_29_february_on_1_march() -> None:
    assert keys_on(date(2026, 2, 28), feb29_on_28=False)[:1] == ["S02-28"]
    assert "S02-29" not in keys_on(date(2026, 2, 28), feb29_on_28=False)
    assert "S02-29" in keys_on(date(2026, 3, 1), feb29_on_28=False)
    assert "S02-29" not in keys_on(date(2028, 3, 1), feb29_on_28=False)
    assert next_occurrence("S02-29", date(2026, 1, 1), feb29_on_28=False) == date(2026, 3, 1)


@pytest.mark.parametrize("feb29_on_28", [True, False])
def test_every_solar_key_is_observed_once_a_year(feb29_on_28: bool) -> None:
    for year in (2024, 2025, 2026, 2100):
        days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
        keys = [
            key
            for day in days
            if day.year == year
            for key in keys_on(day, feb29_on_28)
            if key[0] == "S"
        ]
        assert len(keys) == len(set(keys)) == 366


@pytest.mark.parametrize("year", [1987, 2006, 2024, 2025, 2033, 2057])
def test_every_lunar_key_is_observed_once_a_lunar_year(year: int) -> None:
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(440))
    keys = [
        key for day in days if to_lunar(day).year == year for key in keys_on(day) if key[0] == "L"
    ]
    assert len(keys) == len(set(keys)) == 360


@given(solar_keys | lunar_keys, st.dates(date(1901, 1, 1), date(2099, 1, 1)), st.booleans())
def test_the_next_occurrence_is_the_first_day_that_observes_the_key(
    key: str, start: date, feb29_on_28: bool
) -> None:
    found = next_occurrence(key, start, feb29_on_28)
    passed = (found - start).days
    assert 0 <= passed <= 385
    assert key in keys_on(found, feb29_on_28)
    observed = (keys_on(start + timedelta(days=n), feb29_on_28) for n in range(passed))
    assert not any(key in keys for keys in observed)


def test_an_occurrence_today_is_the_next_one() -> None:
    assert next_occurrence("L08-15", date(2026, 9, 25)) == date(2026, 9, 25)
    assert next_occurrence("L08-15", date(2026, 9, 26)) == date(2027, 9, 15)
    assert next_occurrence("S02-29", date(2026, 3, 1)) == date(2027, 2, 28)
    assert next_occurrence("S02-29", date(2027, 3, 1)) == date(2028, 2, 29)
