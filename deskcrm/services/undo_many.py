"""Undo of rows made in bulk: take them away, but none that later work stands on.

A row stays when somebody changed it since, or when another row that does not go refers to it; and
what belongs to a row that stays, stays with it. Follow-ups that a scan raised and nobody has
worked go with their customer.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlmodel import SQLModel

from deskcrm.models.base import to_json
from deskcrm.vault.ledger import Entry
from deskcrm.vault.session import UnitOfWork

_IDLE_FOLLOWUP = """
    state = 'open' AND attempts = 0 AND NOT EXISTS (
      SELECT 1 FROM ledger AS w
       WHERE w.subject_table = 'followup' AND w.subject_id = r.id AND w.operation = 'update')
"""
_CHANGED_SINCE = """
    SELECT DISTINCT l.subject_id
      FROM ledger AS l JOIN change_set AS s ON s.id = l.change_set_id
     WHERE l.subject_table = :table AND l.subject_id BETWEEN :first AND :last
       AND l.change_set_id > :change_set AND l.operation IN ('insert', 'update', 'delete')
       AND s.reversed_by_id IS NULL AND s.action <> 'undo'
"""


class Span(NamedTuple):
    """The rows of a table that one statement made: the first and the last identifier."""

    table: str
    first: int
    last: int


class _Reference(NamedTuple):
    """A column of ``table`` that refers to another table."""

    table: str
    column: str
    target: str


@dataclass
class BulkUndo:
    """Takes the bulk inserts of one change set back."""

    work: UnitOfWork
    change_set_id: int
    spans: Sequence[Span]
    stays: dict[str, set[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # Nobody else writes meanwhile, so all between the first and the last row is of this undo.
        self._whole = {
            table: Span(
                table,
                min(span.first for span in self.spans if span.table == table),
                max(span.last for span in self.spans if span.table == table),
            )
            for table in {span.table for span in self.spans}
        }
        for span in self._whole.values():
            self._keep(span.table, self._changed_since(span) | self._referred_to(span))
        inner = [one for one in _references() if {one.table, one.target} <= self._whole.keys()]
        for link in inner:
            self._keep_parents(link)
        for link in inner:
            self._keep_children(link)

    def delete(self, span: Span) -> tuple[int, int]:
        """Delete the rows of a span that may go; how many went, and how many stay."""
        stays = [i for i in self.stays.get(span.table, ()) if span.first <= i <= span.last]
        values = {"first": span.first, "last": span.last, "stays": to_json(sorted(stays))}
        going = "id BETWEEN :first AND :last AND id NOT IN (SELECT value FROM json_each(:stays))"
        connection = self.work.connection
        if span.table == "customer":
            ids = connection.scalars(text(f"SELECT id FROM customer WHERE {going}"), values)
            self.work.touched.setdefault("customer", set()).update(ids)
            self._delete_followups(going, values)
        statement = text(f"DELETE FROM {span.table} WHERE {going}")
        removed = int(connection.execute(statement, values).rowcount)
        self.work.record(
            "delete_many", span.table, None, count=removed, first=span.first, last=span.last
        )
        return removed, len(stays)

    def _delete_followups(self, going: str, values: dict[str, Any]) -> None:
        statement = text(
            "DELETE FROM followup AS r"
            f" WHERE customer_id IN (SELECT id FROM customer WHERE {going}) AND {_IDLE_FOLLOWUP}"
        )
        removed = int(self.work.connection.execute(statement, values).rowcount)
        if removed:
            self.work.record("delete_many", "followup", None, count=removed)

    def _changed_since(self, span: Span) -> set[int]:
        values = {**span._asdict(), "change_set": self.change_set_id}
        return set(self.work.connection.scalars(text(_CHANGED_SINCE), values))

    def _referred_to(self, span: Span) -> set[int]:
        """Rows that a row outside this change set refers to."""
        found: set[int] = set()
        for link in _references():
            if link.target != span.table:
                continue
            own = self._whole.get(link.table, Span(link.table, 0, 0))
            idle = _IDLE_FOLLOWUP if link.table == "followup" else "FALSE"
            statement = text(
                f"SELECT DISTINCT r.{link.column} FROM {link.table} AS r"
                f" WHERE r.{link.column} BETWEEN :first AND :last"
                f" AND r.id NOT BETWEEN :own_first AND :own_last AND NOT ({idle})"
            )
            values = {
                "first": span.first,
                "last": span.last,
                "own_first": own.first,
                "own_last": own.last,
            }
            found |= set(self.work.connection.scalars(statement, values))
        return found

    def _keep_parents(self, link: _Reference) -> None:
        self._keep(
            link.target,
            self._across(f"SELECT {link.column} FROM {link.table} WHERE id", link.table),
        )

    def _keep_children(self, link: _Reference) -> None:
        statement = f"SELECT id FROM {link.table} WHERE {link.column}"
        self._keep(link.table, self._across(statement, link.target))

    def _across(self, statement: str, table: str) -> set[int]:
        """What ``statement`` finds for the rows of ``table`` that stay."""
        stays = to_json(sorted(self.stays.get(table, ())))
        found = text(f"{statement} IN (SELECT value FROM json_each(:stays))")
        return set(self.work.connection.scalars(found, {"stays": stays}))

    def _keep(self, table: str, ids: set[int]) -> None:
        self.stays.setdefault(table, set()).update(ids)


def bulk_undo(work: UnitOfWork, change_set_id: int, entries: Sequence[Entry]) -> BulkUndo:
    """What the bulk inserts among ``entries`` made, and which of it has to stay."""
    spans = [span_of(entry) for entry in entries if entry.operation == "insert_many"]
    return BulkUndo(work, change_set_id, spans)


def span_of(entry: Entry) -> Span:
    """The rows that an entry about a bulk insert tells of."""
    summary = json.loads(entry.changes)
    return Span(entry.subject_table, summary["first"], summary["last"])


def _references() -> list[_Reference]:
    return [
        _Reference(table.name, key.parent.name, key.column.table.name)
        for table in SQLModel.metadata.sorted_tables
        for key in table.foreign_keys
    ]
