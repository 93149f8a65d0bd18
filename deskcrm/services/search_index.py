"""Keeps the type-ahead index: two contentless FTS5 tables, over names and over numbers.

A customer has a small document number; its place in both tables is ``(order << 32) | document``,
where a lower order is a higher tier and a more recent contact. So matches stream best first, and
a search may stop as soon as it has enough.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection

from deskcrm.models.base import to_json
from deskcrm.rules.search_tokens import name_tokens, number_tokens, owner_token
from deskcrm.services.desk import Desk
from deskcrm.vault.session import UnitOfWork

DOCUMENT_MASK = (1 << 32) - 1
TABLES = ("search_name", "search_number")

_CHUNK = 1_000
_MANY = 5_000

# Closed customers last; then by tier; within a tier the latest contact first (days since 1970).
_ORDER = """
    ((c.status = 'closed') << 24)
    | ((63 - coalesce((SELECT max(t."order") FROM tier t WHERE t.code = c.tier), 0)) << 16)
    | (65535 - coalesce(CAST(julianday(c.last_contact_on) - 2440587.5 AS INTEGER), 0))
"""
_ROWS = f"""
    SELECT c.id, d.document, d.index_rowid, {_ORDER},
           c.name, c.other_name, c.owner_id, c.number, c.id_number, c.credit_code,
           (SELECT group_concat(p.normalized, ' ') FROM contact_channel p
             WHERE p.customer_id = c.id AND p.kind IN ('mobile', 'landline')),
           (SELECT group_concat(a.number, ' ') FROM account a WHERE a.customer_id = c.id)
      FROM customer c
"""
_SOME = f"""{_ROWS}
      LEFT JOIN search_document d ON d.customer_id = c.id
     WHERE c.id IN (SELECT value FROM json_each(?)) AND c.status <> 'merged'
"""
_NUMBER_ALL = f"""
    INSERT INTO search_document (document, customer_id, index_rowid)
    SELECT n, id, place << 32 | n
      FROM (SELECT id, place, row_number() OVER (ORDER BY place, id) AS n
              FROM (SELECT c.id, {_ORDER} AS place FROM customer c WHERE c.status <> 'merged'))
"""
_SPAN = f"""{_ROWS}
      JOIN search_document d ON d.customer_id = c.id
     WHERE d.document BETWEEN ? AND ?
     ORDER BY d.document
"""


def keep_index(work: UnitOfWork) -> None:
    """Bring the index up to date with the customers that a unit of work touched."""
    touched = work.touched.get("customer", set())
    if not touched:
        return
    database = _database(work.connection)
    if len(touched) >= _MANY and 2 * len(touched) >= _count(database, "customer"):
        _rebuild(database)
    else:
        _reindex(database, touched)


def reindex(connection: Connection, customer_ids: Collection[int]) -> None:
    """Index these customers anew; those that are merged or gone leave the index.

    For set-based statements that do not touch customers through the session.
    """
    _reindex(_database(connection), customer_ids)


def rebuild_index(desk: Desk) -> int:
    """Make the whole index anew, for repair; how many customers it holds.

    It changes nothing of record and is no entry of the ledger.
    """
    with desk.write("search.rebuild") as work:
        database = _database(work.connection)
        _rebuild(database)
        return _count(database, "search_document")


def _database(connection: Connection) -> Any:
    """The driver's own connection, in the same transaction: this runs in every unit of work."""
    return connection.connection.driver_connection


def _reindex(database: Any, customer_ids: Collection[int]) -> None:
    ids = sorted(customer_ids)
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        _forget(database, chunk)
        rows = database.execute(_SOME, (to_json(chunk),)).fetchall()
        _insert(database, _placed(database, rows))


def _rebuild(database: Any) -> None:
    for table in TABLES:
        database.execute(f"INSERT INTO {table}({table}) VALUES ('delete-all')")
    database.execute("DELETE FROM search_document")
    database.execute(_NUMBER_ALL)
    for start in range(1, _count(database, "search_document") + 1, _CHUNK):
        rows = database.execute(_SPAN, (start, start + _CHUNK - 1)).fetchall()
        _insert(database, rows)
    for table in TABLES:
        database.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")


def _forget(database: Any, customer_ids: Sequence[int]) -> None:
    """Take customers out of both tables; their document numbers stay theirs while they exist."""
    ids = to_json(customer_ids)
    known = database.execute(
        "SELECT index_rowid FROM search_document"
        " WHERE customer_id IN (SELECT value FROM json_each(?)) ORDER BY index_rowid",
        (ids,),
    ).fetchall()
    if not known:
        return
    for table in TABLES:
        database.executemany(f"DELETE FROM {table} WHERE rowid = ?", known)
    database.execute(
        "DELETE FROM search_document WHERE customer_id IN (SELECT value FROM json_each(?))"
        " AND NOT EXISTS (SELECT 1 FROM customer c WHERE c.id = customer_id"
        " AND c.status <> 'merged')",
        (ids,),
    )


def _placed(database: Any, rows: Sequence[Any]) -> list[Sequence[Any]]:
    """Rows of ``_SOME`` with their places, which are written down, in the order of the places."""
    following: int = database.execute(
        "SELECT coalesce(max(document), 0) + 1 FROM search_document"
    ).fetchone()[0]
    placed: list[Sequence[Any]] = []
    for customer_id, known, _place, order, *rest in rows:
        document = following if known is None else known
        following += known is None
        placed.append((customer_id, document, order << 32 | document, order, *rest))
    if placed:
        database.executemany(
            "INSERT INTO search_document (document, customer_id, index_rowid) VALUES (?, ?, ?)"
            " ON CONFLICT (document) DO UPDATE SET index_rowid = excluded.index_rowid",
            [(document, customer_id, place) for customer_id, document, place, *_ in placed],
        )
    return sorted(placed, key=lambda row: int(row[2]))


def _insert(database: Any, rows: Sequence[Sequence[Any]]) -> None:
    if not rows:
        return
    names, numbers = [], []
    for row in rows:
        place, _order, name, other_name, owner_id, number, identity, credit_code = row[2:10]
        phones, accounts = ((text or "").split() for text in row[10:12])
        mine = [] if owner_id is None else [owner_token(owner_id)]
        numeric = number_tokens(
            [*accounts, credit_code or ""], phones, identity=identity or "", customer=number or ""
        )
        names.append((place, " ".join([*mine, *name_tokens(name, other_name)])))
        numbers.append((place, " ".join([*mine, *numeric])))
    for table, documents in zip(TABLES, (names, numbers), strict=True):
        database.executemany(f"INSERT INTO {table} (rowid, tokens) VALUES (?, ?)", documents)


def _count(database: Any, table: str) -> int:
    return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
