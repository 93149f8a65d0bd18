"""Checks of the files of a vault, for the doctor and for every copy that is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deskcrm.vault.errors import VaultError
from deskcrm.vault.files import is_private
from deskcrm.vault.header import check_mac, load_header
from deskcrm.vault.keyslots import VaultKeys
from deskcrm.vault.paths import VaultPaths
from deskcrm.vault.policy import Policy

_MOST_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its stable name, whether it holds (None: could not be made), and a detail."""

    name: str
    ok: bool | None
    detail: str = ""


def check_database(connection: Any) -> list[Check]:
    """Authentication code of every page, structure of the tables, foreign keys.

    ``connection`` is in autocommit mode. A missing last page passes the first and fails the second.
    """
    return [
        _made("pages", lambda: _check_pages(connection)),
        _made("structure", lambda: _check_structure(connection)),
        _made("foreign-keys", lambda: _check_foreign_keys(connection)),
    ]


def check_vault(paths: VaultPaths, keys: VaultKeys, connection: Any, policy: Policy) -> list[Check]:
    """All checks of an open vault: the database, its files' permissions, the key file."""
    return [
        *check_database(connection),
        _check_permissions(paths),
        _made("key-file", lambda: _check_header(paths, keys, connection, policy)),
    ]


def known_generation(connection: Any) -> int:
    """The newest generation of the key file that the database has seen; 0 when none."""
    has_table = connection.execute(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'vault_mark'"
    ).fetchone()[0]
    if not has_table:
        return 0
    row = connection.execute("SELECT generation FROM vault_mark").fetchone()
    return int(row[0]) if row else 0


def note_generation(connection: Any, generation: int) -> None:
    """Keep the key file's generation inside the database, where it cannot be put back alone."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS vault_mark "
            "(one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER NOT NULL) STRICT"
        )
        connection.execute(
            "INSERT INTO vault_mark VALUES (1, ?) "
            "ON CONFLICT (one) DO UPDATE SET generation = max(generation, excluded.generation)",
            (generation,),
        )
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _made(name: str, check: Callable[[], Check]) -> Check:
    """The result of a check; a database too damaged to be asked fails it."""
    from sqlcipher3 import dbapi2

    try:
        return check()
    except dbapi2.DatabaseError as error:
        return Check(name, False, str(error))


def _check_pages(connection: Any) -> Check:
    # pages that are newer in the write-ahead log would be reported as damaged
    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        return Check("pages", None, "in use")
    return _result("pages", connection.execute("PRAGMA cipher_integrity_check").fetchall())


def _check_structure(connection: Any) -> Check:
    rows = connection.execute("PRAGMA quick_check").fetchall()
    return _result("structure", [row for row in rows if row[0] != "ok"])


def _check_foreign_keys(connection: Any) -> Check:
    rows = connection.execute("PRAGMA foreign_key_check").fetchall()
    return _result("foreign-keys", [(f"{row[0]} row {row[1]}",) for row in rows])


def _check_permissions(paths: VaultPaths) -> Check:
    exposed = [
        path.name
        for path in (paths.home, paths.database, paths.header, paths.lockout)
        if path.exists() and not is_private(path)
    ]
    return Check("permissions", not exposed, ", ".join(exposed))


def _check_header(paths: VaultPaths, keys: VaultKeys, connection: Any, policy: Policy) -> Check:
    try:
        header = load_header(paths.header, policy)
        check_mac(header, keys.data_key, paths.header.name)
    except VaultError as error:
        return Check("key-file", False, error.code)
    known = known_generation(connection)
    detail = f"generation {header.generation}"
    return Check("key-file", header.generation >= known, f"{detail}, known {known}")


def _result(name: str, problems: list[Any]) -> Check:
    shown = "; ".join(str(row[0]) for row in problems[:_MOST_SHOWN])
    more = f"; {len(problems) - _MOST_SHOWN} more" if len(problems) > _MOST_SHOWN else ""
    return Check(name, not problems, shown + more)
