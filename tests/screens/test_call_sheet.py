"""The call sheet: few keystrokes, nothing lost, nothing twice, nothing without a next step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col, select
from textual.pilot import Pilot

from deskcrm.clock import FrozenClock
from deskcrm.models import Followup, FollowupState, Interaction, LedgerEntry, NextStep
from deskcrm.screens.base import DeskScreen
from deskcrm.screens.call_sheet import CallSheetScreen
from deskcrm.screens.today import TodayScreen
from deskcrm.services.desk import Desk
from deskcrm.services.drafts import list_drafts
from deskcrm.services.followups import done
from deskcrm.services.queue import queue
from tests.screens.days import HOSTILE, LONG, busy_day, settled, text_of

LANGUAGES = ["zh_CN", "en"]
LOOKS = [(language, size) for language in LANGUAGES for size in ((80, 24), (120, 36))]


class Beneath(DeskScreen[None]):
    """A screen from which a call sheet is opened."""

    def __init__(self, customer_id: int, followup_id: int | None) -> None:
        super().__init__()
        self.about = customer_id, followup_id

    def on_mount(self) -> None:
        self.desk_app.open_call_sheet(*self.about)


@pytest.fixture
def day(desk: Desk) -> dict[str, int]:
    """Ids of the follow-ups of a busy day, by customer."""
    return busy_day(desk)


@pytest.fixture
def sheet_of(make_app: Any, desk: Desk, day: dict[str, int]) -> Callable[..., Any]:
    """``sheet_of("张伟")``: an app that opens this customer's call sheet."""

    def make(name: str, *, with_followup: bool = True, **options: Any) -> Any:
        with desk.read() as session:
            customer_id = session.get_one(Followup, day[name]).customer_id
        followup_id = day[name] if with_followup else None
        return make_app(lambda: Beneath(customer_id, followup_id), desk=desk, **options)

    return make


def logged(desk: Desk) -> list[Interaction]:
    """The contacts that were taken down here, the newest first."""
    with desk.read() as session:
        rows = session.exec(
            select(Interaction)
            .where(col(Interaction.form_key).is_not(None))
            .order_by(col(Interaction.id).desc())
        )
        return list(rows)


async def test_a_call_is_logged_with_at_most_twelve_keys_besides_the_notes(
    make_app: Any, desk: Desk, day: dict[str, int]
) -> None:
    app = make_app(TodayScreen, desk=desk)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settled(app, pilot)
        first, *others = queue(desk).items
        following = next(item for item in others if item.due_at is None)
        opened = ["c"]
        outcome = ["2"]
        notes = [*"wants the rate", "enter", *"in writing"]
        after_notes = ["tab", "4", "enter", "1", *"+3d", "enter"]
        for keys in (opened, outcome, notes, after_notes):
            await pilot.press(*keys)
            await settled(app, pilot)
        assert len([*opened, *outcome, *after_notes]) <= 12
        [contact] = logged(desk)
        assert contact.customer_id == first.customer_id
        assert (contact.outcome, contact.satisfaction) == ("interested", 4)
        assert contact.notes == "wants the rate\nin writing"
        assert (contact.next_kind, contact.next_on) == (NextStep.CALLBACK, date(2026, 11, 26))
        assert isinstance(app.screen, CallSheetScreen)
        assert app.screen.subject.followup_id == following.id
        [told] = [note.message for note in app._notifications]
        assert "Next contact by 2027-02-21" in told
        assert "Undo: u" in told
        await pilot.press("escape")
        await settled(app, pilot)
        assert isinstance(app.screen, TodayScreen)
        assert first.id not in [item.id for item in queue(desk).items]


async def test_the_undo_key_takes_a_saved_call_back_from_the_next_sheet(
    make_app: Any, desk: Desk, day: dict[str, int]
) -> None:
    app = make_app(TodayScreen, desk=desk)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settled(app, pilot)
        before = [item.id for item in queue(desk).items]
        await pilot.press("c")
        await settled(app, pilot)
        await pilot.press("1", "tab", "enter", "enter", "0", *"all settled", "ctrl+s")
        await settled(app, pilot)
        assert logged(desk)[0].no_next_reason == "all settled"
        await pilot.press("u")
        await settled(app, pilot)
        assert logged(desk) == []
        assert [item.id for item in queue(desk).items] == before


@pytest.mark.parametrize("save", ["ctrl+s", "ctrl+o"])
async def test_saving_without_outcome_and_next_step_is_refused_beside_the_fields(
    sheet_of: Any, desk: Desk, save: str
) -> None:
    app = sheet_of("张伟")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await pilot.press(save)
        await settled(app, pilot)
        screen = text_of(app)
        assert "! Choose one of the outcomes offered." in screen
        assert "! Give the next step, or say why there is none." in screen
        assert app.focused.id == "input-outcome"
        assert logged(desk) == []


async def test_no_next_step_wants_a_reason(sheet_of: Any, desk: Desk) -> None:
    app = sheet_of("张伟")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await pilot.press("1", "tab", "tab", "tab", "0", "ctrl+s")
        await settled(app, pilot)
        assert "! Say why there is no next step." in text_of(app)
        assert app.focused.id == "input-no_next_reason"
        await pilot.press(*"moved away", "enter")
        await settled(app, pilot)
        assert logged(desk)[0].no_next_reason == "moved away"


async def test_a_date_that_is_not_understood_or_lies_ahead_is_refused_beside_its_field(
    sheet_of: Any, desk: Desk
) -> None:
    app = sheet_of("张伟")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await pilot.press("shift+tab", *"someday", "ctrl+s")
        await settled(app, pilot)
        assert "! This is not read as a date that can be taken." in text_of(app)
        assert app.focused.id == "input-at"


async def test_nobody_reached_needs_no_next_step_and_comes_back_by_itself(
    sheet_of: Any, desk: Desk, day: dict[str, int]
) -> None:
    app = sheet_of(LONG)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await pilot.press("6")
        await settled(app, pilot)
        assert "without a next step it comes back 2026-11-23 11:30" in text_of(app)
        await pilot.press("ctrl+s")
        await settled(app, pilot)
    with desk.read() as session:
        row = session.get_one(Followup, day[LONG])
        assert (row.attempts, row.state) == (1, FollowupState.OPEN)
        assert row.snooze_until is not None


async def test_a_contact_of_the_day_before_counts_from_its_own_day(
    sheet_of: Any, desk: Desk
) -> None:
    app = sheet_of("王芳")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await pilot.press("shift+tab", *"yesterday 3pm")
        assert "Sun 2026-11-22 15:00" in text_of(app)
        await pilot.press("enter", "1", "tab", "enter", "enter", "2", *"fri", "ctrl+s")
        await settled(app, pilot)
    [contact] = logged(desk)
    assert contact.contact_on == date(2026, 11, 22)
    assert (contact.next_kind, contact.next_on) == (NextStep.VISIT, date(2026, 11, 27))


async def test_what_was_typed_is_kept_and_offered_again_with_its_key(
    sheet_of: Any, desk: Desk
) -> None:
    app = sheet_of("张伟")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await pilot.press("2", *"half a sentence")
        app.screen.form.flush()
        await settled(app, pilot)
        [draft] = list_drafts(desk)
        assert draft.values["notes"] == "half a sentence"
        assert draft.values["form_key"] == app.screen.subject.form_key
    again = sheet_of("张伟")
    async with again.run_test(size=(80, 24)) as pilot:
        await settled(again, pilot)
        assert again.screen.form.values["notes"] == "half a sentence"
        assert again.screen.subject.form_key == draft.values["form_key"]
        assert "Your draft of 2026-11-23 09:00 is here again" in text_of(again)
        await pilot.press("ctrl+r")
        await settled(again, pilot)
        assert again.screen.form.values["notes"] is None
        assert list_drafts(desk) == ()
        assert again.screen.subject.form_key != draft.values["form_key"]


async def test_leaving_keeps_the_draft_at_once_and_an_untouched_sheet_leaves_none(
    make_app: Any, desk: Desk, day: dict[str, int]
) -> None:
    app = make_app(TodayScreen, desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await pilot.press("c")
        await settled(app, pilot)
        await pilot.press("escape")
        await settled(app, pilot)
        assert list_drafts(desk) == ()
        await pilot.press("c")
        await settled(app, pilot)
        await pilot.press("1", "x", "escape")
        await settled(app, pilot)
        assert [draft.values["notes"] for draft in list_drafts(desk)] == ["x"]


async def test_enter_twice_saves_once_and_the_draft_is_gone(sheet_of: Any, desk: Desk) -> None:
    app = sheet_of("张伟")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await pilot.press("1", "x", "tab", "enter", "enter", "1", *"+1d")
        app.screen.form.flush()
        await pilot.press("enter", "enter", "ctrl+s")
        await settled(app, pilot)
    assert len(logged(desk)) == 1
    assert list_drafts(desk) == ()


async def test_a_draft_left_by_a_crash_after_saving_is_not_logged_twice(
    sheet_of: Any, desk: Desk
) -> None:
    app = sheet_of("张伟", with_followup=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await pilot.press("1", "x", "tab", "enter", "enter", "1", *"+1d")
        app.screen.form.flush()
        await settled(app, pilot)
        app.screen._forget_draft = lambda _desk: None
        await pilot.press("enter")
        await settled(app, pilot)
    assert len(logged(desk)) == 1
    again = sheet_of("张伟", with_followup=False)
    async with again.run_test(size=(80, 24)) as pilot:
        await settled(again, pilot)
        await pilot.press("ctrl+s")
        await settled(again, pilot)
        assert "had been saved already" in text_of(again)
    assert len(logged(desk)) == 1


async def test_the_number_is_shown_for_this_call_only_and_that_is_written_down(
    sheet_of: Any, desk: Desk
) -> None:
    app = sheet_of("张伟")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        assert "138****0000" in text_of(app)
        assert "13800000000" not in text_of(app)
        await pilot.press("ctrl+t")
        await settled(app, pilot)
        assert "13800000000" in text_of(app)
        with desk.read() as session:
            read = session.exec(select(LedgerEntry).where(LedgerEntry.operation == "read")).one()
            assert "channel" in read.changes
        await pilot.press("f1", "escape")
        await settled(app, pilot)
        assert "13800000000" not in text_of(app)


async def test_after_the_last_item_one_is_back_in_the_queue(
    make_app: Any, desk: Desk, day: dict[str, int]
) -> None:
    last = queue(desk).items[-1].id
    done(desk, [item.id for item in queue(desk).items if item.id != last])
    app = make_app(TodayScreen, desk=desk)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settled(app, pilot)
        await pilot.press("c")
        await settled(app, pilot)
        await pilot.press("1", "tab", "enter", "enter", "0", *"settled", "enter")
        await settled(app, pilot)
        assert isinstance(app.screen, TodayScreen)
        assert any("last one" in note.message for note in app._notifications)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["张伟", HOSTILE, LONG], ids=["history", "hostile", "long"])
async def test_the_whole_sheet_fits_80_by_24_without_scrolling(
    sheet_of: Any, name: str, language: str
) -> None:
    app = sheet_of(name, language=language)
    async with app.run_test(size=(80, 24)) as pilot:
        for key in ("", "ctrl+s", "6"):  # empty, refused, nobody reached
            await pilot.press(*filter(None, [key]))
            await settled(app, pilot)
            form = app.screen.form
            assert form.max_scroll_y == 0
            for field in form.fields.values():
                if field.display:
                    assert form.region.contains_region(field.region), field.spec.name


async def test_drafts_come_within_two_seconds_of_typing(
    sheet_of: Any, desk: Desk, clock: FrozenClock
) -> None:
    app = sheet_of("张伟")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        await pilot.press("2")
        clock.advance(timedelta(minutes=1))
        await pilot.pause(1.8)
        await settled(app, pilot)
        assert [draft.values["outcome"] for draft in list_drafts(desk)] == ["interested"]
        assert app.status.draft


@pytest.mark.parametrize(("language", "size"), LOOKS)
def test_the_call_sheet_looks_as_it_did(
    snap_compare: Any, sheet_of: Any, language: str, size: tuple[int, int]
) -> None:
    app = sheet_of("张伟", language=language)

    async def show(pilot: Pilot[Any]) -> None:
        await settled(app, pilot)
        await pilot.press("3", *"想比较利率", "tab", "4", *"存款,房贷", "enter", "1", *"周五15:00")
        await settled(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=show)
