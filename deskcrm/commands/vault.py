"""``init`` and ``demo``: make a vault for a branch, or a demo branch to try."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from deskcrm.commands.shell import Shell, say
from deskcrm.errors import ExitCode, UsageError
from deskcrm.i18n import N_, _


@dataclass(frozen=True, slots=True)
class GivenOfficer:
    """An officer as the command line names it."""

    login: str
    name: str
    role: str
    password: str


def register(program: typer.Typer) -> None:
    """Add the commands."""
    program.command("init", help=_("Make a vault for a branch"))(init)
    program.command("password", help=_("Change your password"))(password)
    program.command("recover", help=_("Set a new password with the recovery code"))(recover)
    program.command("demo", help=_("Make an encrypted demo branch, or reuse it, and open it"))(demo)


def init(
    context: typer.Context,
    branch: Annotated[str, typer.Option(help=_("The name of the branch"))],
    officer: Annotated[
        list[str],
        typer.Option(help=_("LOGIN:NAME:ROLE, once for every first officer"), metavar="OFFICER"),
    ],
) -> int:
    """Make the vault. Passwords are read one a line, in the order of the officers, or asked for."""
    from deskcrm.services.session_start import create_branch

    shell: Shell = context.obj
    described = [_described(text) for text in officer]
    passwords = shell.new_passwords([login for login, _name, _role in described])
    officers = [
        GivenOfficer(login, name, role, password)
        for (login, name, role), password in zip(described, passwords, strict=True)
    ]
    made = create_branch(shell.home, branch, officers)

    def human() -> None:
        say(_("The vault is made in {name}.", name=made.home))
        if made.no_key_store is not None:
            say(
                _(
                    "Passwords are not bound to this workstation ({reason}); that is why they had "
                    "to be long.",
                    reason=made.no_key_store,
                )
            )
        say(_("Recovery code, shown only now. Write it down and lock it away:"))
        say(f"    {made.recovery_code}")

    content = {
        "home": str(made.home),
        "officers": list(made.logins),
        "recovery_code": made.recovery_code,
        "no_key_store": made.no_key_store,
    }
    shell.emit(content, human)
    return int(ExitCode.DONE)


def password(context: typer.Context) -> int:
    """Change the officer's own password: the old one, then the new one, a line each or asked."""
    from deskcrm.services.passwords import change_own_password
    from deskcrm.services.session_start import close_desk, open_desk

    shell: Shell = context.obj
    login = shell.sign_in_name(shell.home)
    old, new = shell.secrets(
        _("Password of {login}: ", login=login), new_of=login, known=shell.known_password(login)
    )
    desk = open_desk(shell.home, login, old, clock=shell.clock())
    try:
        change_own_password(desk, old, new)
    finally:
        close_desk(desk)
    shell.emit({"login": login, "changed": True}, lambda: say(_("Your password is changed.")))
    return int(ExitCode.DONE)


def recover(context: typer.Context) -> int:
    """Set a new password for the officer of --as: the recovery code, then the new password."""
    from deskcrm.services.passwords import recover_with_code

    shell: Shell = context.obj
    if shell.login is None:
        raise UsageError(N_("Say whose password it is with --as LOGIN."))
    code, new = shell.secrets(_("Recovery code: "), new_of=shell.login)
    recover_with_code(shell.home, code, shell.login, new, clock=shell.clock())
    content = {"login": shell.login, "changed": True}
    shell.emit(
        content, lambda: say(_("{login} signs in with the new password.", login=shell.login))
    )
    return int(ExitCode.DONE)


def _described(text: str) -> tuple[str, str, str]:
    parts = text.split(":")
    if len(parts) != 3 or not all(part.strip() for part in parts):
        raise UsageError(N_("An officer is LOGIN:NAME:ROLE, for example lin:林晓:account_manager."))
    login, name, role = (part.strip() for part in parts)
    return login, name, role


def demo(
    context: typer.Context,
    customers: Annotated[int, typer.Option(help=_("How many customers"), min=1)] = 2000,
    seed: Annotated[int, typer.Option(help=_("Another seed makes another branch"))] = 1,
    open_app: Annotated[
        bool, typer.Option("--open/--no-open", help=_("Open the app afterwards"))
    ] = True,
) -> int:
    """Make a demo branch, or reuse the one that is there, and open it without a question."""
    from deskcrm.services.demo_branch import open_demo, prepare_demo

    shell: Shell = context.obj
    made = prepare_demo(
        shell.demo_home(), customers=customers, seed=seed, today=shell.today, tell=_progress
    )
    content = {
        "home": str(made.home),
        "officers": [
            {"login": row.login, "name": row.name, "password": row.password, "role": row.role}
            for row in made.officers
        ],
        "customers": made.customers,
    }
    if not open_app:

        def human() -> None:
            say(_("Demo branch in {name}: {n} customers.", name=made.home, n=made.customers))
            for row in made.officers:
                say(f"    {row.login:<12} {row.password}  ({row.role})")

        shell.emit(content, human)
        return int(ExitCode.DONE)
    from deskcrm.launch import run_app

    clock = Shell(made.home, today=shell.today).clock()
    return run_app(
        made.home,
        clock=clock,
        language=shell.language,
        open_at_once=lambda: open_demo(made.home, clock=clock),
    )


def _progress(sentence: str) -> None:
    from deskcrm.commands.shell import print_error

    print_error(sentence)
