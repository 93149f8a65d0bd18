"""The branch's calendar takes over announcements and keeps the branch's own days."""

from __future__ import annotations

import json
from datetime import date

import pytest

from deskcrm.errors import NotAllowedError
from deskcrm.rules.working_days import CalendarFileError
from deskcrm.services.calendars import arrange_days, branch_calendar, import_calendar
from tests.desks import TestBranch

NEW_YEAR_2027 = {
    "year": 2027,
    "days": [
        {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
        {"name": "元旦", "date": "2027-01-03", "isOffDay": False},
    ],
}


def test_an_announcement_makes_a_year_certain(branch: TestBranch) -> None:
    desk = branch.desk("supervisor")
    assert branch_calendar(desk).is_provisional(date(2027, 3, 1))
    done = import_calendar(desk, json.dumps(NEW_YEAR_2027).encode())
    calendar = branch_calendar(desk)
    assert (done.year, done.days) == (2027, 2)
    assert not calendar.is_provisional(date(2027, 3, 1))
    assert not calendar.is_working(date(2027, 1, 1))
    assert calendar.is_working(date(2027, 1, 3))
    assert import_calendar(desk, json.dumps(NEW_YEAR_2027).encode()).days == 2


def test_the_branch_s_own_days_stay_when_a_year_is_announced(branch: TestBranch) -> None:
    desk = branch.desk("supervisor")
    arrange_days(desk, date(2027, 1, 3), 1, working=False, reason="removal")
    import_calendar(desk, json.dumps(NEW_YEAR_2027).encode())
    assert not branch_calendar(desk).is_working(date(2027, 1, 3))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b'{"year": 2027, "days": []}'])
def test_a_file_that_is_no_calendar_changes_nothing(branch: TestBranch, content: bytes) -> None:
    desk = branch.desk("supervisor")
    with pytest.raises(CalendarFileError):
        import_calendar(desk, content)
    assert branch_calendar(desk).is_provisional(date(2027, 3, 1))


def test_a_teller_does_not_change_the_calendar(branch: TestBranch) -> None:
    with pytest.raises(NotAllowedError):
        import_calendar(branch.desk("teller"), json.dumps(NEW_YEAR_2027).encode())
