"""Undo: reverse a whole change set from the ledger, and keep every later edit.

Nothing here knows what a follow-up or an import is. The entries of the change set are walked from
the last to the first: an inserted row goes, a deleted row comes back, a changed field gets its
old value unless somebody changed it again since. What could not be reversed is told.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import exists
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from deskcrm.errors import DeskError, NotFoundError
from deskcrm.i18n import N_
from deskcrm.models import MODELS, ChangeSetRow, LedgerEntry
from deskcrm.models.base import Record
from deskcrm.services.authority import allow
from deskcrm.services.desk import Desk
from deskcrm.services.undo_many import bulk_undo, span_of
from deskcrm.vault import ledger
from deskcrm.vault.ledger import Entry
from deskcrm.vault.session import ChangeSet, UnitOfWork

TABLES: dict[str, type[SQLModel]] = {str(model.__tablename__): model for model in MODELS}
HISTORY = frozenset({"import_batch", "import_mapping"})
"""What tells of the past, or was learnt on the way, stays when the change set is reversed."""
_TOGETHER = 500
"""Changed rows that are read and written at once."""
NOT_UNDOABLE = frozenset(
    {"branch.create", "undo", "scan", "customer.reveal", "demo.prepare", "demo.fill"}
)


class NothingToUndoError(DeskError):
    """The officer has no change set left to reverse."""

    code = "nothing-to-undo"
    message = N_("There is nothing to undo.")


class CannotUndoError(DeskError):
    """Later work stands on the change set."""

    code = "cannot-undo"
    message = N_("This can no longer be undone: later work builds on it. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did. ``kept`` counts fields and rows that a later edit holds in place."""

    change_set: ChangeSet
    reversed_id: int
    action: str
    restored: int
    kept: int


def last_undoable(desk: Desk, session: Session) -> ChangeSetRow | None:
    """The newest change set of this officer that was not reversed yet."""
    return session.exec(
        select(ChangeSetRow)
        .where(col(ChangeSetRow.officer_id) == desk.officer.id)
        .where(col(ChangeSetRow.reversed_by_id).is_(None))
        .where(col(ChangeSetRow.action).not_in(NOT_UNDOABLE))
        .order_by(col(ChangeSetRow.id).desc())
        .limit(1)
    ).first()


def undo(desk: Desk, change_set_id: int | None = None) -> Undone:
    """Reverse a change set of this officer, by default the newest one.

    Raises ``NothingToUndoError``, or ``CannotUndoError`` when rows made by it are in use by now.
    """
    allow(desk, "undo")
    with desk.write("undo") as work:
        session = work.session
        if change_set_id is None:
            target = last_undoable(desk, session)
            if target is None:
                raise NothingToUndoError
        else:
            target = session.get(ChangeSetRow, change_set_id)
            if target is None or target.officer_id != desk.officer.id:
                raise NotFoundError
            if target.reversed_by_id is not None or target.action in NOT_UNDOABLE:
                raise NothingToUndoError
        restored, kept = reverse(work, target.id)
        target.reversed_by_id = work.id
        work.reverses_id = target.id
        work.record("undo", "change_set", target.id)
        action, reversed_id = target.action, target.id
    return Undone(work.change_set, reversed_id, action, restored, kept)


def reverse(work: UnitOfWork, change_set_id: int) -> tuple[int, int]:
    """Reverse every entry of a change set; how many were restored, and how many were kept."""
    restored = kept = 0
    entries = list(ledger.entries_of(work.connection, change_set_id))
    bulk = bulk_undo(work, change_set_id, entries)
    try:
        for group in _alike(entries):
            rows = _loaded(work.session, group)
            for entry in group:
                if entry.operation == "insert_many":
                    done, held = bulk.delete(span_of(entry))
                else:
                    done, held = _reverse_entry(work, change_set_id, entry)
                restored += done
                kept += held
            work.session.flush()
            rows.clear()
    except IntegrityError as error:
        raise CannotUndoError from error
    return restored, kept


def _alike(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """The entries from the last to the first, in runs of one operation on one table."""
    for _kind, run in groupby(reversed(entries), lambda one: (one.operation, one.subject_table)):
        waiting = list(run)
        for start in range(0, len(waiting), _TOGETHER):
            yield waiting[start : start + _TOGETHER]


def _loaded(session: Session, group: Sequence[Entry]) -> list[SQLModel]:
    """The rows that a run of updates is about, read at once; the session knows them while the list
    is kept."""
    model = TABLES.get(group[0].subject_table)
    if model is None or group[0].operation != "update" or len(group) == 1:
        return []
    ids = [entry.subject_id for entry in group]
    key = model.__table__.columns["id"]  # type: ignore[attr-defined]
    return list(session.exec(select(model).where(key.in_(ids))))


def _reverse_entry(work: UnitOfWork, change_set_id: int, entry: Entry) -> tuple[int, int]:
    model = TABLES.get(entry.subject_table)
    if model is None or entry.subject_id is None or entry.subject_table in HISTORY:
        return 0, 0
    changes: dict[str, list[Any]] = json.loads(entry.changes) if entry.changes else {}
    if entry.operation == "insert":
        if _used_since(work.session, change_set_id, entry):
            return 0, 1
        return _delete(work, model, entry.subject_id), 0
    if entry.operation == "delete":
        work.session.add(model(**dict(_values(model, {n: c[0] for n, c in changes.items()}))))
        work.session.flush()
        return 1, 0
    if entry.operation == "update":
        return _restore_fields(work, model, entry.subject_id, changes)
    return 0, 0


def _used_since(session: Session, change_set_id: int, entry: Entry) -> bool:
    """Whether a later change set, itself not reversed, wrote about the same row."""
    later = (
        exists()
        .where(col(LedgerEntry.subject_table) == entry.subject_table)
        .where(col(LedgerEntry.subject_id) == entry.subject_id)
        .where(col(LedgerEntry.change_set_id) > change_set_id)
        .where(col(LedgerEntry.operation).in_(("insert", "update", "delete")))
        .where(col(ChangeSetRow.id) == col(LedgerEntry.change_set_id))
        .where(col(ChangeSetRow.reversed_by_id).is_(None))
        .where(col(ChangeSetRow.action) != "undo")
    )
    return bool(session.scalar(select(later)))


def _delete(work: UnitOfWork, model: type[SQLModel], row_id: int) -> int:
    row = work.session.get(model, row_id)
    if row is None:
        return 0
    work.session.delete(row)
    work.session.flush()
    return 1


def _restore_fields(
    work: UnitOfWork, model: type[SQLModel], row_id: int, changes: dict[str, list[Any]]
) -> tuple[int, int]:
    row = work.session.get(model, row_id)
    if row is None:
        return 0, len(changes)
    kept = 0
    befores = dict(_values(model, {name: pair[0] for name, pair in changes.items()}))
    for name, (_, after) in changes.items():
        if name in {"revision", "updated_at"}:
            continue
        if ledger.plain(getattr(row, name)) == after:
            setattr(row, name, befores[name])
        else:
            kept += 1
    return 1, kept


def _values(model: type[SQLModel], plain: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    columns = model.__table__.columns  # type: ignore[attr-defined]
    assert issubclass(model, Record)
    for name, value in plain.items():
        yield name, ledger.unplain(columns[name].type, value)
