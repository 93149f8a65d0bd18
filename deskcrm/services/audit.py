"""Reading the ledger: verify the chain, show entries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from deskcrm.models.base import from_milliseconds
from deskcrm.services.authority import allow
from deskcrm.services.desk import Desk
from deskcrm.vault import ledger
from deskcrm.vault.ledger import Head, Verification


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry of the ledger, without the values of fields: who did what, when, to what."""

    seq: int
    at: datetime
    officer: str
    action: str
    operation: str
    subject_table: str
    subject_id: int | None
    fields: tuple[str, ...]
    reason: str


def verify_ledger(desk: Desk) -> Verification:
    """Walk the whole chain and compare it with the head kept outside the database.

    Every officer may verify: it shows nothing but whether the record is whole.
    """
    outside = outside_head(desk)
    with desk.read() as session:
        return ledger.verify(session.connection(), desk.vault.ledger_key, outside)


def outside_head(desk: Desk) -> Head | None:
    """The head kept beside the database; nothing when the file is missing or not authentic."""
    try:
        return desk.vault.head_file.load()
    except (ValueError, KeyError):
        return None


def recent_entries(
    desk: Desk, *, limit: int = 100, before_seq: int | None = None, customer_id: int | None = None
) -> tuple[AuditEntry, ...]:
    """The newest entries, for those who may view the audit trail."""
    allow(desk, "audit.view")
    with desk.read() as session:
        rows = session.execute(
            text(
                "SELECT l.seq, l.at, coalesce(o.login, ''), l.action, l.operation,"
                " l.subject_table, l.subject_id, l.changes, l.reason"
                " FROM ledger l LEFT JOIN officer o ON o.id = l.officer_id"
                " WHERE l.seq < :before"
                + (
                    " AND l.subject_table = 'customer' AND l.subject_id = :customer"
                    if customer_id is not None
                    else ""
                )
                + " ORDER BY l.seq DESC LIMIT :limit"
            ),
            {
                "before": before_seq if before_seq is not None else 2**62,
                "customer": customer_id,
                "limit": limit,
            },
        ).all()
    return tuple(_entry(row) for row in rows)


def _entry(row: Any) -> AuditEntry:
    seq, at, officer, action, operation, table, subject, changes, reason = row
    content: dict[str, Any] = json.loads(changes) if changes else {}
    return AuditEntry(
        seq,
        from_milliseconds(at),
        officer,
        action,
        operation,
        table,
        subject,
        tuple(sorted(content)),
        reason,
    )
