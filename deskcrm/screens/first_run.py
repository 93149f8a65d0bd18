"""The first run: the branch, its first officers, and the recovery code on paper."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from deskcrm.actions import bindings
from deskcrm.errors import DeskError, FieldError
from deskcrm.i18n import N_, _
from deskcrm.screens.base import DeskScreen
from deskcrm.screens.gate import NewOfficer
from deskcrm.screens.unlock import UnlockScreen
from deskcrm.widgets.forms import FieldSpec, Form, Value
from deskcrm.widgets.inputs import Option
from deskcrm.widgets.text import MessageText, SafeStatic, show

ROLES = (
    Option("teller", N_("Teller")),
    Option("account_manager", N_("Account manager")),
    Option("supervisor", N_("Supervisor")),
    Option("system_admin", N_("System administrator")),
    Option("security_admin", N_("Security administrator")),
    Option("auditor", N_("Auditor")),
)
PASSWORD_HELP = N_(
    "At least 15 characters, or 8 where this computer keeps a device key. Several words are good;"
    " common passwords, the login and the branch's name are not taken."
)
BRANCH = "branch"
OFFICER = ("login", "name", "role", "password", "again")
FIELDS = (
    FieldSpec(BRANCH, N_("Branch"), required=True, width=50),
    FieldSpec("login", N_("Login"), required=True, help=N_("Short, for signing in: wangfang")),
    FieldSpec("name", N_("Name"), required=True, help=N_("As colleagues and reports show it")),
    FieldSpec("role", N_("Role"), "choice", required=True, choices=ROLES, width=60),
    FieldSpec("password", N_("Password"), "password", required=True, help=PASSWORD_HELP),
    FieldSpec("again", N_("Once more"), "password", required=True, help=PASSWORD_HELP),
)
ASKED_GROUPS = 2


class FirstRunScreen(DeskScreen[None]):
    """One form for the branch and its officers, one after the other; then the vault is made."""

    GUARDED = True
    SCOPE = "first_run"
    TITLE_ID = N_("First run")
    BINDINGS = bindings("first_run")
    CSS_PATH = "gate.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.officers: list[NewOfficer] = []
        self._making = False

    def compose_body(self) -> ComposeResult:
        with Vertical(classes="gate wide"):
            yield MessageText(
                N_("There is no vault here yet. Who works at the branch?"), classes="gate-title"
            )
            yield Form(FIELDS)
            yield SafeStatic(id="officers")
            yield MessageText(
                N_("Enter after the last field: add this officer · ^S: make the vault with all"),
                classes="hint",
            )
            yield SafeStatic(classes="error")

    def on_mount(self) -> None:
        self.form.focus_field(BRANCH)

    @property
    def form(self) -> Form:
        """The branch, and the officer being taken down."""
        return self.query_one(Form)

    @on(Form.Submitted)
    def add_officer(self) -> None:
        """Take down one officer and make room for the next."""
        self._check_officer(then=self._added)

    def action_next(self) -> None:
        """Make the vault with all officers, also the one still in the form."""
        if self._making:
            return
        if self.officers and not any(self.form.values[name] for name in OFFICER):
            self._make()
        else:
            self._check_officer(then=self._added_last)

    def _check_officer(self, then: Callable[[NewOfficer], None]) -> None:
        values = self.form.values
        errors = missing(values, self.officers)
        self.form.show_errors(errors)
        self.say("")
        if errors:
            return
        officer = NewOfficer(*(str(values[name]) for name in OFFICER[:-1]))
        judge = partial(
            self.desk_app.gate.judge_password, officer.login, str(values[BRANCH]), officer.password
        )
        self.background(judge, then=lambda _fine: then(officer), failed=self._weak)

    def _weak(self, error: DeskError) -> None:
        self.form.show_errors({"password": error})

    def _added(self, officer: NewOfficer) -> None:
        self.officers.append(officer)
        self.form.set_values(dict.fromkeys(OFFICER, ""))
        self.form.focus_field("login")
        self.refresh_language()

    def _added_last(self, officer: NewOfficer) -> None:
        self._added(officer)
        self._make()

    def refresh_language(self) -> None:
        super().refresh_language()
        titles = {option.value: option.label for option in ROLES}
        lines = [
            show(f"{number}. {officer.login}  {officer.name}  {_(titles[officer.role])}")
            for number, officer in enumerate(self.officers, 1)
        ]
        self.query_one("#officers", SafeStatic).update(Content("\n").join(lines))

    def _make(self) -> None:
        self._making = True
        self.form.disabled = True
        self.say(_("Making the vault …"))
        app = self.desk_app
        create = partial(
            app.gate.create_branch,
            app.vault_home,
            str(self.form.values[BRANCH]),
            tuple(self.officers),
        )
        self.background(create, then=self._made, failed=self._not_made)

    def _made(self, created: Any) -> None:
        login = self.officers[0].login
        self.officers.clear()
        self.desk_app.show_gate(RecoveryCodeScreen(created.recovery_code, login))

    def _not_made(self, error: DeskError) -> None:
        self._making = False
        self.form.disabled = False
        self.say(f"! {error}")

    def action_back(self) -> None:
        """Take the last officer back into the form, without the password."""
        if self.officers and not self._making:
            officer = self.officers.pop()
            self.form.set_values(
                {"login": officer.login, "name": officer.name, "role": officer.role}
            )
            self.refresh_language()

    def say(self, sentence: str) -> None:
        """What is going on, or what went wrong."""
        self.query_one(".error", SafeStatic).update(show(sentence))


class RecoveryCodeScreen(DeskScreen[None]):
    """Shows the recovery code once, then asks for two groups of it before going on."""

    GUARDED = True
    SCOPE = "first_run"
    TITLE_ID = N_("Recovery code")
    BINDINGS = bindings("first_run")
    CSS_PATH = "gate.tcss"

    def __init__(self, code: str, login: str) -> None:
        super().__init__()
        self._code = code
        self._login = login
        groups = range(len(code.split("-")))
        self.asked = sorted(secrets.SystemRandom().sample(groups, min(ASKED_GROUPS, len(groups))))
        self._hidden = False

    def compose_body(self) -> ComposeResult:
        with Vertical(classes="gate"):
            yield MessageText(N_("The recovery code"), classes="gate-title")
            yield MessageText(
                N_(
                    "It opens the vault when all passwords are lost. Write it on paper and lock the"
                    " paper away; it is not shown again and is kept nowhere."
                )
            )
            yield SafeStatic(show(self._code), id="code", classes="gate-code")
            yield Form(
                [
                    FieldSpec(f"group{place}", _("Group {n}", n=place + 1), required=True, width=20)
                    for place in self.asked
                ]
            )
            yield MessageText(
                N_("^S hides the code; then type the two groups from your paper."), classes="hint"
            )
            yield SafeStatic(classes="error")

    def on_mount(self) -> None:
        self.query_one(Form).display = False

    @on(Form.Submitted)
    def action_next(self) -> None:
        """Hide the code first; then compare what was typed from the paper."""
        form = self.query_one(Form)
        if not self._hidden:
            self._hide(True)
            form.focus_field(f"group{self.asked[0]}")
            return
        groups = self._code.split("-")
        wrong = {
            f"group{place}": FieldError(N_("This is not what the code says."))
            for place in self.asked
            if str(form.values[f"group{place}"] or "").upper() != groups[place]
        }
        form.show_errors(wrong)
        if not wrong:
            self._code = ""
            self.desk_app.show_gate(UnlockScreen(self._login))

    def action_back(self) -> None:
        """Show the code again: nothing is lost by looking twice before it was confirmed."""
        self._hide(False)

    def _hide(self, hidden: bool) -> None:
        self._hidden = hidden
        self.query_one("#code", SafeStatic).update(show("" if hidden else self._code))
        self.query_one(Form).display = hidden


def missing(values: dict[str, Value], officers: list[NewOfficer]) -> dict[str, DeskError | str]:
    """What has to be filled in or typed otherwise before an officer can be taken down."""
    empty = FieldError(N_("Please fill this in."))
    errors: dict[str, DeskError | str] = {
        name: empty for name in (BRANCH, *OFFICER) if not values[name]
    }
    if values["login"] in [officer.login for officer in officers]:
        errors["login"] = FieldError(N_("This login is in the list already."))
    if not errors and values["password"] != values["again"]:
        errors["again"] = FieldError(N_("The two passwords differ."))
    return errors
