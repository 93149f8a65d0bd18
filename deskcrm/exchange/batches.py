"""Files that were brought in: the list of them, and taking one back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from deskcrm.errors import NotFoundError
from deskcrm.models import ChangeSetRow, ImportBatch, Officer
from deskcrm.services.authority import allow, authority_of
from deskcrm.services.desk import Desk
from deskcrm.services.undo import NothingToUndoError, reverse

NEWEST = 200


@dataclass(frozen=True, slots=True)
class BatchView:
    """One file brought in. ``undone`` says that it was taken back."""

    id: int
    kind: str
    file_name: str
    file_sha256: str
    profile: str
    officer_name: str
    imported_at: datetime
    data_as_of: date | None
    read: int
    created: int
    updated: int
    unchanged: int
    rejected: int
    rejects_file: str
    undone: bool

    def as_json(self) -> dict[str, Any]:
        """The object of ``import list --json``."""
        return {
            "batch": str(self.id),
            "kind": self.kind,
            "file": self.file_name,
            "sha256": self.file_sha256,
            "profile": self.profile or None,
            "officer": self.officer_name,
            "at": self.imported_at.isoformat(),
            "data_as_of": None if self.data_as_of is None else self.data_as_of.isoformat(),
            "read": self.read,
            "created": self.created,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "rejects_file": self.rejects_file or None,
            "undone": self.undone,
        }


@dataclass(frozen=True, slots=True)
class UndoneBatch:
    """What taking a batch back did.

    ``restored`` counts rows taken away or put back as they were; ``kept`` the rows and fields that
    later work holds in place.
    """

    batch: int
    restored: int
    kept: int

    def as_json(self) -> dict[str, Any]:
        """The object of ``import undo --json``."""
        return {"batch": str(self.batch), "restored": self.restored, "kept": self.kept}


def list_batches(desk: Desk, limit: int = NEWEST) -> tuple[BatchView, ...]:
    """The newest batches: the officer's own, or the branch's for those who see all of it."""
    allow(desk, "import.run")
    wanted = (
        select(ImportBatch, Officer.name, ChangeSetRow.reversed_by_id)
        .join(Officer, col(Officer.id) == col(ImportBatch.officer_id))
        .join(ChangeSetRow, col(ChangeSetRow.id) == col(ImportBatch.change_set_id))
        .order_by(col(ImportBatch.id).desc())
        .limit(limit)
    )
    if authority_of(desk.officer.role).scope != "branch":
        wanted = wanted.where(col(ImportBatch.officer_id) == desk.officer.id)
    with desk.read() as session:
        return tuple(_view(*row) for row in session.exec(wanted))


def undo_batch(desk: Desk, batch_id: int) -> UndoneBatch:
    """Take a batch back: created rows go, updated ones get their old values.

    What somebody has worked on since stays and is counted. Raises ``NotFoundError``, also for the
    batch of a colleague outside the officer's scope, and ``NothingToUndoError`` the second time.
    """
    allow(desk, "import.undo")
    with desk.write("undo") as work:
        batch = _visible_batch(desk, work.session, batch_id)
        change_set = work.session.get(ChangeSetRow, batch.change_set_id)
        if change_set is None or change_set.reversed_by_id is not None:
            raise NothingToUndoError
        restored, kept = reverse(work, change_set.id)
        change_set.reversed_by_id = work.id
        work.reverses_id = change_set.id
        work.record("undo", "import_batch", batch_id, restored=restored, kept=kept)
    return UndoneBatch(batch_id, restored, kept)


def _visible_batch(desk: Desk, session: Session, batch_id: int) -> ImportBatch:
    batch = session.get(ImportBatch, batch_id)
    whole_branch = authority_of(desk.officer.role).scope == "branch"
    if batch is None or not (whole_branch or batch.officer_id == desk.officer.id):
        raise NotFoundError
    return batch


def _view(batch: ImportBatch, officer: str, reversed_by: int | None) -> BatchView:
    return BatchView(
        id=batch.id,
        kind=batch.kind,
        file_name=batch.file_name,
        file_sha256=batch.file_sha256,
        profile=batch.profile,
        officer_name=officer,
        imported_at=batch.started_at,
        data_as_of=batch.data_as_of,
        read=batch.rows_read,
        created=batch.created,
        updated=batch.updated,
        unchanged=batch.unchanged,
        rejected=batch.rejected,
        rejects_file=batch.rejects_file,
        undone=reversed_by is not None,
    )
