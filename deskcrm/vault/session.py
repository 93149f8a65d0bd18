"""Read and write sessions on the open vault. Writing the ledger is automatic here.

``OpenVault.write`` gives a unit of work: one ``BEGIN IMMEDIATE`` transaction, one change set. What
is added, changed or deleted through its session becomes ledger entries in the same transaction;
set-based statements report themselves with ``record_bulk`` and sensitive reads with
``record_read``, so no service can forget the ordinary case.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import CompoundSelect, Connection, Engine, event, func, insert, select, union_all
from sqlalchemy import inspect as inspect_row
from sqlalchemy.orm import UOWTransaction
from sqlmodel import Session, SQLModel

from deskcrm.clock import Clock
from deskcrm.models import ChangeSetRow
from deskcrm.models.base import Record, to_json
from deskcrm.vault import ledger
from deskcrm.vault.ids import IdMaker
from deskcrm.vault.keyslots import VaultKeys
from deskcrm.vault.ledger import Entry, Head, HeadFile

Row = TypeVar("Row", bound=Record)

DURABLE_EVERY = 100


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """One unit of work that was committed. ``entries`` is 0 when nothing of record changed."""

    id: int
    action: str
    entries: int


class UnitOfWork:
    """One write transaction with its ledger entries."""

    def __init__(
        self,
        session: Session,
        ids: IdMaker,
        now: datetime,
        today: date,
        *,
        action: str,
        reason: str,
        officer_id: int | None,
        ledger_key: bytes,
    ) -> None:
        self.session = session
        self.now = now
        self.today = today
        self.action = action
        self.reason = reason
        self.officer_id = officer_id
        self.reverses_id: int | None = None
        self.touched: dict[str, set[int]] = {}
        self._ids = ids
        self._key = ledger_key
        self._entries: list[Entry] = []
        self.head = ledger.read_head(self.connection)
        ids.not_before(max(self.head.id, _newest_unledgered(self.connection)))
        self.id = ids.next(now)
        event.listen(session, "before_flush", self._collect)

    @property
    def connection(self) -> Connection:
        """The connection of this transaction, for set-based statements."""
        return self.session.connection()

    @property
    def change_set(self) -> ChangeSet:
        """What this unit of work amounts to so far."""
        return ChangeSet(self.id, self.action, len(self._entries))

    def new_id(self) -> int:
        """An identifier for a new row."""
        return self._ids.next(self.now)

    def new_ids(self, count: int) -> range:
        """``count`` identifiers in rising order, for bulk inserts."""
        return self._ids.block(count, self.now)

    def first_bulk_id(self) -> int:
        """Where a set-based insert may start numbering: row n gets this plus ``n * STEP``.

        Tell ``record_bulk`` the last identifier used.
        """
        return self.new_id()

    def add(self, row: Row) -> Row:
        """Add a new row; it has its identifier at once."""
        if row.id is None:
            row.id = self.new_id()
        self.session.add(row)
        return row

    def record_bulk(
        self, operation: str, table: str, *, count: int, first: int, last: int, **detail: Any
    ) -> None:
        """Write down a set-based insert of ``count`` rows numbered ``first`` to ``last``."""
        if not count:
            return
        self._ids.not_before(last)
        summary = {"count": count, "first": first, "last": last, **detail}
        self._entries.append(Entry(operation, table, None, to_json(summary), self.reason))

    def record(self, operation: str, table: str, subject_id: int | None, **detail: Any) -> None:
        """Write down something that is not a change of a row: a sensitive read, an export."""
        self._entries.append(
            Entry(operation, table, subject_id, to_json(detail) if detail else "", self.reason)
        )

    def touch(self, table: str, row_id: int) -> None:
        """Say that a row changed behind the session, so that what is derived follows."""
        self.touched.setdefault(table, set()).add(row_id)

    def finish(self) -> Head:
        """Flush, write the change set and its entries; the caller commits."""
        self.session.flush()
        if not self._entries:
            return self.head
        connection = self.connection
        connection.execute(
            insert(ChangeSetRow.__table__),  # type: ignore[attr-defined]
            {
                "id": self.id,
                "at": self.now,
                "officer_id": self.officer_id,
                "action": self.action,
                "reason": self.reason,
                "reverses_id": self.reverses_id,
            },
        )
        numbered = zip(self.new_ids(len(self._entries)), self._entries, strict=True)
        return ledger.append(
            connection,
            self._key,
            self.head,
            numbered,
            change_set_id=self.id,
            at=self.now,
            officer_id=self.officer_id,
            action=self.action,
        )

    def _collect(self, session: Session, _context: UOWTransaction, _instances: Any) -> None:
        for row in session.new:
            if isinstance(row, Record) and row.id is None:
                row.id = self.new_id()
            self._note("insert", row, _inserted(row))
        for row in session.dirty:
            changes = _changed(row)
            if changes and hasattr(row, "revision"):
                row.revision += 1
                row.updated_at = self.now
                changes = _changed(row)
            self._note("update", row, changes)
        for row in session.deleted:
            self._note("delete", row, {n: (v, None) for n, (_, v) in _inserted(row).items()})

    def _note(self, operation: str, row: object, changes: dict[str, tuple[Any, Any]]) -> None:
        if not isinstance(row, Record) or not changes:
            return
        table = str(row.__tablename__)
        self.touched.setdefault(table, set()).add(row.id)
        if "customer_id" in changes or hasattr(row, "customer_id"):
            before, after = changes.get("customer_id", (None, getattr(row, "customer_id", None)))
            self.touched.setdefault("customer", set()).update(i for i in (before, after) if i)
        if row.ledgered:
            self._entries.append(
                Entry(operation, table, row.id, ledger.changes_text(changes), self.reason)
            )


@cache
def _newest_ids() -> CompoundSelect[int]:
    unledgered = (row for row in Record.__subclasses__() if not row.ledgered)
    return union_all(*(select(func.max(row.__table__.c.id)) for row in unledgered))  # type: ignore[attr-defined]


def _newest_unledgered(connection: Connection) -> int:
    """The newest identifier of working memory, which another program may have made without any
    entry in the ledger."""
    return max((newest or 0 for newest in connection.scalars(_newest_ids())), default=0)


DerivedHook = Callable[[UnitOfWork], None]


@dataclass(slots=True)
class OpenVault:
    """An unlocked vault: the engine, the keys in use, and the one write lock of this process.

    ``derived`` are called before a unit of work ends, with what it touched, to bring derived data
    (search index, duplicate keys, ranks) up to date in the same transaction. ``committed`` are
    called after each unit of work is committed, in its thread; they must return at once.
    """

    home: Path
    engine: Engine
    keys: VaultKeys
    head_file: HeadFile
    ids: IdMaker
    derived: list[DerivedHook] = field(default_factory=list)
    committed: list[Callable[[], None]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _since_durable: int = 0

    @property
    def ledger_key(self) -> bytes:
        """The key that chains the ledger."""
        return self.keys.ledger_key

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session on one snapshot of the database."""
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            yield session

    @contextmanager
    def write(
        self, clock: Clock, *, action: str, officer_id: int | None = None, reason: str = ""
    ) -> Iterator[UnitOfWork]:
        """A unit of work; leaving it commits, an exception rolls everything back."""
        with self._lock:
            writer = self.engine.execution_options(write=True)
            with Session(writer, expire_on_commit=False) as session:
                work = UnitOfWork(
                    session,
                    self.ids,
                    clock.now(),
                    clock.today(),
                    action=action,
                    reason=reason,
                    officer_id=officer_id,
                    ledger_key=self.ledger_key,
                )
                yield work
                session.flush()
                for hook in self.derived:
                    hook(work)
                head = work.finish()
                session.commit()
            if head.seq != work.head.seq:
                self._keep_head(head)
        for listener in tuple(self.committed):
            listener()

    def checkpoint(self) -> None:
        """Write the head of the ledger outside the database and wait until it is on the disk."""
        with self._lock, self.engine.connect() as connection:
            self.head_file.save(ledger.read_head(connection), durable=True)
            self._since_durable = 0

    def close(self) -> None:
        """Checkpoint and close every connection."""
        self.checkpoint()
        self.engine.dispose()

    def _keep_head(self, head: Head) -> None:
        self._since_durable += 1
        durable = self._since_durable >= DURABLE_EVERY
        self.head_file.save(head, durable=durable)
        if durable:
            self._since_durable = 0


def _columns(row: SQLModel) -> Iterator[str]:
    derived: frozenset[str] = getattr(row, "derived", frozenset())
    return (name for name in row.__table__.columns.keys() if name not in derived)  # type: ignore[attr-defined]  # noqa: SIM118


def _inserted(row: object) -> dict[str, tuple[Any, Any]]:
    if not isinstance(row, SQLModel):
        return {}
    values = ((name, getattr(row, name)) for name in _columns(row))
    return {name: (None, value) for name, value in values if value is not None and value != ""}


def _changed(row: object) -> dict[str, tuple[Any, Any]]:
    if not isinstance(row, SQLModel):
        return {}
    state: Any = inspect_row(row)
    found = {}
    for name in _columns(row):
        history = state.attrs[name].history
        if history.has_changes():
            before = history.deleted[0] if history.deleted else None
            after = getattr(row, name)
            if before != after:
                found[name] = (before, after)
    return found
