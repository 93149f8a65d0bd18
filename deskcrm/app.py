"""The Textual app: which screens there are, the lock, language and theme, and what a crash says."""

from __future__ import annotations

import dataclasses
import importlib
import os
import signal
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import events
from textual.filter import LineFilter
from textual.screen import Screen

from deskcrm import terminal, theme
from deskcrm.actions import ACTIONS, APP, Action, allowed, bindings, key_map
from deskcrm.clock import Clock, SystemClock, boot_time
from deskcrm.config import Settings, save_settings
from deskcrm.i18n import LANGUAGES, _, language, preferred_language, set_language
from deskcrm.memory import Tidying, collect_between_keys, share_arenas
from deskcrm.navigation import WORK_MODES, Navigator, import_ahead, screen
from deskcrm.reminders import Reminders
from deskcrm.screens.gate import Gate
from deskcrm.stylesheet import ParsedOnce
from deskcrm.widgets.shell import Shell
from deskcrm.widgets.status_bar import Status
from deskcrm.widgets.text import SafeFilter

if TYPE_CHECKING:
    from deskcrm.services.desk import Desk

LOOK_AROUND_SECONDS = 0.5
AHEAD_SECONDS = 1.0
SAFE = SafeFilter()
"""One for all lines: Textual keeps what a filter made of a line with that very filter."""
HEAVY = ("sqlmodel", "sqlcipher3", "deskcrm.services.session_start")


def warm_up() -> None:
    """Import the data stack; run in a thread once the first frame is on the screen."""
    try:
        for name in HEAVY:
            importlib.import_module(name)
    except ImportError:  # said in words when it is needed, not here
        return
    finally:
        collect_between_keys()


class DeskApp(Navigator, Reminders, inherit_bindings=False):
    """The program on the terminal. ``desk`` is ``None`` until an officer has unlocked it."""

    TITLE = "deskcrm"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    CSS_PATH = Path(__file__).with_name("app.tcss")
    BINDINGS = bindings(APP)
    DEFAULT_MODE = "gate"

    def __init__(
        self,
        home: Path,
        *,
        settings: Settings | None = None,
        gate: Gate | None = None,
        clock: Clock | None = None,
        idle_clock: Callable[[], float] = boot_time,
    ) -> None:
        super().__init__(home, clock or SystemClock())
        self.settings = settings or Settings()
        self.gate = gate or Gate()
        self.desk: Desk | None = None
        self.permissions: frozenset[str] = frozenset()
        self.animation_level = "none"
        self._idle_clock = idle_clock
        self._last_activity = idle_clock()
        self._tidying = Tidying(self._last_activity)
        self._mode_before_lock = ""
        self.add_mode("gate", lambda: screen("welcome", "WelcomeScreen"))
        set_language(self.settings.language or preferred_language())
        for one in theme.THEMES:
            self.register_theme(one)
        self._use_settings()
        self.stylesheet = ParsedOnce(variables=self.get_css_variables())

    def on_mount(self) -> None:
        self.set_interval(LOOK_AROUND_SECONDS, self._look_around)
        if not self.is_headless:
            terminal.watch_signals(_leave)

    def on_ready(self) -> None:
        """The first frame is painted: now bring what takes time to import."""
        if self.current_mode == "gate":
            self.push_screen(self._first_screen())
        share_arenas()
        self.call_after_refresh(threading.Thread(target=warm_up, daemon=True).start)

    def _first_screen(self) -> Screen[Any]:
        if self.gate.open_at_once is not None:
            return screen("unlock", "OpeningScreen")
        if self.gate.has_vault(self.vault_home):
            return screen("unlock", "UnlockScreen")
        return screen("first_run", "FirstRunScreen")

    def get_line_filters(self) -> list[LineFilter]:
        """Textual's filters behind ours: nothing that acts on the terminal gets past it."""
        return [SAFE, *super().get_line_filters()]

    @property
    def who(self) -> str:
        """Officer and branch for the header line; nothing before unlocking."""
        if self.desk is None:
            return ""
        return f"{self.desk.officer.name} · {self.desk.officer.branch_name}"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Hide and refuse what is not permitted on the screen that is shown."""
        known = ACTIONS.get(f"{APP}.{action}")
        return known is None or self.permits(known, self.screen)

    def permits(self, action: Action, on: Screen[Any]) -> bool:
        """May this officer do it there: not everything works before unlocking or over a dialog."""
        if on.check_action(action.verb, ()) is False:
            return False
        if action.scope == APP and not action.open and (self.locked or is_guarded(on)):
            return False
        if action.scope == APP and not action.anywhere and on.is_modal:
            return False
        return allowed(action, self.permissions)

    def unlocked(self, desk: Desk) -> None:
        """An officer is in: show today's queue."""
        from deskcrm.services.authority import authority_of

        self.desk = desk
        self.permissions = authority_of(desk.officer.role).permissions
        self.touch()
        self.keep_settings(last_login=desk.officer.login)
        if "customer.view" in self.permissions:
            self.start_reminders(desk)
        first = "today" if "customer.view" in self.permissions else "vault"
        self.switch_mode(first)
        self.set_timer(AHEAD_SECONDS, threading.Thread(target=import_ahead, daemon=True).start)

    def unlocked_again(self) -> None:
        """The same officer is back: show what was there before the lock."""
        self.touch()
        self.switch_mode(self._mode_before_lock or "today")

    async def log_out(self) -> None:
        """Close the desk and ask who is there; the screens of the officer before are gone."""
        self.stop_reminders()
        desk, self.desk = self.desk, None
        self.permissions, self.status, self._undo = frozenset(), Status(), None
        self.show_gate(screen("unlock", "UnlockScreen"))
        for mode, make in WORK_MODES.items():
            await self.remove_mode(mode)
            self.add_mode(mode, make)
        if desk is not None:
            self.run_worker(partial(self.gate.close_desk, desk), thread=True, exit_on_error=False)

    def lock(self) -> None:
        """Cover everything: another stack of screens, no toast left, nothing to run."""
        if self.desk is None or self.locked:
            return
        self.clear_notifications()
        self._mode_before_lock = self.current_mode
        self.switch_mode("lock")

    def touch(self) -> None:
        """Somebody is here."""
        self._last_activity = self._idle_clock()

    def _look_around(self) -> None:
        """Leave when the terminal is gone, lock when nobody is here; tidy up when nobody has typed
        for a moment."""
        if not self.is_headless and terminal.is_gone():
            _leave(signal.SIGTERM)
        self.lock_if_idle()
        self._tidying.look(self._last_activity, self._idle_clock())

    def lock_if_idle(self) -> bool:
        """Lock when nobody has touched a key for as long as the settings allow."""
        if (
            self.locked
            or self._idle_clock() - self._last_activity < self.settings.idle_minutes * 60
        ):
            return False
        self.lock()
        return True

    async def on_event(self, event: events.Event) -> None:
        """A key that wakes a machine from sleep must not reach the customer on the screen."""
        if isinstance(event, events.InputEvent) and not event.is_forwarded:
            if self.lock_if_idle():
                return
            self.touch()
        await super().on_event(event)

    def action_lock(self) -> None:
        self.lock()

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """Refused: a picture of a customer does not belong into a file."""

    def action_next_language(self) -> None:
        self.switch_language(LANGUAGES[(LANGUAGES.index(language()) + 1) % len(LANGUAGES)])

    def switch_language(self, name: str) -> None:
        """Speak another language at once, also on the screens that are covered."""
        set_language(name)
        self.keep_settings(language=name)
        for one in self.shells():
            one.refresh_language()

    def action_next_theme(self) -> None:
        self.set_theme(theme.after(self.theme))

    def set_theme(self, name: str) -> None:
        """Draw in other colours, and remember them."""
        self.keep_settings(theme=name)
        self.theme = name

    def keep_settings(self, **changes: Any) -> None:
        """Use changed settings and write them; a folder that cannot be written is told once."""
        changed = dataclasses.replace(self.settings, **changes)
        if changed == self.settings:
            return
        self.settings = changed
        self._use_settings()
        try:
            save_settings(self.vault_home, changed)
        except OSError:
            self.toast(_("The settings could not be saved; they hold until you quit."))

    def _use_settings(self) -> None:
        self.theme = self.settings.theme
        self.set_class(self.settings.ascii_borders, "-ascii")
        self.set_keymap(key_map(self.settings.keymap))


def is_guarded(on: Screen[Any]) -> bool:
    """Is this a screen that shows without an unlocked desk?"""
    return isinstance(on, Shell) and on.GUARDED


def _leave(number: int) -> None:
    """Asked to end, or without a terminal: give a clean one back at once, if there is one. The
    database needs no goodbye."""
    terminal.restore()
    os._exit(128 + number)
