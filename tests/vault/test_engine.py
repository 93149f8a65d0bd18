from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from deskcrm.vault import errors
from deskcrm.vault.engine import (
    PAGE_BYTES,
    connect,
    file_salt,
    is_ours,
    larger_cache,
    open_engine,
)

KEY = bytes(range(32))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vault.db"


@pytest.fixture
def engine(path: Path) -> Iterator[Engine]:
    made = open_engine(path, KEY, create=True)
    with made.execution_options(write=True).begin() as connection:
        connection.execute(text("CREATE TABLE counter (n INTEGER CHECK (n < 1000))"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    yield made
    made.dispose()


def test_a_connection_is_durable_private_and_strict(path: Path) -> None:
    with closing(connect(path, KEY, create=True)) as connection:
        found = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "temp_store",
                "cache_size",
                "trusted_schema",
                "recursive_triggers",
                "page_size",
            )
        }
    assert {name: str(value) for name, value in found.items()} == {
        "journal_mode": "wal",
        "synchronous": "2",
        "foreign_keys": "1",
        "temp_store": "2",
        "cache_size": "-16000",
        "trusted_schema": "0",
        "recursive_triggers": "1",
        "page_size": "4096",
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_opening_never_creates_a_database(path: Path) -> None:
    with pytest.raises(errors.DatabaseMissingError):
        connect(path, KEY)
    path.touch()
    with pytest.raises(errors.DatabaseEmptyError):
        connect(path, KEY)
    assert path.stat().st_size == 0


def test_creating_never_opens_a_database(path: Path) -> None:
    connect(path, KEY, create=True).close()
    with pytest.raises(errors.VaultExistsError):
        connect(path, KEY, create=True)


def test_a_key_of_another_length_is_never_taken_as_a_passphrase(path: Path) -> None:
    with pytest.raises(ValueError, match="passphrase"):
        connect(path, KEY[:31], create=True)
    assert not path.exists()


def test_a_damaged_file_is_told_from_a_foreign_one(path: Path) -> None:
    with closing(connect(path, KEY, create=True)) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.execute("INSERT INTO t VALUES (zeroblob(20000))")
    content = path.read_bytes()
    assert content[:16] == file_salt(KEY)
    path.write_bytes(os.urandom(PAGE_BYTES) + content[PAGE_BYTES:])
    assert (is_ours(path, KEY), is_ours(path, KEY[::-1])) == (True, False)
    with pytest.raises(errors.DatabaseDamagedError):
        connect(path, KEY)
    with pytest.raises(errors.DatabaseForeignError):
        connect(path, KEY[::-1])


def test_writers_of_many_threads_wait_for_their_turn(engine: Engine) -> None:
    problems: list[BaseException] = []

    def count_up() -> None:
        try:
            for _ in range(20):
                with engine.execution_options(write=True).begin() as connection:
                    n = connection.execute(text("SELECT n FROM counter")).scalar_one()
                    connection.execute(text("UPDATE counter SET n = :n"), {"n": n + 1})
        except BaseException as problem:
            problems.append(problem)

    threads = [threading.Thread(target=count_up) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    with engine.connect() as connection:
        assert connection.execute(text("SELECT n FROM counter")).scalar_one() == 120


def test_a_reader_keeps_its_snapshot_while_another_writes(engine: Engine) -> None:
    with engine.connect() as reader:
        before = reader.execute(text("SELECT n FROM counter")).scalar_one()
        with engine.execution_options(write=True).begin() as writer:
            writer.execute(text("UPDATE counter SET n = n + 1"))
        assert reader.execute(text("SELECT n FROM counter")).scalar_one() == before


def test_errors_of_statements_do_not_show_the_values(engine: Engine) -> None:
    statement = text("UPDATE counter SET n = :secret")
    with engine.begin() as connection, pytest.raises(IntegrityError) as caught:
        connection.execute(statement, {"secret": 620105})
    assert "620105" not in str(caught.value)


def test_a_read_only_engine_writes_nothing(path: Path, engine: Engine) -> None:
    reading = open_engine(path, KEY, readonly=True)
    with reading.connect() as connection:
        assert connection.execute(text("SELECT n FROM counter")).scalar_one() == 0
        with pytest.raises(errors.ReadOnlyFolderError):
            connection.execute(text("UPDATE counter SET n = 1"))
    reading.dispose()


def test_a_larger_cache_is_given_back_even_after_an_error(engine: Engine) -> None:
    def size(connection: Connection) -> int:
        return int(connection.exec_driver_sql("PRAGMA cache_size").scalar_one())

    with engine.connect() as connection:
        before = size(connection)
        with pytest.raises(ValueError, match="row"), larger_cache(connection):
            assert abs(size(connection)) > abs(before)
            raise ValueError("row")
        assert size(connection) == before
