"""The list of customers: pages, filters, orders."""

from __future__ import annotations

from typing import Any

import pytest

from deskcrm.screens import customers as module
from deskcrm.screens.customers import CustomersScreen
from deskcrm.widgets.text import SafeStatic
from deskcrm.widgets.turning_table import TurningTable
from tests.desks import add_customer
from tests.screens.small_branch import SmallBranch, fill
from tests.screens.test_find import opened, settle


@pytest.fixture
def small(desk: Any) -> SmallBranch:
    return fill(desk)


def caption(app: Any) -> str:
    return app.screen.query_one("#customers-caption", SafeStatic).render().plain


async def test_keys_narrow_and_sort_the_list(make_app, desk, small):
    app = make_app(CustomersScreen, desk=desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(app, pilot)
        table = app.screen.query_one(TurningTable)
        assert table.row_count == 6
        await pilot.press("k", "k")
        await settle(app, pilot)
        assert [table.current_key] == [str(small.company)]
        await pilot.press("escape")
        await settle(app, pilot)
        assert table.row_count == 6
        await pilot.press("f")
        app.screen.query_one("#customers-text").value = "wang"
        await settle(app, pilot)
        assert table.current_key == str(small.wang)
        assert caption(app).startswith("1 to 1 of 1")


async def test_a_filter_that_nobody_fits_says_how_to_leave_it(make_app, desk, small):
    app = make_app(CustomersScreen, desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        app.screen.query_one("#customers-text").value = "zzzz"
        await settle(app, pilot)
        assert "Esc" in app.screen.query_one("#customers-empty", SafeStatic).render().plain


async def test_going_on_past_the_last_row_turns_the_page(make_app, desk, monkeypatch):
    monkeypatch.setattr(module, "PAGE", 2)
    ids = [add_customer(desk, name) for name in ("安一", "白二", "陈三")]
    app = make_app(CustomersScreen, desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        table = app.screen.query_one(TurningTable)
        await pilot.press("down", "down")
        await settle(app, pilot)
        assert table.current_key == str(ids[2])
        assert caption(app).startswith("3 to 3 of 3")
        await pilot.press("down", "up")
        await settle(app, pilot)
        assert table.current_key == str(ids[1])


async def test_enter_opens_the_customer_with_the_list_around_it(make_app, desk, small):
    app = make_app(CustomersScreen, desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        calls = opened(app)
        await settle(app, pilot)
        await pilot.press("enter", "c")
        [(_customer, first, among), call] = calls
        assert among[0] == first
        assert set(among) == {
            small.wang,
            small.uyghur,
            small.company,
            small.prospect,
            small.empty,
            small.hostile,
        }
        assert call == ("call", first)


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
def test_it_looks_as_it_did(snap_compare, make_app, desk, small, *, language, size):
    app = make_app(CustomersScreen, desk=desk, language=language)

    async def before(pilot: Any) -> None:
        await settle(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)
