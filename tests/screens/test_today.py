"""Today: the queue in rank order, every action by key, undo, and what it looks like."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList

from deskcrm.actions import in_scope
from deskcrm.models import Followup, FollowupState, Officer
from deskcrm.screens.today import TodayScreen
from deskcrm.services.desk import Desk
from deskcrm.services.queue import queue, why
from deskcrm.widgets.brief import BriefDialog
from deskcrm.widgets.tables import PagedTable
from tests.desks import TestBranch, add_customer
from tests.screens.days import HOSTILE, LONG, busy_day, settled, text_of

LANGUAGES = ["zh_CN", "en"]
LOOKS = [(language, size) for language in LANGUAGES for size in ((80, 24), (120, 36))]


@pytest.fixture
def day(desk: Desk) -> dict[str, int]:
    """Ids of the follow-ups of a busy day, by customer."""
    return busy_day(desk)


@pytest.fixture
def busy_desk(desk: Desk, day: dict[str, int]) -> Desk:
    """The desk of that day."""
    return desk


def names_of(app: Any) -> list[str]:
    items = app.screen._items
    return [items[row.key].customer_name for row in app.screen.table._page]


def followup(desk: Desk, followup_id: int) -> Followup:
    with desk.read() as session:
        return session.get_one(Followup, followup_id)


async def on_name(app: Any, pilot: Pilot[Any], followup_id: int) -> None:
    app.screen.table.focus_key(str(followup_id))
    await settled(app, pilot)


async def test_the_queue_is_in_rank_order_with_words_for_lateness_and_promises(
    make_app: Any, desk: Desk, day: dict[str, int]
) -> None:
    app = make_app(TodayScreen, desk=desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await settled(app, pilot)
        assert names_of(app) == [item.customer_name for item in queue(desk).items]
        screen = text_of(app)
        for words in ("! 08:00", "> 15:00", "! 3 d late", "- today", "6 due", "3 overdue"):
            assert words in screen
        assert "2 promised today" in screen


async def test_a_hostile_name_is_shown_and_does_nothing(
    make_app: Any, desk: Desk, day: dict[str, int]
) -> None:
    app = make_app(TodayScreen, desk=desk)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await settled(app, pilot)
        await on_name(app, pilot, day[HOSTILE])
        assert "[/]]52;c;QQ==[@click=app.quit]Li Wei[/]" in text_of(app)
        await pilot.press("x", *"gone away", "enter")
        await settled(app, pilot)
        assert "\x1b" not in text_of(app)
        assert app.is_running
        assert followup(desk, day[HOSTILE]).state is FollowupState.DISMISSED


@pytest.mark.parametrize(
    ("keys", "check"),
    [
        (["d", "1"], lambda row: row.disposition == "done" and row.state is FollowupState.DONE),
        (["ctrl+d", "6"], lambda row: row.attempts == 1 and row.state is FollowupState.OPEN),
        (["s", "1"], lambda row: row.snooze_until == datetime(2026, 11, 23, 2, tzinfo=UTC)),
        (["s", "3"], lambda row: row.snooze_until == datetime(2026, 11, 24, 1, tzinfo=UTC)),
        (
            ["s", "5", *"fri 15:00", "enter"],
            lambda row: row.snooze_until == datetime(2026, 11, 27, 7, tzinfo=UTC),
        ),
        (["f", *"+3d", "enter"], lambda row: str(row.defer_until) == "2026-11-26"),
        (["x", *"moved abroad", "enter"], lambda row: row.closing_reason == "moved abroad"),
    ],
    ids=["done", "no answer", "an hour", "tomorrow", "typed", "deferred", "dismissed"],
)
async def test_an_action_takes_the_item_off_at_once_shows_the_next_and_is_undone_by_one_key(
    make_app: Any,
    desk: Desk,
    day: dict[str, int],
    keys: list[str],
    check: Callable[[Followup], bool],
) -> None:
    app = make_app(TodayScreen, desk=desk)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settled(app, pilot)
        before = names_of(app)
        await on_name(app, pilot, day[LONG])
        await pilot.press(*keys)
        await settled(app, pilot)
        assert check(followup(desk, day[LONG]))
        assert names_of(app) == [name for name in before if name != LONG]
        assert app.screen.item.customer_name == before[before.index(LONG) + 1]
        assert any("Undo: u" in note.message for note in app._notifications)
        await pilot.press("u")
        await settled(app, pilot)
        assert names_of(app) == before
        assert not check(followup(desk, day[LONG]))


async def test_a_follow_up_is_handed_to_a_colleague(
    make_app: Any, desk: Desk, branch: TestBranch, day: dict[str, int]
) -> None:
    app = make_app(TodayScreen, desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await on_name(app, pilot, day["王芳"])
        await pilot.press("t")
        await settled(app, pilot)
        listed = app.screen.query_one(OptionList)
        place = next(
            n for n in range(listed.option_count) if listed.get_option_at_index(n).id == "other"
        )
        await pilot.press(*["down"] * place, "enter")
        await settled(app, pilot)
        assert "王芳" not in names_of(app)
    with desk.read() as session:
        owner = session.get_one(Officer, session.get_one(Followup, day["王芳"]).owner_id)
        assert owner.login == "other"


async def test_an_action_on_several_names_them_first_and_is_one_undo(
    make_app: Any, desk: Desk, day: dict[str, int]
) -> None:
    app = make_app(TodayScreen, desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        before = names_of(app)
        await pilot.press("space", "space", "space", "space")
        assert "4 selected" in text_of(app)
        await pilot.press("f")
        await settled(app, pilot)
        assert "4 follow-ups" in text_of(app)
        assert before[0] in text_of(app)
        await pilot.press(*"+2d", "enter")
        await settled(app, pilot)
        assert names_of(app) == before[4:]
        assert app.screen.table.marked == set()
        await pilot.press("ctrl+z")
        await settled(app, pilot)
        assert names_of(app) == before


async def test_why_shows_every_term_and_their_sum(
    make_app: Any, desk: Desk, day: dict[str, int]
) -> None:
    app = make_app(TodayScreen, desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await on_name(app, pilot, day["张伟"])
        await pilot.press("w")
        await settled(app, pilot)
        reasons = why(desk, day["张伟"])
        screen = text_of(app)
        assert all(reason.text in screen for reason in reasons)
        assert f"{sum(reason.term.points for reason in reasons):,}" in screen


async def test_the_brief_folds_away_below_110_columns_and_a_key_shows_it(
    make_app: Any, desk: Desk, day: dict[str, int]
) -> None:
    app = make_app(TodayScreen, desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await on_name(app, pilot, day["张伟"])
        assert "What to say" not in text_of(app)
        await pilot.press("b")
        await settled(app, pilot)
        assert isinstance(app.screen, BriefDialog)
        screen = text_of(app)
        for words in (
            "Why now",
            "What to say",
            "Last contact",
            "想比较三年定期",
            "Current account",
        ):
            assert words in screen
        await pilot.press("escape")
        await pilot.resize_terminal(120, 36)
        await settled(app, pilot)
        assert "What to say" in text_of(app)


async def test_an_empty_queue_says_what_to_do_next(make_app: Any, desk: Desk) -> None:
    app = make_app(TodayScreen, desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        assert "Nothing is due now." in text_of(app)
        assert "F2" in text_of(app)
        await pilot.press("d", "s", "w", "space", "enter", "c")
        await settled(app, pilot)
        assert isinstance(app.screen, TodayScreen)


async def test_a_callback_that_comes_due_is_told_except_at_the_counter(
    make_app: Any, desk: Desk, day: dict[str, int]
) -> None:
    app = make_app(TodayScreen, desk=desk)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settled(app, pilot)
        app.screen.callback_due(2)
        await settled(app, pilot)
        assert [note.message for note in app._notifications] == ["2 promised calls are due now."]
        await pilot.press("f12")
        app.screen.callback_due(1)
        await settled(app, pilot)
        assert len(app._notifications) == 1
        assert app.status.held_back == 1


async def test_an_item_somebody_else_closed_is_told_and_goes(
    make_app: Any, desk: Desk, day: dict[str, int]
) -> None:
    app = make_app(TodayScreen, desk=desk)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settled(app, pilot)
        await on_name(app, pilot, day[LONG])
        with desk.write("followup.done") as work:
            work.session.get_one(Followup, day[LONG]).state = FollowupState.DONE
        await pilot.press("d", "1")
        await settled(app, pilot)
        assert any("already closed" in note.message for note in app._notifications)
        assert LONG not in names_of(app)


async def test_a_switch_of_language_reaches_every_line(
    make_app: Any, desk: Desk, day: dict[str, int]
) -> None:
    app = make_app(TodayScreen, desk=desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await settled(app, pilot)
        await pilot.press("f10")
        await settled(app, pilot)
        screen = text_of(app)
        for words in ("今日约定 2", "逾期3天", "按约定回电", "怎么说", "为何现在"):
            assert words in screen
        for words in ("today", "Call back", "late", "Why", "Customer"):
            assert words not in screen


def test_every_action_of_the_queue_has_a_key_that_no_input_method_takes() -> None:
    for action in in_scope("queue"):
        assert any(len(key) > 1 for key in action.keys), action.id


@pytest.mark.parametrize(("language", "size"), LOOKS)
def test_today_looks_as_it_did(
    snap_compare: Any, make_app: Any, busy_desk: Desk, language: str, size: tuple[int, int]
) -> None:
    app = make_app(TodayScreen, desk=busy_desk, language=language)

    async def show(pilot: Pilot[Any]) -> None:
        await settled(app, pilot)
        await pilot.press("down")
        await settled(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=show)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_empty_day_looks_as_it_did(
    snap_compare: Any, make_app: Any, desk: Desk, language: str
) -> None:
    app = make_app(TodayScreen, desk=desk, language=language)
    assert snap_compare(app, run_before=lambda pilot: settled(app, pilot))


async def test_a_long_queue_shows_its_first_page_and_counts_it_all(
    make_app: Any, desk: Desk
) -> None:
    customer_id = add_customer(desk)
    with desk.write("followup.add") as work:
        for number in range(520):
            work.add(
                Followup(
                    customer_id=customer_id,
                    rule_code="manual",
                    period=str(number),
                    owner_id=desk.officer.id,
                    due_on=desk.today(),
                    raised_at=work.now,
                )
            )
    app = make_app(TodayScreen, desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        assert app.screen.query_one(PagedTable).row_count == 500
        assert "520 due" in text_of(app)
