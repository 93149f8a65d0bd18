"""What every screen gets from the shell."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.widgets import Input

from deskcrm.actions import bindings
from deskcrm.errors import DeskError
from deskcrm.i18n import N_
from deskcrm.screens.base import WRITES, DeskScreen
from deskcrm.widgets.footer import KeyFooter
from deskcrm.widgets.status_bar import Status, StatusBar
from deskcrm.widgets.tables import Column, PagedTable, Row

COLUMNS = [
    Column("name", N_("Name"), 12, grow=True),
    Column("due", N_("Due"), 10, justify="right"),
    Column("extra", N_("Extra"), 60, optional=True),
]


class Listing(DeskScreen[None]):
    """A small queue."""

    SCOPE = "queue"
    TITLE_ID = N_("Today")
    BINDINGS = bindings("queue")

    def __init__(self) -> None:
        super().__init__()
        self.done: list[Any] = []

    def compose_body(self) -> ComposeResult:
        yield Input(id="filter")
        yield PagedTable(COLUMNS, markable=True)

    def on_mount(self) -> None:
        self.query_one(PagedTable).focus()

    def action_done(self) -> None:
        self.done.append("done")


def service(desk: Any, value: Any, gate: threading.Event | None = None) -> Any:
    if gate is not None:
        gate.wait(5)
    if isinstance(value, Exception):
        raise value
    return (desk.officer.login, value)


async def test_a_service_gets_the_desk_and_its_result_comes_back_on_the_ui_thread(make_app):
    app = make_app(Listing)
    async with app.run_test(size=(80, 24)) as pilot:
        got: list[Any] = []
        app.screen.call(service, 7, then=lambda r: got.append((r, threading.current_thread())))
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert got == [(("wangfang", 7), threading.main_thread())]


async def test_only_the_newest_read_of_a_group_is_delivered(make_app):
    app = make_app(Listing)
    async with app.run_test(size=(80, 24)) as pilot:
        got: list[Any] = []
        gate = threading.Event()
        app.screen.call(service, "old", gate=gate, then=got.append)
        await pilot.pause()
        app.screen.call(service, "new", then=got.append)
        gate.set()
        for _ in range(20):
            await pilot.pause(0.02)
        assert got == [("wangfang", "new")]


async def test_every_write_is_delivered(make_app):
    app = make_app(Listing)
    async with app.run_test(size=(80, 24)) as pilot:
        got: list[Any] = []
        for number in range(3):
            app.screen.call(service, number, then=got.append, group=WRITES)
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert sorted(value for _login, value in got) == [0, 1, 2]


async def test_an_error_for_people_is_shown_as_its_sentence(make_app):
    app = make_app(Listing)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        app.screen.call(service, DeskError())
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert [note.message for note in app._notifications] == [str(DeskError())]


async def test_a_fault_of_the_program_shows_a_number_and_logs_no_value(make_app, tmp_path):
    app = make_app(Listing)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        app.screen.call(service, ValueError("330102199001011234"))
        await app.workers.wait_for_complete()
        await pilot.pause()
        [note] = app._notifications
    log = (tmp_path / "logs" / "faults.log").read_text()
    assert "330102199001011234" not in log + note.message
    assert "ValueError" in log
    number = log.split()[1]
    assert number in note.message


async def test_keys_run_the_registered_actions_but_letters_go_into_an_input(make_app):
    app = make_app(Listing)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("d", "ctrl+d")
        assert app.screen.done == ["done", "done"]
        app.screen.query_one(Input).focus()
        await pilot.press("d", "1", "slash")
        assert app.screen.query_one(Input).value == "d1/"
        assert app.screen.done == ["done", "done"]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_the_footer_never_clips_and_says_where_the_rest_is(make_app, language, size):
    app = make_app(Listing, language=language)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        footer = app.screen.query_one(KeyFooter)
        line = footer.render()
        assert line.cell_length <= size[0] - 2
        assert line.plain.split("  ")[-1].startswith("? ")


async def test_a_switch_of_language_reaches_bindings_headings_and_status(make_app):
    app = make_app(Listing)
    async with app.run_test(size=(120, 36)) as pilot:
        app.set_status(Status(due=3))
        await pilot.pause()
        before = app.screen.query_one(KeyFooter).render().plain
        assert "Snooze" in before
        app.switch_language("zh_CN")
        await pilot.pause()
        assert "Snooze" not in app.screen.query_one(KeyFooter).render().plain
        assert "due 3" not in app.screen.query_one(StatusBar).render().plain


async def test_a_table_keeps_its_cursor_on_the_same_row_and_its_numbers_to_the_right(make_app):
    app = make_app(Listing)
    async with app.run_test(size=(80, 24)) as pilot:
        table = app.screen.query_one(PagedTable)
        rows = [Row(str(n), [f"客户{n}", f"{n}", "x"]) for n in range(5)]
        table.fill(rows, total=900)
        table.focus_key("3")
        await pilot.pause()
        table.fill(rows[2:])
        assert table.current_key == "3"
        table.fill(rows[:2])
        assert table.current_key == "1"
        assert [column.label.plain for column in table.ordered_columns][1:] == [
            "Name",
            "       Due"[-3:],
        ]
        assert table.get_cell("1", "due").justify == "right"


async def test_marked_rows_are_what_an_action_works_on(make_app):
    app = make_app(Listing)
    async with app.run_test(size=(80, 24)):
        table = app.screen.query_one(PagedTable)
        table.fill([Row(str(n), [f"n{n}", "", ""]) for n in range(3)])
        assert table.chosen_keys == ["0"]
        table.toggle_mark()
        table.toggle_mark()
        assert table.chosen_keys == ["0", "1"]
        table.clear_marks()
        assert table.chosen_keys == ["2"]
