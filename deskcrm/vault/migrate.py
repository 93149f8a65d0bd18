"""Bring the tables of a database to the version this program knows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from deskcrm.vault.errors import DatabaseForeignError, MigrationFailedError, NewerSchemaError

Step = Callable[[Any], None]


def schema_version(connection: Any) -> int:
    """The version of the tables in a database: how many steps have run."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def check_version(connection: Any, steps: Sequence[Step], application_id: int) -> int:
    """The version of the tables, when this program may open it.

    Raises ``DatabaseForeignError`` for another program's database, ``NewerSchemaError`` for one
    that a newer program wrote.
    """
    found = connection.execute("PRAGMA application_id").fetchone()[0]
    version = schema_version(connection)
    if found != application_id and (found, version) != (0, 0):
        raise DatabaseForeignError(name="vault.db")
    if version > len(steps):
        raise NewerSchemaError(found=version, known=len(steps))
    return version


def migrate(connection: Any, steps: Sequence[Step], application_id: int) -> int:
    """Run the steps that are missing, all in one transaction; returns how many ran.

    ``connection`` is in autocommit mode and stays so; a step must not commit. When a step or the
    check of foreign keys fails, the database is as it was and ``MigrationFailedError`` names the
    step. Raises what ``check_version`` does.
    """
    version = check_version(connection, steps, application_id)
    if version == len(steps):
        return 0
    connection.execute("PRAGMA foreign_keys=OFF")  # tables are rebuilt; no effect in a transaction
    try:
        connection.execute("BEGIN IMMEDIATE")
        version = check_version(connection, steps, application_id)
        for number, step in enumerate(steps[version:], version + 1):
            _run(connection, step, number)
        if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            raise MigrationFailedError(step=len(steps))
        connection.execute(f"PRAGMA user_version={len(steps):d}")
        connection.execute(f"PRAGMA application_id={application_id:d}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.execute("PRAGMA foreign_keys=ON")
    return len(steps) - version


def _run(connection: Any, step: Step, number: int) -> None:
    try:
        step(connection)
    except Exception as error:
        raise MigrationFailedError(step=number) from error
    if not connection.in_transaction:
        raise MigrationFailedError(step=number)
