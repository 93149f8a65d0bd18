"""The lock: opaque, in a stack of screens of its own, with nothing of a customer on it."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from deskcrm.actions import bindings
from deskcrm.errors import DeskError
from deskcrm.i18n import N_
from deskcrm.screens.base import DeskScreen
from deskcrm.widgets.forms import FieldSpec, Form
from deskcrm.widgets.text import MessageText, SafeStatic, show


class LockScreen(DeskScreen[None]):
    """Asks the officer who is at the desk for the password again."""

    GUARDED = True
    SCOPE = "lock"
    TITLE_ID = N_("Locked")
    BINDINGS = bindings("lock")
    CSS_PATH = "gate.tcss"

    def compose_body(self) -> ComposeResult:
        with Vertical(classes="gate"):
            yield MessageText(N_("Locked. What you were doing is kept."), classes="gate-title")
            yield Form([FieldSpec("password", N_("Password"), "password", width=40)])
            yield MessageText(N_("Enter: go on · ^O: another officer"), classes="hint")
            yield SafeStatic(classes="error")

    @property
    def form(self) -> Form:
        """The password."""
        return self.query_one(Form)

    def on_screen_resume(self) -> None:
        self._begin_again("")

    @on(Form.Submitted)
    def unlock(self) -> None:
        """Try the password in a thread: deriving the key takes a moment."""
        password = self.form.values["password"]
        if isinstance(password, str):
            self.form.disabled = True
            check = partial(self.desk_app.gate.check_password, self.desk, password)
            self.background(check, then=self.opened, failed=self.refused)

    def opened(self, _nothing: None) -> None:
        """Back to where the officer was."""
        self._begin_again("")
        self.desk_app.unlocked_again()

    def refused(self, error: DeskError) -> None:
        """Say why, and offer to try again."""
        self._begin_again(f"! {error}")

    async def action_other_officer(self) -> None:
        """Close this desk and ask who is there."""
        await self.desk_app.log_out()

    def _begin_again(self, sentence: str) -> None:
        self.form.disabled = False
        self.form.set_values({"password": ""})
        self.form.focus_field("password")
        self.query_one(".error", SafeStatic).update(show(sentence))
