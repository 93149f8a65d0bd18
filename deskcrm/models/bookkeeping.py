"""What the program keeps for itself: settings, calendar, imports, drafts, the ledger."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Index, Integer, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from deskcrm.models.base import Record, big, instant, json_value, reference


class Setting(Record, table=True):
    """A dated, sourced figure or switch of the branch."""

    __tablename__ = "setting"
    __table_args__ = (UniqueConstraint("key", "valid_from"),)

    key: str
    value: Any = json_value()
    valid_from: date
    source: str = ""


class CalendarDay(Record, table=True):
    """A day that departs from the weekly pattern, by law or by the branch's own decision.

    ``announced_year`` is the year whose announcement it came with; empty for the branch's own.
    """

    __tablename__ = "calendar_day"

    day: date = Field(unique=True)
    working: bool
    announced_year: int | None = None
    reason: str = ""


class ImportBatch(Record, table=True):
    """One file brought in."""

    __tablename__ = "import_batch"

    kind: str
    file_name: str
    file_sha256: str
    profile: str = ""
    mapping: Any = json_value()
    officer_id: int = reference("officer.id")
    started_at: datetime = instant()
    state: str = "done"
    rows_read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    rejects_file: str = ""
    data_as_of: date | None = None
    change_set_id: int | None = big()


class ImportMapping(Record, table=True):
    """A column mapping a person confirmed, found again by the header's fingerprint."""

    __tablename__ = "import_mapping"
    __table_args__ = (UniqueConstraint("kind", "fingerprint"),)

    kind: str
    fingerprint: str
    mapping: Any = json_value()
    saved_at: datetime = instant()


class Draft(Record, table=True):
    """An unfinished form. Working memory, not a record: outside the ledger."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("officer_id", "form", "subject_id"),)
    ledgered: ClassVar[bool] = False

    officer_id: int = reference("officer.id")
    form: str
    subject_id: int = big(default=0, nullable=False)
    values: Any = json_value()
    saved_at: datetime = instant()


class ChangeSetRow(Record, table=True):
    """One unit of work: the entries of the ledger that belong together, and can be undone."""

    __tablename__ = "change_set"
    __table_args__ = (Index("ix_change_set_officer", "officer_id", "id"),)
    ledgered: ClassVar[bool] = False

    at: datetime = instant()
    officer_id: int | None = big()
    action: str
    reason: str = ""
    reverses_id: int | None = big()
    reversed_by_id: int | None = big()


class LedgerEntry(SQLModel, table=True):
    """One entry of the append-only, hash-chained ledger.

    ``mac`` is the keyed hash over the previous ``mac`` and this entry's canonical form. ``changes``
    is JSON text: ``{"field": [before, after]}`` for a row; a summary for set-based statements.
    """

    __tablename__ = "ledger"
    __table_args__ = (
        Index("ix_ledger_subject", "subject_table", "subject_id"),
        Index("ix_ledger_change_set", "change_set_id"),
    )

    seq: int = Field(default=None, primary_key=True)
    id: int = Field(sa_type=Integer)
    change_set_id: int = Field(sa_type=Integer)
    at: int = Field(sa_type=Integer)
    officer_id: int | None = Field(default=None, sa_type=Integer)
    action: str
    operation: str
    subject_table: str
    subject_id: int | None = Field(default=None, sa_type=Integer)
    changes: str = ""
    reason: str = ""
    mac: bytes = Field(sa_type=LargeBinary)


class VaultFact(SQLModel, table=True):
    """Facts about the database itself: its id, the desk number, whether it is a demo."""

    __tablename__ = "vault_fact"

    key: str = Field(primary_key=True)
    value: str
