"""Customer 360: ten tabs, the banner, reading in clear, and what can be done and undone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from deskcrm.models import Customer, Followup, LedgerEntry
from deskcrm.screens.customer import TABS, CustomerScreen
from deskcrm.services.customer_360 import customer_360
from deskcrm.widgets.form_dialog import FormDialog
from deskcrm.widgets.text import SafeStatic
from tests.screens.small_branch import SmallBranch, fill
from tests.screens.test_find import opened, settle

KEYS = "1234567890"


@pytest.fixture
def small(desk: Any) -> SmallBranch:
    return fill(desk)


@pytest.fixture
def make(make_app, desk):
    def made(customer_id: int, *among: int, **options: Any) -> Any:
        return make_app(lambda: CustomerScreen(customer_id, among), desk=desk, **options)

    return made


def text_of(app: Any) -> str:
    """All that is written on the screen."""
    height = app.size.height
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in lines[:height])


def clear_line(app: Any) -> SafeStatic:
    return app.screen.query_one("#customer-clear", SafeStatic)


@pytest.mark.parametrize("who", ["wang", "uyghur", "company", "prospect", "empty", "hostile"])
async def test_every_tab_of_every_customer_shows_something(make, small, who):
    app = make(getattr(small, who))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        for key in KEYS:
            await pilot.press(key)
            await settle(app, pilot)
            body = text_of(app).splitlines()[8:-2]
            assert any(line.strip() for line in body), key
            assert "\x1b" not in "".join(body)


async def test_no_sensitive_value_is_on_any_tab(make, small):
    app = make(small.wang)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(app, pilot)
        for key in KEYS:
            await pilot.press(key)
            await settle(app, pilot)
            shown = text_of(app)
            for secret in ("13812345678", "330102195812011234", "6217001180012345678", "解放路"):
                assert secret not in shown


async def test_an_account_the_customer_may_only_use_is_marked_so(make, small):
    app = make(small.wang)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(app, pilot)
        await pilot.press("2")
        await settle(app, pilot)
        await pilot.press("down", "down")
        await settle(app, pilot)
        assert "Authorised: Current account" in text_of(app)
        assert "may only use it" in text_of(app)


async def test_a_value_read_in_clear_needs_a_reason_and_goes_with_the_screen(make, desk, small):
    app = make(small.wang)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        await pilot.press("v")
        await settle(app, pilot)
        await pilot.press("1", *"core", "enter")
        await settle(app, pilot)
        assert "13812345678" in clear_line(app).render().plain
        assert all("13812345678" not in note.message for note in app._notifications)
        with desk.read() as session:
            read = session.exec(select(LedgerEntry).where(LedgerEntry.operation == "read")).one()
            assert read.reason == "core"
        await pilot.press("f1")
        await settle(app, pilot)
        await pilot.press("escape")
        await settle(app, pilot)
        assert not clear_line(app).display


async def test_do_not_call_is_set_and_taken_back(make, desk, small):
    app = make(small.wang)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        await pilot.press("d")
        await settle(app, pilot)
        assert "Do not call" in text_of(app).splitlines()[3]
        await pilot.press("u")
        await settle(app, pilot)
        with desk.read() as session:
            assert session.get_one(Customer, small.wang).do_not_call is False


async def test_a_followup_is_added_for_a_day_as_people_say_it(make, desk, small):
    app = make(small.empty)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        await pilot.press("a")
        await settle(app, pilot)
        assert isinstance(app.screen, FormDialog)
        await pilot.press(*"call", "enter", *"+3d", "ctrl+s")
        await settle(app, pilot)
        assert isinstance(app.screen, CustomerScreen)
        assert "2026-11-26" in text_of(app)
        with desk.read() as session:
            rows = session.exec(select(Followup).where(Followup.customer_id == small.empty)).all()
            assert [(row.title, row.due_on) for row in rows] == [("call", date(2026, 11, 26))]


async def test_a_form_with_errors_stays_and_says_which_field(make, small):
    app = make(small.empty)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press("a")
        await settle(app, pilot)
        await pilot.press(*"call", "ctrl+s")
        await settle(app, pilot)
        assert isinstance(app.screen, FormDialog)
        assert app.screen.query_one("#field-due_on").error is not None


async def test_a_note_is_pinned_and_tags_are_put_on(make, desk, small):
    app = make(small.empty)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await settle(app, pilot)
        await pilot.press("p")
        await settle(app, pilot)
        await pilot.press(*"late", "enter")
        await settle(app, pilot)
        await pilot.press("t")
        await settle(app, pilot)
        await pilot.press(*"vip", "enter")
        await settle(app, pilot)
        view = customer_360(desk, small.empty)
        assert view.overview.tags == ("vip",)
        assert {"note": "late"} in [alert.values for alert in view.alerts]


async def test_enter_in_the_timeline_shows_the_whole_note(make, small):
    app = make(small.wang)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press("4")
        await settle(app, pilot)
        await pilot.press("down", "enter")
        await settle(app, pilot)
        assert "两款产品的说明书" in text_of(app)


async def test_the_next_customer_of_the_list_is_a_key_away_on_the_same_tab(make, small):
    app = make(small.wang, small.wang, small.company)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        await pilot.press("8", "n")
        await settle(app, pilot)
        assert app.screen.customer_id == small.company
        assert "艾尼瓦尔" in text_of(app)
        await pilot.press("b")
        await settle(app, pilot)
        assert app.screen.customer_id == small.wang


async def test_the_call_sheet_and_the_form_open_for_this_customer(make, small):
    app = make(small.wang)
    async with app.run_test(size=(80, 24)) as pilot:
        calls = opened(app)
        app.open_customer_form = lambda *args: calls.append(("form", *args))
        await settle(app, pilot)
        await pilot.press("c", "ctrl+k", "e")
        assert calls == [("call", small.wang), ("call", small.wang), ("form", small.wang)]


async def test_an_empty_tab_says_what_to_do_next(make, small):
    app = make(small.empty)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        for key in KEYS[1:8]:
            await pilot.press(key)
            await settle(app, pilot)
            tab = app.screen._tabs[KEYS.index(key)]
            said = tab._empty.render().plain
            assert tab._empty.display, key
            assert len(said.split("\n\n")[1]) > 10


async def test_a_customer_out_of_care_is_refused_in_words(make, branch, small, make_app):
    app = make_app(lambda: CustomerScreen(small.wang), desk=branch.desk("other"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        assert "No such record" in text_of(app)


def test_every_tab_has_an_action():
    assert len(TABS) == len(KEYS)
    assert all(
        hasattr(CustomerScreen, f"action_tab_{name.lower().replace('-', '')}")
        for name, _make in TABS
    )


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
@pytest.mark.parametrize("key", KEYS)
def test_it_looks_as_it_did(snap_compare, make, small, *, language, size, key):
    app = make(small.wang, language=language)

    async def before(pilot: Any) -> None:
        await settle(app, pilot)
        await pilot.press(key)
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("who", ["company", "empty", "hostile"])
def test_others_look_as_they_did(snap_compare, make, small, *, language, who):
    app = make(getattr(small, who), language=language)

    async def before(pilot: Any) -> None:
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=(80, 24), run_before=before)
