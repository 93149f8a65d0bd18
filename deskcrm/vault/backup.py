"""Backups: an online copy that is checked before it counts, and restoring it somewhere new.

A backup is a folder with the encrypted database, its key file, and a manifest with the size and
digest of both, the rows of every table and the head of the ledger. The manifest is sealed with the
ledger key, which no rotation changes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deskcrm.clock import Clock
from deskcrm.vault.engine import connect, database_errors, open_engine
from deskcrm.vault.errors import (
    BackupFailedError,
    BackupForeignError,
    BackupOlderError,
    BackupPartialError,
    BackupTamperedError,
    VaultError,
    VaultExistsError,
)
from deskcrm.vault.files import (
    make_private_folder,
    storage_errors,
    sync_file,
    sync_folder,
    write_whole,
)
from deskcrm.vault.header import Header, check_mac, load_header, serialise
from deskcrm.vault.instance import file_lock
from deskcrm.vault.integrity import check_database
from deskcrm.vault.keyslots import VaultKeys
from deskcrm.vault.manifest import (
    DATABASE,
    HEADER,
    MANIFEST,
    FileDigest,
    Manifest,
    file_digest,
    is_sealed,
    manifest_bytes,
    read_manifest,
    sealed,
)
from deskcrm.vault.paths import VaultPaths
from deskcrm.vault.policy import Policy
from deskcrm.vault.share import refuse_network_share

if TYPE_CHECKING:
    from deskcrm.vault.ledger import Head

_PAGES_A_STEP = 2048
_READ = "SELECT count(*) FROM sqlite_master"

Progress = Callable[[int, int], None]
"""Told the pages done and the pages in all; raising stops the work and leaves nothing behind."""


def create_backup(
    home: Path,
    destination: Path,
    keys: VaultKeys,
    *,
    policy: Policy,
    clock: Clock,
    progress: Progress | None = None,
) -> Manifest:
    """Copy the vault in ``home``, while it is in use, to the new folder ``destination``.

    The copy is checked before the folder gets its name, so a folder with that name is a whole
    backup. Raises ``VaultExistsError`` when something lies there, ``BackupFailedError`` when the
    copy does not pass, and the errors of the vault.
    """
    paths = VaultPaths(home)
    with (
        file_lock(paths.lock, shared=True, wait=True),
        _staged(destination) as staging,
        closing(connect(paths.database, keys.data_key)) as source,
    ):
        header = load_header(paths.header, policy)
        check_mac(header, keys.data_key, paths.header.name)
        copy_database(source, staging / DATABASE, keys.data_key, progress)
        with storage_errors(staging):
            write_whole(staging / HEADER, serialise(header))
        manifest = _described(staging, header, keys, clock)
        with storage_errors(staging):
            write_whole(staging / MANIFEST, manifest_bytes(manifest))
    return manifest


def verify_backup(source: Path, keys: VaultKeys | None = None) -> Manifest:
    """Check a backup and return its manifest; the backup is only read.

    Without keys: that every file is whole and as written. With the keys of the backup also that
    the manifest is sealed, every page authentic, the tables sound, the rows and the ledger's head
    as noted. Raises ``BackupForeignError``, ``BackupPartialError`` or ``BackupTamperedError``.
    """
    manifest = read_manifest(source)
    for name, digest in manifest.files.items():
        _check_file(source / name, digest)
    if keys is None:
        return manifest
    if not is_sealed(manifest, keys):
        raise BackupTamperedError(name=MANIFEST)
    try:
        _check_database_file(source / DATABASE, keys)
        found = _described_database(source / DATABASE, keys)
    except VaultError as error:
        raise BackupTamperedError(name=DATABASE) from error
    if found != _DatabaseFacts.of(manifest):
        raise BackupTamperedError(name=DATABASE)
    return manifest


def restore_backup(
    source: Path,
    home: Path,
    keys: VaultKeys,
    *,
    application_id: int,
    vault_id: str | None = None,
    least_ledger_seq: int = 0,
) -> Manifest:
    """Put a backup into the new or empty folder ``home``; a present vault is never replaced.

    ``keys`` come from the backup's own key file. ``vault_id`` and ``least_ledger_seq`` say which
    vault is expected and what is known to have been written. The folder appears whole or not at
    all. Raises the errors of ``verify_backup``, ``BackupForeignError``, ``BackupOlderError`` and
    ``VaultExistsError``.
    """
    from deskcrm.vault.ledger import Head, HeadFile

    refuse_network_share(home)
    manifest = verify_backup(source, keys)
    expected = (application_id, vault_id or manifest.vault_id)
    if (manifest.application_id, manifest.vault_id) != expected:
        raise BackupForeignError
    if manifest.ledger_seq < least_ledger_seq:
        raise BackupOlderError(found=manifest.ledger_seq, known=least_ledger_seq)
    with _staged(home) as staging, storage_errors(home.parent):
        for name, digest in manifest.files.items():
            _copy_private(source / name, staging / name)
            _check_file(staging / name, digest)
        head = _ledger_head(staging / DATABASE, keys)
        HeadFile(VaultPaths(staging).ledger_head, keys.ledger_key).save(
            Head(head.seq, head.id, head.mac), durable=True
        )
    return manifest


def copy_database(
    source: Any, target: Path, data_key: bytes, progress: Progress | None = None
) -> None:
    """Copy a database to a new file under ``data_key``, which may be another, and check the copy.

    ``source`` is a connection outside a transaction. The copy is one file without a write-ahead
    log. Raises ``BackupFailedError`` and removes a copy that does not pass.
    """

    def report(_status: int, remaining: int, total: int) -> None:
        if progress is not None:
            progress(total - remaining, total)

    try:
        with (
            closing(connect(target, data_key, create=True, alone=True)) as copy,
            database_errors(target, data_key),
        ):
            # in a read transaction: else every write of another process starts the copy again
            source.execute("BEGIN")
            source.execute(_READ).fetchone()
            source.backup(copy, pages=_PAGES_A_STEP, progress=report)
            source.execute("ROLLBACK")
            # SQLCipher hands out a page that fails its authentication as zeros and fails at the
            # next page: without one more read from the file a damaged last page would pass
            source.execute("PRAGMA shrink_memory")
            source.execute(_READ).fetchone()
        _check_copy(target, data_key)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    finally:
        if source.in_transaction:
            source.execute("ROLLBACK")
    with storage_errors(target.parent):
        sync_file(target)


def _check_copy(path: Path, data_key: bytes) -> None:
    with (
        closing(connect(path, data_key, alone=True)) as copy,
        database_errors(path, data_key),
    ):
        failed = [check for check in check_database(copy) if not check.ok]
        if failed:
            raise BackupFailedError(reason=f"{failed[0].name}: {failed[0].detail}")
        copy.execute("PRAGMA journal_mode=DELETE")


@dataclass(frozen=True, slots=True)
class _DatabaseFacts:
    """What a manifest says about the database."""

    schema_version: int
    application_id: int
    rows: dict[str, int]
    ledger_seq: int
    ledger_mac: str

    @classmethod
    def of(cls, manifest: Manifest) -> _DatabaseFacts:
        return cls(
            manifest.schema_version,
            manifest.application_id,
            manifest.rows,
            manifest.ledger_seq,
            manifest.ledger_mac,
        )


def _check_database_file(path: Path, keys: VaultKeys) -> None:
    with (
        closing(connect(path, keys.data_key, readonly=True)) as connection,
        database_errors(path, keys.data_key),
    ):
        if not all(check.ok for check in check_database(connection)):
            raise BackupTamperedError(name=path.name)


def _described_database(path: Path, keys: VaultKeys) -> _DatabaseFacts:
    head = _ledger_head(path, keys)
    with (
        closing(connect(path, keys.data_key, readonly=True)) as connection,
        database_errors(path, keys.data_key),
    ):
        tables = connection.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
            "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        ).fetchall()
        rows = {}
        for (name,) in tables:
            quoted = name.replace('"', '""')
            rows[name] = connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0]
        return _DatabaseFacts(
            schema_version=connection.execute("PRAGMA user_version").fetchone()[0],
            application_id=connection.execute("PRAGMA application_id").fetchone()[0],
            rows=rows,
            ledger_seq=head.seq,
            ledger_mac=head.mac.hex(),
        )


def _ledger_head(path: Path, keys: VaultKeys) -> Head:
    from deskcrm.vault.ledger import read_head

    engine = open_engine(path, keys.data_key, readonly=True)
    try:
        with engine.connect() as connection:
            return read_head(connection)
    finally:
        engine.dispose()


def _described(folder: Path, header: Header, keys: VaultKeys, clock: Clock) -> Manifest:
    facts = _described_database(folder / DATABASE, keys)
    with storage_errors(folder):
        files = {name: file_digest(folder / name) for name in (DATABASE, HEADER)}
    manifest = Manifest(
        vault_id=header.vault_id,
        created_at=clock.now().replace(microsecond=0),
        schema_version=facts.schema_version,
        application_id=facts.application_id,
        files=files,
        rows=facts.rows,
        ledger_seq=facts.ledger_seq,
        ledger_mac=facts.ledger_mac,
    )
    return sealed(manifest, keys)


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    """A folder beside ``folder`` that gets its name when the block ends well, else is removed."""
    staging = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    with storage_errors(folder.parent):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise VaultExistsError(folder=folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(staging, ignore_errors=True)
        make_private_folder(staging)
    try:
        yield staging
        with storage_errors(folder.parent):
            if folder.exists():
                folder.rmdir()
            staging.rename(folder)
            sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise


def _copy_private(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("xb") as writing:
        target.chmod(0o600)
        shutil.copyfileobj(reading, writing, 1 << 20)
        writing.flush()
        os.fsync(writing.fileno())


def _check_file(path: Path, digest: FileDigest) -> None:
    with storage_errors(path.parent):
        if not path.is_file() or path.stat().st_size < digest.size:
            raise BackupPartialError(name=path.name)
        if file_digest(path) != digest:
            raise BackupTamperedError(name=path.name)
