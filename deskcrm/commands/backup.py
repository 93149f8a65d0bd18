"""``backup``: make, verify and restore backups."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from deskcrm.commands.shell import Shell, say
from deskcrm.errors import ExitCode
from deskcrm.i18n import _

if TYPE_CHECKING:
    from deskcrm.vault.manifest import Manifest


def register(program: typer.Typer) -> None:
    """Add the commands about backups."""
    group = typer.Typer(help=_("Backups"), no_args_is_help=True)
    group.command("create", help=_("Make a verified backup in a new folder"))(create)
    group.command("verify", help=_("Check a backup without changing it"))(verify)
    group.command("restore", help=_("Put a backup into the new folder given with --home"))(restore)
    program.add_typer(group, name="backup")


def create(context: typer.Context, destination: Path) -> int:
    """Back up the vault to ``destination``, a folder that must not exist yet."""
    from deskcrm.services.backups import back_up

    shell: Shell = context.obj
    with shell.desk() as desk:
        manifest = back_up(desk, destination, _percent)
    _tell(shell, manifest, _("The backup is whole and verified: {name}.", name=destination))
    return int(ExitCode.DONE)


def verify(context: typer.Context, source: Path) -> int:
    """Check every file, page and row of a backup with the keys of an officer in it."""
    from deskcrm.services.session_start import backup_keys
    from deskcrm.vault.backup import verify_backup

    shell: Shell = context.obj
    login = shell.sign_in_name(source)
    manifest = verify_backup(source, backup_keys(source, login, shell.password(login)))
    _tell(shell, manifest, _("The backup is whole and as it was written: {name}.", name=source))
    return int(ExitCode.DONE)


def restore(context: typer.Context, source: Path) -> int:
    """Restore into the new or empty folder given with ``--home``; nothing is ever replaced."""
    from deskcrm.services.session_start import backup_keys
    from deskcrm.vault.backup import restore_backup
    from deskcrm.vault.schema import APPLICATION_ID

    shell: Shell = context.obj
    login = shell.sign_in_name(source)
    keys = backup_keys(source, login, shell.password(login))
    manifest = restore_backup(source, shell.home, keys, application_id=APPLICATION_ID)
    _tell(shell, manifest, _("Restored to {name}. The backup was not changed.", name=shell.home))
    return int(ExitCode.DONE)


def _tell(shell: Shell, manifest: Manifest, sentence: str) -> None:
    rows = sum(manifest.rows.values())
    content = {
        "ok": True,
        "rows": rows,
        "ledger_head": manifest.ledger_mac,
        "ledger_entries": manifest.ledger_seq,
        "created_at": manifest.created_at.isoformat(),
    }

    def human() -> None:
        say(sentence)
        say(_("{n} rows, {entries} audit entries.", n=rows, entries=manifest.ledger_seq))

    shell.emit(content, human)


def _percent(done: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done * 100 // max(total, 1):3d} %")
        if done == total:
            sys.stderr.write("\n")
