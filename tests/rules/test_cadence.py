"""When a customer is contacted again."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskcrm.rules.cadence import moved_anchor, next_try, parked_until, working_policy
from deskcrm.rules.working_days import load_calendars

POLICY = working_policy()


@pytest.mark.parametrize(
    ("tried_at", "again_at"),
    [
        ("2026-11-23 08:10", "2026-11-23 09:00"),
        ("2026-11-23 09:00", "2026-11-23 11:30"),
        ("2026-11-23 11:45", "2026-11-23 14:00"),
        ("2026-11-23 14:00", "2026-11-24 09:00"),
        ("2026-11-23 21:00", "2026-11-24 09:00"),
        ("2026-11-27 16:00", "2026-11-30 09:00"),  # a Friday
        ("2026-11-28 10:00", "2026-11-30 11:30"),  # a Saturday
        ("2026-10-10 10:00", "2026-10-10 11:30"),  # a Saturday that is worked
        ("2026-09-30 16:00", "2026-10-08 09:00"),  # before the National Day week
    ],
)
def test_a_try_is_repeated_in_the_next_part_of_a_working_day(tried_at: str, again_at: str) -> None:
    found = next_try(datetime.fromisoformat(tried_at), POLICY.dayparts, load_calendars())
    assert found == datetime.fromisoformat(again_at)


@given(st.builds(datetime.combine, st.dates(date(2026, 1, 1), date(2026, 12, 30)), st.times()))
def test_a_try_is_repeated_later_at_another_time_of_a_working_day(tried_at: datetime) -> None:
    calendar = load_calendars()
    found = next_try(tried_at, POLICY.dayparts, calendar)
    assert found > tried_at
    assert calendar.is_working(found.date())
    assert _part(found.time()) != _part(tried_at.time())


def _part(moment: time) -> int | None:
    parts = enumerate(POLICY.dayparts)
    return next((n for n, part in parts if part.starts <= moment < part.ends), None)


@given(st.dates(), st.dates())
def test_a_contact_never_moves_the_cadence_back(anchor: date, contact_on: date) -> None:
    assert moved_anchor(anchor, contact_on) == max(anchor, contact_on)


def test_a_followup_rests_for_thirty_days_after_the_last_try() -> None:
    assert parked_until(date(2026, 11, 23), POLICY) == date(2026, 12, 23)


def test_the_parts_of_the_day_follow_one_another() -> None:
    edges = [edge for part in POLICY.dayparts for edge in (part.starts, part.ends)]
    assert edges == sorted(edges)
