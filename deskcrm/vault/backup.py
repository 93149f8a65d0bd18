"""Backups: an online copy that is checked before it counts, and restoring it somewhere new.

A backup is a folder with the encrypted database, its key file, and a manifest with the size and
digest of both, the rows of every table and the head of the ledger. The manifest is sealed with the
ledger key, which no rotation changes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
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
from deskcrm.vault.header import Header, canonical, check_mac, derive_key, load_header, serialise
from deskcrm.vault.instance import file_lock
from deskcrm.vault.integrity import check_database
from deskcrm.vault.keyslots import VaultKeys
from deskcrm.vault.paths import VaultPaths
from deskcrm.vault.policy import Policy
from deskcrm.vault.share import refuse_network_share

if TYPE_CHECKING:
    from deskcrm.vault.ledger import Head

MANIFEST = "manifest.json"
MAGIC = "DESKCRM-BACKUP"
VERSION = 1
_PAGES_A_STEP = 2048
_READ = "SELECT count(*) FROM sqlite_master"
_DATABASE = "vault.db"
_HEADER = "vault.keys"

Progress = Callable[[int, int], None]
"""Told the pages done and the pages in all; raising stops the work and leaves nothing behind."""


@dataclass(frozen=True, slots=True)
class FileDigest:
    """Size in bytes and SHA-256 (hex) of a file."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. ``ledger_seq`` and ``ledger_mac`` are the ledger's newest entry."""

    vault_id: str
    created_at: datetime
    schema_version: int
    application_id: int
    files: dict[str, FileDigest]
    rows: dict[str, int]
    ledger_seq: int
    ledger_mac: str
    mac: str = ""


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
        copy_database(source, staging / _DATABASE, keys.data_key, progress)
        with storage_errors(staging):
            write_whole(staging / _HEADER, serialise(header))
        manifest = _described(staging, header, keys, clock)
        with storage_errors(staging):
            write_whole(staging / MANIFEST, _manifest_bytes(manifest))
    return manifest


def verify_backup(source: Path, keys: VaultKeys | None = None) -> Manifest:
    """Check a backup and return its manifest; the backup is only read.

    Without keys: that every file is whole and as written. With the keys of the backup also that
    the manifest is sealed, every page authentic, the tables sound, the rows and the ledger's head
    as noted. Raises ``BackupForeignError``, ``BackupPartialError`` or ``BackupTamperedError``.
    """
    manifest = _read_manifest(source)
    for name, digest in manifest.files.items():
        _check_file(source / name, digest)
    if keys is None:
        return manifest
    if not hmac.compare_digest(manifest.mac, _manifest_mac(manifest, keys)):
        raise BackupTamperedError(name=MANIFEST)
    try:
        _check_database_file(source / _DATABASE, keys)
        found = _described_database(source / _DATABASE, keys)
    except VaultError as error:
        raise BackupTamperedError(name=_DATABASE) from error
    if found != _DatabaseFacts.of(manifest):
        raise BackupTamperedError(name=_DATABASE)
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
        head = _ledger_head(staging / _DATABASE, keys)
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
    facts = _described_database(folder / _DATABASE, keys)
    with storage_errors(folder):
        files = {name: _digest(folder / name) for name in (_DATABASE, _HEADER)}
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
    return replace(manifest, mac=_manifest_mac(manifest, keys))


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


def _digest(path: Path) -> FileDigest:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileDigest(path.stat().st_size, digest)


def _check_file(path: Path, digest: FileDigest) -> None:
    with storage_errors(path.parent):
        if not path.is_file() or path.stat().st_size < digest.size:
            raise BackupPartialError(name=path.name)
        if _digest(path) != digest:
            raise BackupTamperedError(name=path.name)


def _read_manifest(source: Path) -> Manifest:
    with storage_errors(source):
        try:
            content = (source / MANIFEST).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            if (source / _DATABASE).exists():
                raise BackupPartialError(name=MANIFEST) from None
            raise BackupForeignError from None
    try:
        data = json.loads(content)
        if (data.pop("magic"), data.pop("version")) != (MAGIC, VERSION):
            raise BackupForeignError
        data["created_at"] = datetime.fromisoformat(data["created_at"])
        data["files"] = {name: FileDigest(**each) for name, each in data["files"].items()}
        manifest = Manifest(**data)
        sound = _is_sound(manifest) and _manifest_bytes(manifest) == content
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        sound = False
    if not sound:
        raise BackupTamperedError(name=MANIFEST)
    return manifest


def _is_sound(manifest: Manifest) -> bool:
    """Whether a manifest that anybody may have written has values of the right types."""
    digests = manifest.files.values()
    counts = [manifest.schema_version, manifest.application_id, manifest.ledger_seq]
    counts += [*manifest.rows.values(), *(digest.size for digest in digests)]
    texts = [manifest.vault_id, manifest.ledger_mac, manifest.mac]
    texts += [digest.sha256 for digest in digests]
    return (
        set(manifest.files) == {_DATABASE, _HEADER}
        and all(type(count) is int for count in counts)
        and all(isinstance(text, str) and text.isascii() for text in texts)
    )


def _manifest_json(manifest: Manifest) -> dict[str, Any]:
    fields = asdict(manifest) | {"created_at": manifest.created_at.isoformat()}
    return fields | {"magic": MAGIC, "version": VERSION}


def _manifest_bytes(manifest: Manifest) -> bytes:
    return json.dumps(_manifest_json(manifest), sort_keys=True, indent=1).encode() + b"\n"


def _manifest_mac(manifest: Manifest, keys: VaultKeys) -> str:
    body = canonical(_manifest_json(replace(manifest, mac="")))
    return hmac.digest(derive_key(keys.ledger_key, b"backup"), body, "sha256").hex()
