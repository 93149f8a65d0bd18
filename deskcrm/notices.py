"""What the app tells: status, toasts, undo offers, and what is left to say when it fails."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual import on
from textual.app import App

from deskcrm.clock import Clock
from deskcrm.faults import record_fault
from deskcrm.i18n import _
from deskcrm.widgets.shell import Finished, Shell
from deskcrm.widgets.status_bar import Status
from deskcrm.widgets.text import plain

if TYPE_CHECKING:
    from textual.notifications import SeverityLevel


class Notices(App[None]):
    """The part of the app that speaks to the officer, always in sentences and never in traces."""

    def __init__(self, home: Path, clock: Clock) -> None:
        super().__init__()
        self.vault_home = home
        self.clock = clock
        self.status = Status()
        self._undo: Callable[[], object] | None = None

    @property
    def locked(self) -> bool:
        """Is the lock screen, or a screen before unlocking, what is shown?"""
        return self.current_mode in ("gate", "lock")

    def shells(self) -> list[Shell[Any]]:
        """Every screen that is mounted, shown or not."""
        return [
            one
            for stack in self._screen_stacks.values()
            for one in stack
            if isinstance(one, Shell) and one.is_mounted
        ]

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

    @on(Finished)
    def _tell_orphan(self, event: Finished) -> None:
        """A write whose screen is gone: only its failure is of interest."""
        if event.error is not None and isinstance(self.screen, Shell):
            self.screen.show_error(event.error)

    def report_fault(self, error: BaseException) -> None:
        """Log an error of the program itself, without values, and tell its number."""
        self.toast(
            _(
                "The program made a mistake (number {number}). What was saved before is safe."
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
