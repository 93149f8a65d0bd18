"""What is typed in one go arrives whole and in order, also over a screen that is just opening."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select
from textual import events
from textual.widgets import Input

from deskcrm.models import Followup, FollowupState
from deskcrm.screens.today import TodayScreen
from deskcrm.services.desk import Desk
from deskcrm.services.drafts import list_drafts
from tests.screens.days import busy_day, settled


def type_at_once(app: Any, keys: Iterable[str]) -> None:
    """As a terminal gives them that was read late: all keys in one piece."""
    for key in keys:
        app.post_message(events.Key(key, key if len(key) == 1 else None))


@pytest.fixture
def today(make_app: Any, desk: Desk) -> Any:
    """The queue of a busy day."""
    busy_day(desk)
    return make_app(TodayScreen, desk=desk)


def closed(desk: Desk) -> list[Followup]:
    """The follow-ups that were closed as done."""
    with desk.read() as session:
        found = select(Followup).where(col(Followup.state) == FollowupState.DONE)
        return list(session.exec(found))


@pytest.mark.parametrize("pauses", [0, 1, 2, 3, 5, 8, 13])
async def test_the_answer_to_a_dialog_may_be_typed_before_it_is_there(
    today: Any, desk: Desk, pauses: int
) -> None:
    async with today.run_test(size=(80, 24)) as pilot:
        await settled(today, pilot)
        first = today.screen.item.id
        before = {one.id for one in closed(desk)}
        type_at_once(today, "d")
        for _turn in range(pauses):
            await asyncio.sleep(0)
        type_at_once(today, "1")
        await settled(today, pilot)
        assert {one.id for one in closed(desk)} - before == {first}


async def test_a_date_typed_before_its_question_is_there_arrives_in_order(
    today: Any, desk: Desk
) -> None:
    async with today.run_test(size=(80, 24)) as pilot:
        await settled(today, pilot)
        first = today.screen.item.id
        type_at_once(today, ["f", *"+12d", "enter"])
        await settled(today, pilot)
        with desk.read() as session:
            deferred = session.get_one(Followup, first)
            assert deferred.defer_until == desk.today() + timedelta(days=12)


async def test_a_search_typed_with_its_key_finds(today: Any) -> None:
    async with today.run_test(size=(80, 24)) as pilot:
        await settled(today, pilot)
        type_at_once(today, ["f2", *"zhangwei"])
        await settled(today, pilot)
        assert today.screen.query_one(Input).value == "zhangwei"


async def test_a_dialog_that_goes_away_with_its_key_does_not_hold_up_the_keyboard(
    today: Any, desk: Desk
) -> None:
    async with today.run_test(size=(80, 24)) as pilot:
        await settled(today, pilot)
        type_at_once(today, ["d", "escape", "s", "escape", "f", *"+3d", "escape", "d", "1"])
        await settled(today, pilot)
        assert len(closed(desk)) == 1
        assert list_drafts(desk) == ()
