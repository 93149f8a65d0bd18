"""Connections to the encrypted database, and the engine over them.

A raw 32-byte key skips SQLCipher's own key derivation (0.3 ms a connection instead of 113). The
salt of the file is derived from the key as well, which is how a damaged file is told from another
vault's.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskcrm.vault.errors import (
    DatabaseDamagedError,
    DatabaseEmptyError,
    DatabaseForeignError,
    DatabaseMissingError,
    DiskFullError,
    ReadOnlyFolderError,
    StorageFailedError,
    VaultExistsError,
    VaultInUseError,
)
from deskcrm.vault.files import create_private, storage_errors
from deskcrm.vault.header import derive_key

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

PAGE_BYTES = 4096
_KEY_BYTES = 32
_SALT_BYTES = 16
_HMAC_BYTES = 64
_HMAC_SALT_MASK = 0x3A
_BUSY_SECONDS = 5.0
_CACHE_KIB = 16_000  # with less, the queue of a large branch costs half as much again
_LARGE_CACHE_KIB = 64_000
_SETTINGS = (
    "foreign_keys=ON",
    "temp_store=MEMORY",  # a temporary file would hold clear text
    f"cache_size=-{_CACHE_KIB}",
    "trusted_schema=OFF",
    "recursive_triggers=ON",
)
_OF_STORAGE = ("is full", "is locked", "I/O error", "readonly", "unable to open", "malformed")
"""What SQLite's errors say when the disk or another program is at fault, and not a statement."""

_WRITING_SETTINGS = ("journal_mode=WAL", "synchronous=FULL")


def connect(
    path: Path,
    data_key: bytes,
    *,
    create: bool = False,
    readonly: bool = False,
    alone: bool = False,
) -> Any:  # a sqlcipher3 connection, which has no types
    """A new sqlcipher3 connection in autocommit mode, for any thread.

    ``create`` makes a new private file and refuses an existing one; without it a missing or empty
    file is refused instead of becoming an empty database. ``alone`` keeps everybody else out and
    needs no memory shared between processes, so that a copy can be written on a network share.
    Raises the database errors of the vault.
    """
    if len(data_key) != _KEY_BYTES:
        raise ValueError("SQLCipher would take a key of another length as a passphrase")
    if create:
        with storage_errors(path.parent):
            try:
                os.close(create_private(path))
            except FileExistsError:
                raise VaultExistsError(folder=path.parent) from None
    else:
        _check_file(path, readonly=readonly)
    with database_errors(path, data_key):
        return _connected(path, data_key, create=create, readonly=readonly, alone=alone)


def open_engine(
    path: Path, data_key: bytes, *, create: bool = False, readonly: bool = False
) -> Engine:
    """An SQLAlchemy engine over ``connect``.

    Transactions begin deferred; with the execution option ``write=True`` they begin immediate, so
    that a writer waits for its turn instead of failing at its first write.
    """
    from sqlalchemy import create_engine, event
    from sqlalchemy.pool import QueuePool
    from sqlcipher3 import dbapi2

    if create:
        connect(path, data_key, create=True).close()
    engine = create_engine(
        "sqlite:////deskcrm",
        module=dbapi2,
        creator=lambda: connect(path, data_key, readonly=readonly),
        poolclass=QueuePool,
        pool_use_lifo=True,  # the connection used last has the pages in its cache
        pool_size=4,
        max_overflow=4,
        pool_timeout=10,
        hide_parameters=True,
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        write = connection.get_execution_options().get("write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    @event.listens_for(engine, "handle_error")
    def _storage_failed(context: Any) -> None:
        error = context.original_exception
        if isinstance(error, dbapi2.Error) and any(text in str(error) for text in _OF_STORAGE):
            with database_errors(path, data_key):
                raise error

    return engine


@contextmanager
def larger_cache(connection: Connection) -> Iterator[None]:
    """More memory for one connection, while it writes all over the indexes.

    A changed page that the cache has no room for is encrypted and written, and then read and
    decrypted for its next change: a load of many rows does that for nearly every row.
    """
    connection.exec_driver_sql(f"PRAGMA cache_size=-{_LARGE_CACHE_KIB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size=-{_CACHE_KIB}")


@contextmanager
def database_errors(path: Path, data_key: bytes) -> Iterator[None]:
    """Turn SQLCipher's errors into ones that say what is wrong with the file at ``path``."""
    from sqlcipher3 import dbapi2

    try:
        yield
    except dbapi2.Error as error:
        text = str(error)
        if "readonly" in text or "unable to open" in text:
            raise ReadOnlyFolderError(folder=path.parent) from error
        if "locked" in text:
            raise VaultInUseError from error
        if "full" in text:
            raise DiskFullError(folder=path.parent) from error
        if "not a database" in text or "malformed" in text or "encrypted" in text:
            if is_ours(path, data_key):
                raise DatabaseDamagedError(name=path.name) from error
            raise DatabaseForeignError(name=path.name) from error
        raise StorageFailedError(folder=path.parent, reason=type(error).__name__) from error


def is_ours(path: Path, data_key: bytes) -> bool:
    """Whether the file was written with this data key, although it may be damaged.

    True when its salt is the key's, or one of a few pages carries the key's authentication code.
    """
    salt = file_salt(data_key)
    hmac_salt = bytes(byte ^ _HMAC_SALT_MASK for byte in salt)
    hmac_key = hashlib.pbkdf2_hmac("sha512", data_key, hmac_salt, 2, _KEY_BYTES)
    with storage_errors(path.parent), path.open("rb") as file:
        if file.read(_SALT_BYTES) == salt:
            return True
        pages = path.stat().st_size // PAGE_BYTES
        for number in sorted({1, 2, 3, pages // 2, pages - 1, pages} & set(range(1, pages + 1))):
            start = _SALT_BYTES if number == 1 else 0
            file.seek((number - 1) * PAGE_BYTES + start)
            page = file.read(PAGE_BYTES - start)
            signed = page[:-_HMAC_BYTES] + number.to_bytes(4, "little")
            if hmac.compare_digest(hmac.digest(hmac_key, signed, "sha512"), page[-_HMAC_BYTES:]):
                return True
    return False


def file_salt(data_key: bytes) -> bytes:
    """The first 16 bytes of the database that a data key encrypts."""
    return derive_key(data_key, b"database salt", _SALT_BYTES)


def _check_file(path: Path, *, readonly: bool) -> None:
    with storage_errors(path.parent):
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            raise DatabaseMissingError(name=path.name) from None
        if not path.is_file():
            raise DatabaseForeignError(name=path.name)
    if size == 0:
        raise DatabaseEmptyError(name=path.name)
    writable = os.access(path.parent, os.W_OK) and os.access(path, os.W_OK)
    if not readonly and not writable:
        raise ReadOnlyFolderError(folder=path.parent)


def _connected(path: Path, data_key: bytes, *, create: bool, readonly: bool, alone: bool) -> Any:
    from sqlcipher3 import dbapi2

    mode = "ro" if readonly else "rw"
    connection = dbapi2.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=_BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=256,
    )
    key = data_key + file_salt(data_key) if create else data_key
    settings = _SETTINGS if readonly else _WRITING_SETTINGS + _SETTINGS
    try:
        connection.execute("PRAGMA cipher_log_level=NONE")  # it would write over the screen
        connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
        if alone:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        for setting in settings:
            connection.execute(f"PRAGMA {setting}")
    except BaseException:
        connection.close()
        raise
    return connection
