"""Backups of the branch, made while it works."""

from __future__ import annotations

from pathlib import Path

from deskcrm.services.authority import allow
from deskcrm.services.desk import Desk
from deskcrm.vault.backup import Progress, create_backup
from deskcrm.vault.manifest import Manifest
from deskcrm.vault.policy import default_policy


def back_up(desk: Desk, destination: Path, progress: Progress | None = None) -> Manifest:
    """Make a verified backup in the new folder ``destination`` and write it into the ledger.

    ``progress`` is told pages done and in all. Raises what ``create_backup`` does.
    """
    allow(desk, "backup.create")
    desk.vault.checkpoint()
    manifest = create_backup(
        desk.vault.home,
        destination,
        desk.vault.keys,
        policy=default_policy(),
        clock=desk.clock,
        progress=progress,
    )
    with desk.write("backup.create") as work:
        work.record("backup", "vault", None, ledger_seq=manifest.ledger_seq)
    return manifest
