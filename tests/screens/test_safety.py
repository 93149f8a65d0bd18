"""What must hold on every screen: safe text, the lock, crashes without data, a light start."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from textual.app import ComposeResult
from textual.color import Color

from deskcrm import terminal
from deskcrm.actions import ACTIONS, bindings
from deskcrm.app import DeskApp
from deskcrm.config import Settings, SettingsError, load_settings, save_settings
from deskcrm.faults import redacted_trace
from deskcrm.i18n import N_
from deskcrm.screens.base import DeskScreen
from deskcrm.screens.first_run import FirstRunScreen, RecoveryCodeScreen
from deskcrm.screens.gate import Gate
from deskcrm.screens.lock import LockScreen
from deskcrm.screens.too_small import TooSmallScreen
from deskcrm.screens.unlock import UnlockScreen
from deskcrm.vault.errors import WrongPasswordError
from deskcrm.widgets.tables import Column, PagedTable, Row
from deskcrm.widgets.text import SafeFilter, SafeLabel, SafeStatic, show
from tests.screens.conftest import desk_stub
from tests.screens.test_forms import text_of

HOSTILE = [
    "[/]",
    "Li [Wei]",
    "[@click=app.quit]x[/]",
    "\x1b]52;c;QUJD\x07",
    "\x1b[2J",
    "a\u202egnp.exe",
    "\u200b\u2066x",
    "王\x00芳",
    "\x9b31m",
]
UNSAFE = "\x00\x07\x1b\x7f\x9b\u200b\u202e\u2066\ud800\ue000"
SUBPROCESS = Path(__file__).parent / "first_frame.py"


class Card(DeskScreen[None]):
    """A customer in every kind of widget."""

    SCOPE = "queue"
    TITLE_ID = N_("Customer")
    BINDINGS = bindings("queue")

    def __init__(self, name: str = "客户甲") -> None:
        super().__init__()
        self.customer = name

    @property
    def header_title(self) -> str:
        return self.customer

    def compose_body(self) -> ComposeResult:
        yield SafeStatic(show(self.customer))
        yield SafeLabel(show(self.customer, 20))
        yield PagedTable([Column("name", self.customer, 30)])

    def on_mount(self) -> None:
        self.query_one(PagedTable).fill(
            [Row("1", [self.customer]), Row("2", [(None, "bold $error")])]
        )
        self.desk_app.toast(self.customer)


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_hostile_text_is_shown_inert_in_every_kind_of_widget(make_app, hostile):
    app = make_app(lambda: Card(hostile))
    async with app.run_test(size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        shown = text_of(app)
        assert not set(UNSAFE) & set(shown)
        visible = show(hostile).plain
        assert shown.count(visible) >= 4
        await pilot.click(PagedTable, offset=(3, 1))
        assert app.is_running


@given(st.text(alphabet=st.characters(), max_size=40))
def test_nothing_that_acts_on_a_terminal_gets_past_the_filter(text):
    [segment] = SafeFilter().apply([Segment(text)], Color(0, 0, 0))
    assert not set(UNSAFE) & set(segment.text)
    assert SafeFilter().apply([segment], Color(0, 0, 0)) == [segment]


async def test_the_filter_stands_first_in_the_app(make_app):
    app = make_app(Card)
    async with app.run_test(size=(80, 24)):
        assert isinstance(app.get_line_filters()[0], SafeFilter)


async def test_the_lock_covers_the_customer_and_no_action_reaches_through_it(make_app):
    app = make_app(Card, gate=Gate(check_password=_never))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause()
        assert "客户甲" in text_of(app)
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert isinstance(app.screen, LockScreen)
        assert "客户甲" not in text_of(app)
        for action in ACTIONS.values():
            if action.id in ("app.quit", "lock.other_officer", "app.next_language"):
                continue
            for key in action.keys:
                if key not in ("f1", "?", "ctrl+underscore", "enter", "ctrl+o"):
                    await pilot.press(key if len(key) > 1 or key.isalnum() else "x")
        app.toast("客户甲")
        await pilot.pause()
        assert isinstance(app.screen, LockScreen)
        assert "客户甲" not in text_of(app)
        await pilot.press("f1")
        assert "客户甲" not in text_of(app)
        assert not app.check_action("palette", ())
        await app.run_action("app.screenshot")
        assert list(app.vault_home.glob("**/*.svg")) == []


async def test_the_lock_opens_only_with_the_password_and_everything_is_as_it_was(make_app):
    app = make_app(Card, gate=Gate(check_password=_only("right")))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+l", *"wrong", "enter")
        await _settled(app, pilot)
        assert isinstance(app.screen, LockScreen)
        assert str(WrongPasswordError())[:20] in text_of(app)
        await pilot.press(*"right", "enter")
        await _settled(app, pilot)
        assert "客户甲" in text_of(app)
        assert app.screen.query_one(PagedTable).current_key == "1"


async def test_another_officer_finds_nothing_of_the_one_before(make_app):
    closed: list[Any] = []
    app = make_app(Card, gate=Gate(has_vault=lambda _home: True, close_desk=closed.append))
    async with app.run_test(size=(80, 24)) as pilot:
        before = app.screen
        await pilot.press("ctrl+l", "ctrl+o")
        await _settled(app, pilot)
        assert isinstance(app.screen, UnlockScreen)
        assert app.desk is None
        assert not before.is_attached
        assert len(closed) == 1


async def test_the_desk_locks_after_the_idle_minutes_and_a_waking_key_is_swallowed(make_app):
    now = [0.0]
    app = make_app(
        Card, idle_clock=lambda: now[0], settings=Settings(language="en", idle_minutes=2)
    )
    async with app.run_test(size=(80, 24)) as pilot:
        now[0] = 119.0
        await pilot.press("x")
        now[0] += 119.0
        assert not app.lock_if_idle()
        now[0] += 1.0
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, LockScreen)


async def test_a_crash_prints_a_number_and_no_data(make_app, tmp_path, capsys):
    class Crashing(Card):
        def action_done(self) -> None:
            secret = "330102199001011234"
            raise ValueError(secret)

    app = make_app(Crashing)
    with pytest.raises(ValueError, match="3301"):
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("d")
    printed = capsys.readouterr()
    log = (tmp_path / "logs" / "faults.log").read_text()
    assert "330102199001011234" not in printed.out + printed.err + log
    assert log.split()[1] in printed.err
    assert app.return_code == 1


def test_a_redacted_trace_names_causes_and_places_but_no_messages():
    try:
        try:
            raise KeyError("secret-one")
        except KeyError as cause:
            raise ValueError("secret-two") from cause
    except ValueError as error:
        trace = redacted_trace(error)
    assert "secret" not in trace
    assert trace.index("KeyError") < trace.index("ValueError")
    assert "test_safety.py" in trace


@pytest.mark.parametrize("size", [(79, 24), (80, 23), (40, 10)])
async def test_a_window_that_is_too_small_says_so_and_recovers(make_app, size):
    app = make_app(Card)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.resize_terminal(*size)
        await pilot.pause()
        assert isinstance(app.screen, TooSmallScreen)
        assert "客户甲" not in text_of(app)
        await pilot.resize_terminal(120, 36)
        await pilot.pause()
        assert isinstance(app.screen, Card)


async def test_a_side_pane_folds_away_below_110_columns(make_app):
    app = make_app(Card)
    async with app.run_test(size=(109, 30)) as pilot:
        assert app.screen.has_class("-narrow")
        await pilot.resize_terminal(110, 30)
        await pilot.pause()
        assert not app.screen.has_class("-narrow")


async def test_at_the_counter_messages_are_only_counted(make_app):
    app = make_app(Card)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause()
        app.clear_notifications()
        await pilot.press("f12")
        app.toast("one")
        app.toast("two")
        assert len(app._notifications) == 0
        assert app.status.held_back == 2
        await pilot.press("f12")
        assert [note.message for note in app._notifications] == ["2 messages were held back."]


async def test_undo_takes_the_last_offer_back_once(make_app):
    app = make_app(Card)
    async with app.run_test(size=(80, 24)) as pilot:
        undone: list[str] = []
        app.offer_undo("Done.", lambda: undone.append("done"))
        await pilot.press("u", "ctrl+z")
        assert undone == ["done"]


async def test_unlocking_says_why_not_and_then_lets_in(tmp_path):
    app = GateApp(tmp_path, gate=Gate(has_vault=lambda _h: True, open_desk=_opens("right")))
    async with app.run_test(size=(80, 24)) as pilot:
        assert isinstance(app.screen, UnlockScreen)
        await pilot.press(*"wangfang", "enter", *"wrong", "enter")
        await _settled(app, pilot)
        assert str(WrongPasswordError())[:20] in text_of(app)
        assert app.screen.form.values["password"] is None
        await pilot.press(*"right", "enter")
        await _settled(app, pilot)
        assert isinstance(app.screen, Card)
        assert load_settings(tmp_path).last_login == "wangfang"


async def test_the_demo_opens_without_a_question(tmp_path):
    app = GateApp(tmp_path, gate=Gate(open_at_once=desk_stub))
    async with app.run_test(size=(80, 24)) as pilot:
        await _settled(app, pilot)
        assert isinstance(app.screen, Card)


async def test_the_first_run_takes_officers_down_and_confirms_the_recovery_code(tmp_path):
    made: list[Any] = []

    def create(home: Path, branch: str, officers: Any) -> Any:
        made.append((home, branch, [(o.login, o.name, o.role) for o in officers]))
        return SimpleNamespace(recovery_code="AAAA11-BBBB22-CCCC33")

    gate = Gate(create_branch=create, judge_password=lambda *_args: None)
    app = GateApp(tmp_path, gate=gate)
    async with app.run_test(size=(80, 24)) as pilot:
        assert isinstance(app.screen, FirstRunScreen)
        await pilot.press(*"Eastside", "enter", *"wang", "enter", *"Wang Fang", "enter", "2")
        await pilot.press("enter", *"correct horse battery", "enter", *"other", "enter")
        assert "passwords differ" in text_of(app)
        await pilot.press(*["backspace"] * 5, *"correct horse battery", "enter")
        await _settled(app, pilot)
        assert "1. wang" in text_of(app)
        await pilot.press("ctrl+s")
        await _settled(app, pilot)
        assert made == [(tmp_path, "Eastside", [("wang", "Wang Fang", "account_manager")])]
        assert isinstance(app.screen, RecoveryCodeScreen)
        assert "AAAA11-BBBB22-CCCC33" in text_of(app)
        groups = ["AAAA11", "BBBB22", "CCCC33"]
        first, second = (groups[place] for place in app.screen.asked)
        await pilot.press("ctrl+s", *"nothing", "enter", *second, "enter")
        await pilot.pause()
        assert isinstance(app.screen, RecoveryCodeScreen)
        assert "AAAA11-BBBB22" not in text_of(app)
        await pilot.press(*["backspace"] * 7, *first.lower(), "enter", "enter")
        await pilot.pause()
        assert isinstance(app.screen, UnlockScreen)


async def test_saved_settings_are_in_force_at_once(make_app, tmp_path):
    app = make_app(Card)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f11", "1", "down", "down", "2", "down", *["backspace"], "9", "ctrl+s")
        await pilot.pause()
        assert (app.settings.language, app.theme, app.settings.idle_minutes) == (
            "zh_CN",
            "light",
            9,
        )
    assert load_settings(tmp_path) == app.settings


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('theme = "pink"', "theme"),
        ("idle_minutes = 16", "idle_minutes"),
        ("idle_minutes = true", "idle_minutes"),
        ('idle = "5"', "idle"),
        ('[keymap]\n"queue.fly" = "f6"', "keymap"),
        ("theme = ", "settings.toml"),
    ],
)
def test_a_wrong_setting_is_refused_by_file_and_field(tmp_path, text, named):
    (tmp_path / "settings.toml").write_text(text)
    with pytest.raises(SettingsError, match=named) as refused:
        load_settings(tmp_path)
    assert str(tmp_path / "settings.toml") in str(refused.value)


@given(
    st.builds(
        Settings,
        language=st.sampled_from(["", "en", "zh_CN"]),
        idle_minutes=st.integers(1, 15),
        last_login=st.text(alphabet=st.characters(exclude_categories=["Cs"])),
        keymap=st.dictionaries(st.sampled_from(list(ACTIONS)), st.just("f6, z"), max_size=3),
    )
)
def test_settings_are_read_as_they_were_written(tmp_path_factory, settings):
    home = tmp_path_factory.mktemp("home")
    save_settings(home, settings)
    assert load_settings(home) == settings


def test_the_environment_cannot_make_textual_log_keys_or_take_pictures():
    environment = {"TEXTUAL_LOG": "x", "TEXTUAL_SCREENSHOT": "1", "HOME": "/"}
    terminal.clean_environment(environment)
    assert environment == {"HOME": "/", "TEXTUAL_FPS": "120"}


def test_the_first_frame_comes_before_any_heavy_import():
    done = subprocess.run(
        [sys.executable, str(SUBPROCESS)], capture_output=True, text=True, timeout=60, check=True
    )
    assert json.loads(done.stdout) == {"screen": "UnlockScreen", "heavy": []}


@pytest.mark.parametrize("name", terminal.LEFT_ON_SIGNALS)
def test_a_signal_leaves_a_clean_terminal(name):
    pid, terminal_end = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS="80", LINES="24")
        os.execv(sys.executable, [sys.executable, str(SUBPROCESS), "run"])
    written = _read_until(terminal_end, b"deskcrm  ")
    os.kill(pid, getattr(signal, name))
    written = _read_until(terminal_end, None)
    _pid, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 128 + getattr(signal, name)
    assert written.endswith(b"\x1b[2J\x1b[H")
    assert b"\x1b[?1049l" in written
    assert b"\x1b[?25h" in written


class GateApp(DeskApp):
    """The whole app, with a card in the place of today's queue."""

    MODES = {**DeskApp.MODES, "today": Card}  # noqa: RUF012

    def __init__(self, home: Path, **options: Any) -> None:
        super().__init__(home, settings=Settings(language="en"), **options)


async def _settled(app: Any, pilot: Any) -> None:
    await app.workers.wait_for_complete()
    await pilot.pause()
    await pilot.pause()


def _never(_desk: Any, _password: str) -> None:
    raise WrongPasswordError


def _only(right: str) -> Any:
    def check(_desk: Any, password: str) -> None:
        if password != right:
            raise WrongPasswordError

    return check


def _opens(right: str) -> Any:
    def open_desk(_home: Path, _login: str, password: str) -> Any:
        _only(right)(None, password)
        return desk_stub()

    return open_desk


def _read_until(descriptor: int, wanted: bytes | None) -> bytes:
    seen = b""
    limit = time.monotonic() + 30
    while time.monotonic() < limit:
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        seen += piece
        if wanted is not None and wanted in seen:
            break
    return seen
