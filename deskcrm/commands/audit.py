"""``audit``, ``undo``: the ledger from the command line."""

from __future__ import annotations

from typing import Annotated

import typer

from deskcrm.clock import local
from deskcrm.commands.shell import Shell, read_id, say
from deskcrm.errors import ExitCode
from deskcrm.i18n import _


def register(program: typer.Typer) -> None:
    """Add the commands about the ledger."""
    group = typer.Typer(help=_("The audit trail"), no_args_is_help=True)
    group.command("verify", help=_("Check that the audit trail is whole"))(verify)
    group.command("show", help=_("Show the newest entries of the audit trail"))(show)
    program.add_typer(group, name="audit")
    program.command("undo", help=_("Take back your last change"))(undo)


def verify(context: typer.Context) -> int:
    """Walk the whole chain; exit 1 when an entry is wrong."""
    from deskcrm.services.audit import verify_ledger

    shell: Shell = context.obj
    with shell.desk() as desk:
        found = verify_ledger(desk)
    head = found.head.mac.hex()

    def human() -> None:
        if found.ok:
            say(
                _("The audit trail is whole: {n} entries, head {head}.", n=found.entries, head=head)
            )
        else:
            say(
                _(
                    "The audit trail is broken at entry {n}. Keep this vault as it is and tell the "
                    "security administrator.",
                    n=found.first_bad,
                )
            )

    content = {
        "entries": found.entries,
        "ok": found.ok,
        "first_bad": found.first_bad,
        "head": head,
        "problem": found.problem or None,
    }
    shell.emit(content, human)
    return int(ExitCode.DONE if found.ok else ExitCode.FAILED)


def show(
    context: typer.Context,
    limit: Annotated[int, typer.Option(help=_("How many entries"), min=1, max=10_000)] = 50,
    customer: Annotated[str, typer.Option(help=_("Only about this customer"))] = "",
) -> int:
    """The newest entries, newest first."""
    from deskcrm.services.audit import recent_entries

    shell: Shell = context.obj
    with shell.desk() as desk:
        subject = read_id(customer) if customer else None
        entries = recent_entries(desk, limit=limit, customer_id=subject)
        zone_clock = desk.clock

    def human() -> None:
        for entry in entries:
            at = local(entry.at, zone_clock).strftime("%Y-%m-%d %H:%M:%S")
            say(
                f"{entry.seq:>8}  {at}  {entry.officer:<12}  {entry.action:<20}"
                f"  {entry.operation:<12}  {entry.subject_table} {entry.subject_id or ''}"
            )

    rows = [
        {
            "seq": entry.seq,
            "at": entry.at.isoformat(),
            "officer": entry.officer,
            "action": entry.action,
            "operation": entry.operation,
            "table": entry.subject_table,
            "id": str(entry.subject_id) if entry.subject_id is not None else None,
            "fields": list(entry.fields),
            "reason": entry.reason,
        }
        for entry in entries
    ]
    shell.emit({"entries": rows}, human)
    return int(ExitCode.DONE)


def undo(context: typer.Context) -> int:
    """Reverse the officer's newest change set that is not reversed yet."""
    from deskcrm.services.undo import undo as undo_last

    shell: Shell = context.obj
    with shell.desk() as desk:
        done = undo_last(desk)

    def human() -> None:
        say(_("Taken back: {action}.", action=done.action))
        if done.kept:
            say(_("{n} later edits were kept.", n=done.kept))

    content = {
        "undone": str(done.reversed_id),
        "action": done.action,
        "restored": done.restored,
        "kept": done.kept,
    }
    shell.emit(content, human)
    return int(ExitCode.DONE)
