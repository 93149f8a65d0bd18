"""Working days: announced holidays, make-up weekends, provisional years."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskcrm.resources import data_path
from deskcrm.rules.working_days import (
    CalendarFileError,
    WorkingCalendar,
    load_calendars,
    parse_year,
)

CALENDAR = load_calendars()
announced_days = st.dates(date(2007, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 9, 25), False),  # Mid-Autumn, a Friday
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 10, 10), True),  # a Saturday worked for National Day
        (date(2026, 9, 20), True),  # a Sunday worked for National Day
        (date(2026, 11, 21), False),  # an ordinary Saturday
        (date(2026, 11, 23), True),  # an ordinary Monday
        (date(2026, 2, 14), True),  # a Saturday worked for Spring Festival
        (date(2026, 2, 17), False),  # lunar new year
        (date(2018, 12, 31), False),  # said by the announcement of 2019
        (date(2018, 12, 29), True),
    ],
)
def test_known_days_are_as_announced(day: date, working: bool) -> None:
    assert CALENDAR.is_working(day) is working


def test_every_announced_day_is_read_from_its_file() -> None:
    files = sorted(data_path("calendars").glob("*.json"))
    rows = [row for file in files for row in json.loads(file.read_text("utf-8"))["days"]]
    assert len(rows) > 600
    for row in rows:
        assert CALENDAR.is_working(date.fromisoformat(row["date"])) is not row["isOffDay"]


def test_ten_working_days_across_the_golden_week() -> None:
    assert CALENDAR.add(date(2026, 9, 24), 10) == date(2026, 10, 15)
    assert CALENDAR.add(date(2026, 10, 15), -10) == date(2026, 9, 24)


def test_the_next_working_day_may_be_a_worked_weekend() -> None:
    assert CALENDAR.next(date(2026, 2, 13)) == date(2026, 2, 14)
    assert CALENDAR.next(date(2026, 11, 20)) == date(2026, 11, 23)


def test_zero_working_days_away_is_the_day_itself_even_on_a_holiday() -> None:
    assert CALENDAR.add(date(2026, 10, 1), 0) == date(2026, 10, 1)


@given(announced_days, st.integers(-60, 60))
def test_distance_undoes_addition(day: date, n: int) -> None:
    assert CALENDAR.between(day, CALENDAR.add(day, n)) == n


@given(announced_days, announced_days, announced_days)
def test_distances_add_up_in_one_direction(a: date, b: date, c: date) -> None:
    first, middle, last = sorted((a, b, c))
    whole = CALENDAR.between(first, last)
    assert CALENDAR.between(first, middle) + CALENDAR.between(middle, last) == whole


def test_distance_counts_the_end_and_not_the_start() -> None:
    friday, saturday, monday = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)
    assert CALENDAR.between(friday, friday) == 0
    assert CALENDAR.between(friday, saturday) == 0
    assert CALENDAR.between(friday, monday) == 1
    assert CALENDAR.between(monday, friday) == -1
    assert CALENDAR.between(saturday, friday) == -1
    assert CALENDAR.between(monday, saturday) == 0


@pytest.mark.parametrize(
    ("day", "provisional"),
    [
        (date(2026, 11, 23), False),
        (date(2026, 12, 28), False),
        (date(2026, 12, 29), True),  # the announcement of 2027 may still claim it
        (date(2027, 1, 1), True),
        (date(2025, 12, 31), False),
        (date(2006, 6, 1), True),  # before the first file
    ],
)
def test_a_day_is_provisional_while_an_announcement_may_change_it(
    day: date, provisional: bool
) -> None:
    assert CALENDAR.is_provisional(day) is provisional


def test_a_span_is_provisional_when_it_touches_an_unannounced_year() -> None:
    today = date(2026, 11, 23)
    assert not CALENDAR.provisional_between(today, date(2026, 12, 20))
    assert CALENDAR.provisional_between(today, date(2027, 1, 4))
    assert CALENDAR.provisional_between(date(2027, 1, 4), today)
    assert CALENDAR.provisional_between(date(2006, 12, 1), date(2008, 1, 2))


def test_an_imported_year_settles_what_was_provisional() -> None:
    imported = parse_year(
        {
            "year": 2027,
            "days": [
                {"date": "2026-12-31", "isOffDay": True},
                {"date": "2027-01-01", "isOffDay": True},
            ],
        }
    )
    calendar = CALENDAR.with_overrides(imported.days, {imported.year})
    assert not calendar.is_provisional(date(2026, 12, 31))
    assert not calendar.is_working(date(2026, 12, 31))
    assert CALENDAR.is_working(date(2026, 12, 31))


def test_a_branch_override_wins_over_the_announcement_and_publishes_nothing() -> None:
    saturday = date(2026, 11, 28)
    calendar = CALENDAR.with_overrides({saturday: True})
    assert calendar.is_working(saturday)
    assert calendar.published_years == CALENDAR.published_years


def test_without_exceptions_monday_to_friday_are_worked() -> None:
    plain = WorkingCalendar({}, frozenset())
    monday = date(2026, 11, 23)
    week = [plain.is_working(monday + timedelta(days=n)) for n in range(7)]
    assert week == [True] * 5 + [False] * 2


def test_an_empty_file_is_a_year_not_announced() -> None:
    assert not parse_year({"year": 2027, "days": []}).published
    assert 2027 not in CALENDAR.published_years
    assert CALENDAR.published_years == frozenset(range(2007, 2027))


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        {"year": 2027},
        {"year": "2027", "days": []},
        {"year": 2027, "days": [{"date": "2027-02-30", "isOffDay": True}]},
        {"year": 2027, "days": [{"date": "2027-02-03", "isOffDay": "yes"}]},
        {"year": 2027, "days": [{"date": "2029-02-03", "isOffDay": True}]},
    ],
)
def test_a_file_that_is_not_a_calendar_is_refused(document: object) -> None:
    with pytest.raises(CalendarFileError):
        parse_year(document)
