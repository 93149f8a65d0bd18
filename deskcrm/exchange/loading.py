"""What the loaders of the four kinds of record share: one import under way, and its rows.

Loaders write plain tuples with bound statements, thousands at a time, and report to the ledger
themselves: rows made as one entry a statement, rows changed with an entry each, so that undo can
take away the first and put back the second.
"""

from __future__ import annotations

from collections.abc import Mapping as Values
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import compress
from typing import Any, NamedTuple, Protocol

from sqlmodel import col, select

from deskcrm.errors import FieldError
from deskcrm.exchange.columns import Batch, CellError, Reject
from deskcrm.exchange.mapping import Mapping
from deskcrm.i18n import N_
from deskcrm.models import Officer
from deskcrm.models.base import to_json
from deskcrm.services.authority import authority_of, may
from deskcrm.services.desk import Desk
from deskcrm.vault.session import UnitOfWork

UNKNOWN_CUSTOMER = N_("No customer has this number, or none in your care.")
UNKNOWN_ACCOUNT = N_("No account has this number, or none in your care.")
SEVERAL_CUSTOMERS = N_("Several customers fit this. Give the customer number.")
UNKNOWN_OFFICER = N_("Nobody here has this login or name.")

Changes = dict[str, tuple[Any, Any]]
"""Column → stored value before and after."""


class Loader(Protocol):
    """Brings the checked rows of one kind into the database."""

    def load(self, batch: Batch) -> list[Reject]:
        """Write the rows of a batch; those that do not fit what is stored come back."""

    def finish(self) -> None:
        """What follows from all rows together."""


class Misfit(Exception):  # noqa: N818 - no error of the program: a row that is put aside
    """A row that does not fit what is stored: the field at fault and the reason."""

    def __init__(self, name: str, message: str, **values: object) -> None:
        super().__init__(name)
        self.name = name
        self.reason = FieldError(message, **values)


class Known(NamedTuple):
    """A customer that a row was matched to."""

    id: int
    owner_id: int | None


@dataclass
class Loading:
    """An import under way.

    ``currency`` is that of amounts without one, empty if not known; ``through`` the last day that
    the data is about, nothing if it is about the day of the import.
    """

    desk: Desk
    work: UnitOfWork
    batch_id: int
    digest: str
    mapping: Mapping
    currency: str = ""
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    through: date | None = None
    _officers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        officers = self.work.session.exec(select(Officer).where(col(Officer.active))).all()
        names = [officer.name for officer in officers]
        self._officers = {o.name: o.id for o in officers if names.count(o.name) == 1}
        self._officers |= {officer.login: officer.id for officer in officers}
        self._scope = authority_of(self.desk.officer.role).scope
        self.may_assign = may(self.desk, "customer.assign")

    def in_scope(self, owner_id: int | None) -> bool:
        """Whether customers of this owner are in the officer's care."""
        return self._scope == "branch" or (
            self._scope == "own" and owner_id == self.desk.officer.id
        )

    @cached_property
    def own_customers(self) -> frozenset[int] | None:
        """The customers in the officer's care, without looking at any of them; nothing if all."""
        if self._scope == "branch":
            return None
        statement = "SELECT id FROM customer WHERE owner_id = ?"
        officer_id = self.desk.officer.id if self._scope == "own" else None
        found = self.work.connection.exec_driver_sql(statement, (officer_id,))
        return frozenset(found.scalars())

    def only_one(self, found: Sequence[Known], name: str) -> Known:
        """The customer that a row means by its field ``name``; ``Misfit`` if there is not one."""
        if len(found) > 1:
            raise Misfit(name, SEVERAL_CUSTOMERS)
        if not found or not self.in_scope(found[0].owner_id):
            raise Misfit(name, UNKNOWN_CUSTOMER)
        return found[0]

    def officer(self, text: str) -> int | None:
        """The officer with this login, or this name if only one has it."""
        return self._officers.get(text)

    def refuse(self, batch: Batch, row: int, misfit: Misfit) -> Reject:
        """The rejected row at position ``row`` of a batch."""
        return self.reject(batch, row, misfit.name, misfit.reason)

    def reject(self, batch: Batch, row: int, name: str, reason: FieldError) -> Reject:
        """The rejected row at position ``row`` of a batch; ``name`` is the field at fault."""
        source = self.mapping.sources.get(name)
        title = (source.column or ", ".join(source.columns) or name) if source else ""
        raw = batch.values[name][row] if source else None
        error = CellError(title, reason, "" if raw is None else str(raw))
        return Reject(batch.lines[row], batch.cells[row], [error])

    def insert(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], tail: str = ""
    ) -> int:
        """Insert rows, the identifier first and rising; how many went in."""
        if not rows:
            return 0
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) {tail}"
        count = self.work.connection.exec_driver_sql(statement, list(map(tuple, rows))).rowcount
        self.work.record_bulk(
            "insert_many",
            table,
            count=count,
            first=rows[0][0],
            last=rows[-1][0],
            batch=self.batch_id,
            digest=self.digest,
        )
        return count

    def update(self, table: str, changed: Sequence[tuple[int, Changes]]) -> None:
        """Update rows by identifier, each with its entry in the ledger."""
        by_columns: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
        for row_id, changes in changed:
            values = (*(after for _before, after in changes.values()), row_id)
            by_columns.setdefault(tuple(changes), []).append(values)
            self.work.record("update", table, row_id, **{n: list(c) for n, c in changes.items()})
        for columns, rows in by_columns.items():
            assignments = ", ".join(f"{column} = ?" for column in columns)
            statement = f"UPDATE {table} SET {assignments} WHERE id = ?"
            self.work.connection.exec_driver_sql(statement, rows)

    def rows(self, statement: str, values: Sequence[Any], *more: Any) -> list[Any]:
        """What a statement selects; its first parameter is the JSON array ``values``."""
        if not values:
            return []
        parameters = (to_json(list(values)), *more)
        return list(self.work.connection.exec_driver_sql(statement, parameters))


# A merged customer stands for the one it was merged into.
_CUSTOMERS = """
    SELECT wanted.value, c.id, c.owner_id
      FROM json_each(?) AS wanted
      CROSS JOIN customer AS m ON m.{column} = wanted.value
      JOIN customer AS c ON c.id = coalesce(m.merged_into_id, m.id)
     WHERE c.status <> 'merged'
"""
_BY_PHONE = """
    SELECT DISTINCT wanted.value, c.id, c.owner_id
      FROM json_each(?) AS wanted
      CROSS JOIN contact_channel AS p ON p.normalized = wanted.value
      JOIN customer AS m ON m.id = p.customer_id
      JOIN customer AS c ON c.id = coalesce(m.merged_into_id, m.id)
     WHERE c.status <> 'merged'
"""


def customers_by(
    loading: Loading, column: str, values: Sequence[Any]
) -> dict[str, tuple[Known, ...]]:
    """The customers that have each value in ``column``: number, id_number, credit_code, phone."""
    statement = _BY_PHONE if column == "phone" else _CUSTOMERS.format(column=column)
    wanted = sorted({value for value in values if value is not None})
    found: dict[str, tuple[Known, ...]] = {}
    for value, customer_id, owner_id in loading.rows(statement, wanted):
        found[value] = (*found.get(value, ()), Known(customer_id, owner_id))
    return found


def only_rows(batch: Batch, keep: Sequence[bool]) -> Batch:
    """The batch with only the rows whose place in ``keep`` is true."""
    return Batch(
        list(compress(batch.lines, keep)),
        {name: list(compress(column, keep)) for name, column in batch.values.items()},
        list(compress(batch.cells, keep)),
        [],
        batch.read,
    )


def column_of(batch: Batch, name: str) -> Sequence[Any]:
    """A column of a batch; nothing in every row where the file has none."""
    return batch.values.get(name) or [None] * len(batch.lines)


def differences(stored: Values[str, Any], values: Values[str, Any]) -> Changes:
    """What differs in the values that are given; an empty one never blanks out what is stored."""
    return {
        name: (stored[name], value)
        for name, value in values.items()
        if value is not None and stored[name] != value
    }


def first_of_each(
    keys: Sequence[Sequence[Any]], waiting: Sequence[int]
) -> tuple[list[int], list[int]]:
    """Split positions into those with keys of their own, and those that repeat a key of them.

    A record that comes twice in a batch has to be made before it can be found again.
    """
    seen: set[Any] = set()
    now: list[int] = []
    later: list[int] = []
    for place in waiting:
        mine = keys[place]
        if seen.isdisjoint(mine):
            now.append(place)
        else:
            later.append(place)
        seen.update(mine)
    return now, later
