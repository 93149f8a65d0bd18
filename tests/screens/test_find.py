"""Find: what is typed, what is shown, what is opened."""

from __future__ import annotations

from typing import Any

import pytest

from deskcrm.screens.find import FindScreen, columns
from deskcrm.widgets.hit_list import HitList, Line
from tests.screens.small_branch import LONG_COMPANY, SmallBranch, fill


@pytest.fixture
def small(desk: Any) -> SmallBranch:
    return fill(desk)


async def settle(app: Any, pilot: Any) -> None:
    for _ in range(3):
        await app.workers.wait_for_complete()
        await pilot.pause()


async def typed(app: Any, pilot: Any, text: str) -> HitList:
    app.screen.query_one("#find-input").value = text
    await settle(app, pilot)
    return app.screen.query_one(HitList)


def opened(app: Any) -> list[tuple[Any, ...]]:
    calls: list[tuple[Any, ...]] = []
    app.open_customer = lambda *args: calls.append(("customer", *args))
    app.open_call_sheet = lambda *args: calls.append(("call", *args))
    return calls


@pytest.mark.parametrize(
    ("text", "name"),
    [("王建", "王建国"), ("wjg", "王建国"), ("5678", "王建国"), ("C0000003", LONG_COMPANY)],
)
async def test_every_keystroke_shows_who_is_found(make_app, desk, small, *, text, name):
    app = make_app(FindScreen, desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        hits = await typed(app, pilot, text)
        shown = "\n".join(hits.render_line(y).text for y in range(hits.size.height))
        assert name[:6] in shown
        assert "13812345678" not in shown


async def test_arrows_move_and_enter_opens_while_the_input_keeps_the_focus(make_app, desk, small):
    app = make_app(FindScreen, desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        calls = opened(app)
        hits = await typed(app, pilot, "w")
        await pilot.press("down", "enter")
        assert app.screen.focused.id == "find-input"
        assert calls == [("customer", int(hits.keys[1]), [int(key) for key in hits.keys])]
        await pilot.press("up", "ctrl+k")
        assert calls[1:] == [("call", int(hits.keys[0]))]


async def test_the_cursor_is_in_view_also_of_a_list_longer_than_the_screen(make_app, desk):
    app = make_app(FindScreen, desk=desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(app, pilot)
        hits = app.screen.query_one(HitList)
        hits.show_lines(columns(), [Line(str(n), (f"n{n:02}", *[""] * 6)) for n in range(60)])

        def seen() -> list[str]:
            lines = [hits.render_line(y).text for y in range(1, hits.size.height)]
            return [line[:5].strip(" >") for line in lines]

        await pilot.pause()
        assert seen()[0] == "n00"
        await pilot.press(*["down"] * 45)
        assert hits.current_key == "45"
        assert seen()[-1] == "n45"
        await pilot.resize_terminal(100, 24)
        await pilot.pause()
        assert "n45" in seen()
        await pilot.press("pageup", "pageup", "pageup", "pageup")
        assert hits.current_key == "0"
        assert seen()[0] == "n00"


async def test_nobody_found_says_what_to_do(make_app, desk, small):
    app = make_app(FindScreen, desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        hits = await typed(app, pilot, "zzzz")
        assert hits.keys == ()
        assert "^N" in hits.text
        assert opened(app) == []
        await pilot.press("enter", "ctrl+k")
        assert opened(app) == []


async def test_text_of_a_customer_is_never_markup_or_an_escape(make_app, desk, small):
    app = make_app(FindScreen, desk=desk)
    async with app.run_test(size=(120, 36)) as pilot:
        hits = await typed(app, pilot, "Li")
        line = hits.render_line(1).text
        assert "Li [Wei] [/] [@click" in line
        assert "\x1b" not in line


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
@pytest.mark.parametrize("text", ["", "w"])
def test_it_looks_as_it_did(snap_compare, make_app, desk, small, *, language, size, text):
    app = make_app(FindScreen, desk=desk, language=language)

    async def before(pilot: Any) -> None:
        await typed(app, pilot, text)

    assert snap_compare(app, terminal_size=size, run_before=before)
