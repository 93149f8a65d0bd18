"""``doctor``: is everything in order?"""

from __future__ import annotations

import typer

from deskcrm.commands.shell import Shell, say
from deskcrm.errors import ExitCode
from deskcrm.i18n import _


def register(program: typer.Typer) -> None:
    """Add the command."""
    program.command("doctor", help=_("Check the vault, the data and this workstation"))(doctor)


def doctor(context: typer.Context) -> int:
    """Every check in turn; exit 1 when one fails. What could not be checked is not a failure."""
    from deskcrm.services.doctor import examine

    shell: Shell = context.obj
    with shell.desk() as desk:
        checks = examine(desk)
    marks = {True: _("ok"), False: _("FAILED"), None: _("not checked")}
    ok = all(check.ok is not False for check in checks)

    def human() -> None:
        for check in checks:
            say(f"{marks[check.ok]:<12}  {check.name:<18}  {check.detail}")
        say(_("Everything is in order.") if ok else _("Something is not in order: see above."))

    rows = [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in checks]
    shell.emit({"ok": ok, "checks": rows}, human)
    return int(ExitCode.DONE if ok else ExitCode.FAILED)
