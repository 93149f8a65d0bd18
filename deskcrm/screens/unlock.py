"""Before a desk is unlocked: opening a demo at once, or asking for login and password."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from deskcrm.errors import DeskError
from deskcrm.i18n import N_
from deskcrm.screens.base import DeskScreen
from deskcrm.widgets.forms import FieldSpec, Form
from deskcrm.widgets.text import MessageText, SafeStatic, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from deskcrm.services.desk import Desk

FIELDS = (
    FieldSpec("login", N_("Login"), required=True, width=40),
    FieldSpec("password", N_("Password"), "password", required=True, width=40),
)


def ready(open_desk: Callable[[], Desk]) -> Desk:
    """Open a desk with what its first screen needs, in the thread that opens it."""
    desk = open_desk()
    _ = desk.calendar
    return desk


class OpeningScreen(DeskScreen[None]):
    """Opens a desk without a question, as the demo does."""

    GUARDED = True
    TITLE_ID = N_("Welcome")
    CSS_PATH = "gate.tcss"

    def compose_body(self) -> ComposeResult:
        with Vertical(classes="gate"):
            yield MessageText(N_("Opening the vault …"), classes="gate-title")
            yield SafeStatic(classes="error")

    def on_mount(self) -> None:
        opener = self.desk_app.gate.open_at_once
        if opener is not None:
            self.background(
                partial(ready, opener), then=self.desk_app.unlocked, failed=self.say_why
            )

    def say_why(self, error: DeskError) -> None:
        """Opening failed; there is nothing to try again with here."""
        self.query_one(".error", SafeStatic).update(show(str(error)))


class UnlockScreen(DeskScreen[None]):
    """Login and password of an officer."""

    GUARDED = True
    SCOPE = "unlock"
    TITLE_ID = N_("Unlock")
    CSS_PATH = "gate.tcss"

    def __init__(self, login: str = "") -> None:
        super().__init__()
        self._login = login
        self._error: DeskError | None = None

    def compose_body(self) -> ComposeResult:
        with Vertical(classes="gate"):
            yield MessageText(N_("Who is at the desk?"), classes="gate-title")
            yield Form(FIELDS)
            yield MessageText(N_("Enter: unlock · F10: 中文 / English · ^Q: quit"), classes="hint")
            yield SafeStatic(classes="error")

    def on_mount(self) -> None:
        login = self._login or self.desk_app.settings.last_login
        self.form.set_values({"login": login})
        self.form.focus_field("password" if login else "login")

    @property
    def form(self) -> Form:
        """Login and password."""
        return self.query_one(Form)

    @on(Form.Submitted)
    def unlock(self) -> None:
        """Try what was typed; the key derivation takes a moment, so it runs in a thread."""
        login, password = self.form.values["login"], self.form.values["password"]
        if not isinstance(login, str) or not isinstance(password, str):
            self.form.focus_field("password" if login else "login")
            return
        self.say(None)
        self.form.disabled = True
        app = self.desk_app
        opener = partial(app.gate.open_desk, app.vault_home, login, password)
        self.background(partial(ready, opener), then=self.opened, failed=self.refused)

    def opened(self, desk: Desk) -> None:
        """Let the officer in, and forget the password."""
        self.form.disabled = False
        self.form.set_values({"password": ""})
        self.desk_app.unlocked(desk)

    def refused(self, error: DeskError) -> None:
        """Say why, and offer to try again."""
        self.form.disabled = False
        self.form.set_values({"password": ""})
        self.form.focus_field("password")
        self.say(error)

    def show_error(
        self, error: Exception, failed: Callable[[DeskError], object] | None = None
    ) -> None:
        """A fault of the program must not leave the form disabled."""
        self.form.disabled = False
        super().show_error(error, failed)

    def say(self, error: DeskError | None) -> None:
        """Show an error's sentence, or take it off."""
        self._error = error
        self.query_one(".error", SafeStatic).update(show("" if error is None else f"! {error}"))

    def refresh_language(self) -> None:
        super().refresh_language()
        self.say(self._error)
