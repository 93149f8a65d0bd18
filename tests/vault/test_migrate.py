from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deskcrm.vault.engine import connect
from deskcrm.vault.errors import DatabaseForeignError, MigrationFailedError, NewerSchemaError
from deskcrm.vault.migrate import migrate, schema_version

OURS = 0x44435231
KEY = bytes(32)


def runs(*statements: str) -> Callable[[Any], None]:
    def step(connection: Any) -> None:
        for statement in statements:
            connection.execute(statement)

    return step


STEPS = (
    runs("CREATE TABLE a (id INTEGER PRIMARY KEY)", "INSERT INTO a VALUES (1)"),
    runs(
        "CREATE TABLE b (a INTEGER NOT NULL REFERENCES a (id))",
        "INSERT INTO b VALUES (1)",
    ),
    runs(
        "CREATE TABLE a_new (id INTEGER PRIMARY KEY, v TEXT NOT NULL DEFAULT 'x')",
        "INSERT INTO a_new (id) SELECT id FROM a",
        "DROP TABLE a",
        "ALTER TABLE a_new RENAME TO a",
    ),
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Any]:
    connection = connect(tmp_path / "vault.db", KEY, create=True)
    yield connection
    connection.close()


def content(database: Any) -> tuple[object, ...]:
    schema = database.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    marks = [database.execute(f"PRAGMA {m}").fetchone() for m in ("user_version", "application_id")]
    return schema, marks


def test_missing_steps_run_once_and_mark_the_database(database: Any) -> None:
    assert migrate(database, STEPS[:1], OURS) == 1
    assert migrate(database, STEPS, OURS) == 2
    assert migrate(database, STEPS, OURS) == 0
    assert schema_version(database) == 3
    assert database.execute("PRAGMA application_id").fetchone() == (OURS,)
    assert database.execute("SELECT a.v FROM b JOIN a ON a.id = b.a").fetchall() == [("x",)]


def test_rebuilding_a_table_keeps_foreign_keys_on_afterwards(database: Any) -> None:
    migrate(database, STEPS, OURS)
    with pytest.raises(Exception, match="FOREIGN KEY"):
        database.execute("INSERT INTO b VALUES (99)")


@pytest.mark.parametrize("failing", [0, 1, 2])
@pytest.mark.parametrize(
    "fault",
    [
        runs("CREATE TABLE half (a)", "SELECT no_such_function()"),
        runs("CREATE TABLE half (a)", "COMMIT"),
        runs("CREATE TABLE half (a)", "ROLLBACK"),
    ],
    ids=["error", "commits", "rolls back"],
)
def test_a_failing_step_is_named(database: Any, failing: int, fault: Callable[[Any], None]) -> None:
    steps = [*STEPS[:failing], fault, *STEPS[failing + 1 :]]
    with pytest.raises(MigrationFailedError, match=f"version {failing + 1} of"):
        migrate(database, steps, OURS)
    assert schema_version(database) == 0
    assert not database.in_transaction


@pytest.mark.parametrize("old", [0, 1, 2])
@pytest.mark.parametrize("failing", [0, 1, 2])
def test_a_failing_step_leaves_the_version_before_unchanged(
    database: Any, old: int, failing: int
) -> None:
    if failing < old:
        old, failing = failing, old
    migrate(database, STEPS[:old], OURS)
    before = content(database)
    broken = runs("CREATE TABLE half (a)", "INSERT INTO nowhere VALUES (1)")
    with pytest.raises(MigrationFailedError):
        migrate(database, [*STEPS[:failing], broken], OURS)
    assert content(database) == before
    assert migrate(database, STEPS, OURS) == len(STEPS) - old


def test_a_step_that_breaks_a_reference_is_rolled_back(database: Any) -> None:
    migrate(database, STEPS[:2], OURS)
    before = content(database)
    with pytest.raises(MigrationFailedError):
        migrate(database, [*STEPS[:2], runs("DELETE FROM a")], OURS)
    assert content(database) == before
    assert database.execute("SELECT count(*) FROM a").fetchone() == (1,)


def test_a_newer_database_is_refused_with_both_versions(database: Any) -> None:
    migrate(database, STEPS, OURS)
    with pytest.raises(NewerSchemaError, match="version 3 of its tables, this program knows 2"):
        migrate(database, STEPS[:2], OURS)


@pytest.mark.parametrize(("mark", "version"), [(7, 0), (0, 1)])
def test_another_programs_database_is_refused(database: Any, mark: int, version: int) -> None:
    database.execute(f"PRAGMA application_id={mark}")
    database.execute(f"PRAGMA user_version={version}")
    with pytest.raises(DatabaseForeignError):
        migrate(database, STEPS, OURS)
    assert content(database)[0] == []


def test_the_runner_needs_nothing_of_sqlcipher() -> None:
    plain = sqlite3.connect(":memory:", isolation_level=None)
    assert migrate(plain, STEPS, OURS) == 3
    plain.close()
