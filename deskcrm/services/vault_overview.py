"""What the vault screen shows: what is in the vault, who signs in, how it is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlmodel import col, select

from deskcrm.models import LedgerEntry, Officer, Role, ScanState
from deskcrm.models.base import from_milliseconds
from deskcrm.services.desk import Desk
from deskcrm.vault.paths import VaultPaths

_COUNTED = ("customer", "account", "account_transaction", "interaction", "followup")


@dataclass(frozen=True, slots=True)
class OfficerLine:
    """An officer of the branch."""

    login: str
    name: str
    role: Role
    active: bool


@dataclass(frozen=True, slots=True)
class VaultOverview:
    """The state of the vault. ``rows`` counts the rows of the main tables by table name.

    ``database_bytes`` is the size of the encrypted file; the times are instants in UTC.
    """

    home: Path
    demo: bool
    officers: tuple[OfficerLine, ...]
    rows: dict[str, int]
    database_bytes: int
    ledger_entries: int
    last_backup_at: datetime | None
    last_scan_at: datetime | None


def vault_overview(desk: Desk) -> VaultOverview:
    """How the vault is doing; every officer may know, no customer is in it."""
    with desk.read() as session:
        connection = session.connection()
        rows = {
            table: int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)
            for table in _COUNTED
        }
        officers = session.exec(select(Officer).order_by(col(Officer.id))).all()
        entries = session.exec(
            select(LedgerEntry.seq).order_by(col(LedgerEntry.seq).desc())
        ).first()
        backup = session.exec(
            select(LedgerEntry.at)
            .where(LedgerEntry.subject_table == "vault", LedgerEntry.operation == "backup")
            .order_by(col(LedgerEntry.seq).desc())
        ).first()
        scans = session.exec(select(ScanState.ran_at)).all()
    return VaultOverview(
        home=desk.vault.home,
        demo=desk.demo,
        officers=tuple(OfficerLine(o.login, o.name, o.role, o.active) for o in officers),
        rows=rows,
        database_bytes=VaultPaths(desk.vault.home).database.stat().st_size,
        ledger_entries=entries or 0,
        last_backup_at=from_milliseconds(backup) if backup is not None else None,
        last_scan_at=max(scans, default=None),
    )
