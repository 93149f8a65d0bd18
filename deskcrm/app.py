"""The Textual app: which screens there are, the lock, language and theme, and what a crash says."""

from __future__ import annotations

import dataclasses
import importlib
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import App
from textual.filter import LineFilter
from textual.screen import Screen

from deskcrm import terminal, theme
from deskcrm.actions import ACTIONS, APP, allowed, bindings, key_map
from deskcrm.clock import Clock, SystemClock, boot_time
from deskcrm.config import Settings, save_settings
from deskcrm.faults import record_fault
from deskcrm.i18n import LANGUAGES, _, language, preferred_language, set_language
from deskcrm.screens.gate import Gate
from deskcrm.widgets.shell import Finished, Shell
from deskcrm.widgets.status_bar import Status
from deskcrm.widgets.text import SafeFilter, plain

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel

    from deskcrm.services.desk import Desk

SMALLEST = (80, 24)
IDLE_CHECK_SECONDS = 5.0
HEAVY = ("sqlmodel", "sqlcipher3", "pypinyin", "deskcrm.services.session_start")


def screen(module: str, name: str, *arguments: object) -> Screen[Any]:
    """A screen of ``deskcrm.screens``, imported only when it is first shown."""
    found = getattr(importlib.import_module(f"deskcrm.screens.{module}"), name)
    made: Screen[Any] = found(*arguments)
    return made


def warm_up() -> None:
    """Import the data stack; run in a thread once the first frame is on the screen."""
    for name in HEAVY:
        try:
            importlib.import_module(name)
        except ImportError:  # said in words when it is needed, not here
            return


class DeskApp(App[None], inherit_bindings=False):
    """The program on the terminal. ``desk`` is ``None`` until an officer has unlocked it."""

    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    CSS_PATH = Path(__file__).with_name("app.tcss")
    BINDINGS = bindings(APP)
    DEFAULT_MODE = "gate"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        "gate": lambda: screen("unlock", "OpeningScreen"),
        "lock": lambda: screen("lock", "LockScreen"),
        "today": lambda: screen("today", "TodayScreen"),
        "customers": lambda: screen("customers", "CustomersScreen"),
        "vault": lambda: screen("vault_screen", "VaultScreen"),
    }

    def __init__(
        self,
        home: Path,
        *,
        settings: Settings | None = None,
        gate: Gate | None = None,
        clock: Clock | None = None,
        idle_clock: Callable[[], float] = boot_time,
    ) -> None:
        super().__init__()
        self.vault_home = home
        self.settings = settings or Settings()
        self.gate = gate or Gate()
        self.clock = clock or SystemClock()
        self.desk: Desk | None = None
        self.permissions: frozenset[str] = frozenset()
        self.status = Status()
        self.animation_level = "none"
        self._idle_clock = idle_clock
        self._last_activity = idle_clock()
        self._mode_before_lock = ""
        self._undo: Callable[[], object] | None = None
        set_language(self.settings.language or preferred_language())
        for one in theme.THEMES:
            self.register_theme(one)
        self._use_settings()

    def on_mount(self) -> None:
        self.set_interval(IDLE_CHECK_SECONDS, self.lock_if_idle)
        self.call_after_refresh(threading.Thread(target=warm_up, daemon=True).start)
        if not self.is_headless:
            terminal.watch_signals(_leave)

    def get_line_filters(self) -> list[LineFilter]:
        """Textual's filters behind ours: nothing that acts on the terminal gets past it."""
        return [SafeFilter(), *super().get_line_filters()]

    @property
    def who(self) -> str:
        """Officer and branch for the header line; nothing before unlocking."""
        if self.desk is None:
            return ""
        return f"{self.desk.officer.name} · {self.desk.officer.branch_name}"

    @property
    def locked(self) -> bool:
        """Is the lock screen, or a screen before unlocking, what is shown?"""
        return self.current_mode in ("gate", "lock")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """An app action works where its registry entry says: not for everybody, not over every
        dialog, and hardly any before unlocking."""
        known = ACTIONS.get(f"{APP}.{action}")
        if known is None:
            return True
        if self.locked and not known.open:
            return False
        modal = isinstance(self.screen, Shell) and self.screen.is_modal
        return (known.anywhere or not modal) and allowed(known, self.permissions)

    def unlocked(self, desk: Desk) -> None:
        """An officer is in: show today's queue."""
        from deskcrm.services.authority import authority_of

        self.desk = desk
        self.permissions = authority_of(desk.officer.role).permissions
        self.touch()
        self.keep_settings(last_login=desk.officer.login)
        first = "today" if "customer.view" in self.permissions else "vault"
        self.switch_mode(first)

    def unlocked_again(self) -> None:
        """The same officer is back: show what was there before the lock."""
        self.touch()
        self.switch_mode(self._mode_before_lock or "today")

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

    def on_resize(self, event: events.Resize) -> None:
        """Below 80×24 nothing can be read: say so instead of cutting."""
        small = event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1]
        shown = self.screen.name == "too-small"
        if small and not shown:
            self.push_screen(screen("too_small", "TooSmallScreen"))
        elif shown and not small:
            self.pop_screen()

    def go_to(self, mode: str) -> None:
        """Show one of the main screens, without what lies over it."""
        self.switch_mode(mode)
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def open_customer(self, customer_id: int) -> None:
        """Everything about a customer on one screen."""
        self.push_screen(screen("customer", "CustomerScreen", customer_id))

    def open_call_sheet(self, customer_id: int, followup_id: int | None = None) -> None:
        """Take down a contact, for a follow-up or out of the blue."""
        self.push_screen(screen("call_sheet", "CallSheetScreen", customer_id, followup_id))

    def open_customer_form(self, customer_id: int | None = None) -> None:
        """Edit a customer, or take down a new one."""
        self.push_screen(screen("customer_form", "CustomerFormScreen", customer_id))

    def open_find(self) -> None:
        """Search from anywhere."""
        self.push_screen(screen("find", "FindScreen"))

    def action_open_find(self) -> None:
        self.open_find()

    def action_open_today(self) -> None:
        self.go_to("today")

    def action_open_customers(self) -> None:
        self.go_to("customers")

    def action_open_vault(self) -> None:
        self.go_to("vault")

    def action_new_customer(self) -> None:
        self.open_customer_form()

    def action_open_import(self) -> None:
        self.push_screen(screen("import_screen", "ImportScreen"))

    def action_help(self) -> None:
        self.push_screen(screen("help", "HelpScreen", self.screen))

    def action_palette(self) -> None:
        self.push_screen(screen("palette", "PaletteScreen", self.screen))

    def action_settings(self) -> None:
        self.push_screen(screen("settings", "SettingsScreen"))

    def action_lock(self) -> None:
        self.lock()

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """Refused: a picture of a customer does not belong into a file."""

    def action_counter_mode(self) -> None:
        """Hold toasts back while a customer is at the counter, then say how many there were."""
        status, held = self.status, self.status.held_back
        self.set_status(
            dataclasses.replace(status, counter_mode=not status.counter_mode, held_back=0)
        )
        if held:
            self.toast(_("{n} messages were held back.", n=held))

    def offer_undo(self, sentence: str, undo: Callable[[], object]) -> None:
        """Say what was done; the next undo action takes it back with ``undo``."""
        self._undo = undo
        self.toast(_("{what} Undo: u or ^Z", what=sentence))

    def action_undo(self) -> None:
        """Take the last offered change back."""
        undo, self._undo = self._undo, None
        if undo is None:
            self.toast(_("There is nothing to undo."))
        else:
            undo()

    def toast(self, sentence: str, *, severity: SeverityLevel = "information") -> None:
        """A short message that goes away by itself; held back at the counter, except an error,
        and dropped while locked."""
        if self.locked:
            return
        if self.status.counter_mode and severity != "error":
            self.set_status(dataclasses.replace(self.status, held_back=self.status.held_back + 1))
        else:
            self.notify(plain(sentence), severity=severity, markup=False)

    def set_status(self, status: Status) -> None:
        """What the status bars say, on every screen."""
        self.status = status
        for one in self.shells():
            one.show_status(status)

    def shells(self) -> list[Shell[Any]]:
        """Every screen that is mounted, shown or not."""
        return [
            one
            for stack in self._screen_stacks.values()
            for one in stack
            if isinstance(one, Shell) and one.is_mounted
        ]

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

    @on(Finished)
    def _tell_orphan(self, event: Finished) -> None:
        """A write whose screen is gone: only its failure is of interest."""
        if event.error is not None and isinstance(self.screen, Shell):
            self.screen.show_error(event.error)

    def report_fault(self, error: BaseException) -> None:
        """Log an error of the program itself, without values, and tell its number."""
        self.toast(
            _(
                "The program made a mistake (number {number}). Nothing was changed by it."
                " Please tell your administrator the number.",
                number=self._log_fault(error),
            ),
            severity="error",
        )

    def panic(self, *renderables: Any) -> None:
        """Textual prints these; they may hold customer data, so ours prints a number instead."""
        self._fatal_error()

    def _fatal_error(self) -> None:
        error = self._exception or RuntimeError("unknown")
        self._exit_renderables.append(
            Text(
                _(
                    "deskcrm had to stop (error number {number}). What was saved is safe; what was"
                    " being typed is offered again as a draft. Start deskcrm again, and tell your"
                    " administrator the number if it happens twice.",
                    number=self._log_fault(error),
                )
            )
        )
        self._close_messages_no_wait()

    def _log_fault(self, error: BaseException) -> str:
        return record_fault(error, self.vault_home / "logs", self.clock.now())


def _leave(number: int) -> None:
    """Asked to end: give a clean terminal back at once. The database needs no goodbye."""
    terminal.restore()
    os._exit(128 + number)
