"""Rows gathered in memory and written table by table, as few statements as there are shapes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import insert
from sqlmodel import SQLModel

from deskcrm.models.base import Record
from deskcrm.vault.ids import STEP
from deskcrm.vault.session import UnitOfWork

TRANSACTION_COLUMNS = (
    "id",
    "account_id",
    "booked_on",
    "booked_time",
    "direction",
    "amount_minor",
    "balance_after_minor",
    "kind",
    "category",
    "counterparty",
    "channel",
)
_INSERT_TRANSACTIONS = (
    f"INSERT INTO account_transaction ({', '.join(TRANSACTION_COLUMNS)})"
    f" VALUES ({', '.join('?' * len(TRANSACTION_COLUMNS))})"
)

Booking = tuple[int, int, str, str, str, int, int, str, str, str, str]
"""A transaction as the database keeps it, in the order of ``TRANSACTION_COLUMNS``."""


class Rows:
    """The new rows of one unit of work. Identifiers are given when a row is added."""

    def __init__(self, work: UnitOfWork) -> None:
        self.counts: dict[str, int] = {}
        self.bookings: list[Booking] = []
        self._work = work
        self._next = work.first_bulk_id()
        self._rows: dict[str, dict[tuple[str, ...], list[dict[str, Any]]]] = defaultdict(dict)

    def new_id(self) -> int:
        """The next identifier."""
        given = self._next
        self._next = given + STEP
        return given

    def add(self, model: type[Record], **fields: Any) -> int:
        """Gather a row, numbered unless it has an ``id`` already; its identifier."""
        if "id" not in fields:
            fields["id"] = self.new_id()
        shapes = self._rows[str(model.__tablename__)]
        shapes.setdefault(tuple(fields), []).append(fields)
        return int(fields["id"])

    def write(self) -> None:
        """Insert what was gathered, tables that others refer to first, and tell the ledger."""
        connection = self._work.connection
        for table in SQLModel.metadata.sorted_tables:
            for rows in self._rows.get(table.name, {}).values():
                connection.execute(insert(table), rows)
            if table.name == "account_transaction" and self.bookings:
                connection.exec_driver_sql(_INSERT_TRANSACTIONS, self.bookings)
        for name, shapes in self._rows.items():
            self._record(name, [row["id"] for rows in shapes.values() for row in rows])
        self._record("account_transaction", [booking[0] for booking in self.bookings])

    def _record(self, table: str, ids: list[int]) -> None:
        if ids:
            self.counts[table] = len(ids)
            self._work.record_bulk(
                "insert_many", table, count=len(ids), first=min(ids), last=max(ids)
            )
