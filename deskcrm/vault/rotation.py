"""Encrypt a vault under a new data key, so that keys someone took along open nothing more."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from deskcrm.vault.backup import Progress, copy_database
from deskcrm.vault.engine import connect, database_errors
from deskcrm.vault.errors import DatabaseForeignError, VaultInUseError
from deskcrm.vault.files import remove_database, storage_errors, sync_folder
from deskcrm.vault.header import Header, check_mac, load_header, save_header
from deskcrm.vault.instance import file_lock
from deskcrm.vault.keyslots import OpenedSlot, VaultKeys, begin_rotation, end_rotation
from deskcrm.vault.officers import edited_header, header_lock
from deskcrm.vault.paths import VaultPaths
from deskcrm.vault.surroundings import Surroundings


def rotate_data_key(
    home: Path,
    keys: VaultKeys,
    around: Surroundings,
    *,
    drop: Collection[str] = (),
    progress: Progress | None = None,
) -> VaultKeys:
    """Encrypt the database under a new data key, without the officers ``drop``; the new keys.

    The vault must be closed everywhere, else ``VaultInUseError``. A kill at any moment leaves a
    vault that opens; the next sign-in ends the work.
    """
    paths = VaultPaths(home)
    with file_lock(paths.lock):
        with edited_header(paths, keys, around) as edit:
            before = edit.header
            edit.header, fresh = begin_rotation(before, keys, drop=drop)
            edit.seal = fresh
        try:
            finish_rotation(paths, OpenedSlot(fresh, keys), around, progress)
        except Exception:
            _take_back(paths, before, keys, around)
            raise
    return fresh


def finish_rotation(
    paths: VaultPaths, opened: OpenedSlot, around: Surroundings, progress: Progress | None = None
) -> None:
    """Bring the database under the new data key, if it is not, and drop the former one."""
    keys, former = opened
    with file_lock(header_lock(paths), wait=True):
        header = load_header(paths.header, around.policy)
        check_mac(header, keys.data_key, paths.header.name)
        if former is None or not header.rotating:
            return  # another process did it meanwhile
        try:
            connect(paths.database, keys.data_key).close()
        except DatabaseForeignError:
            _rekey(paths, former.data_key, keys.data_key, progress)
        save_header(paths.header, end_rotation(header), keys.data_key)


def _take_back(paths: VaultPaths, before: Header, keys: VaultKeys, around: Surroundings) -> None:
    """After a failure, have the key file as it was, if the database still is under the old key."""
    with file_lock(header_lock(paths), wait=True):
        connect(paths.database, keys.data_key).close()
        generation = load_header(paths.header, around.policy).generation
        save_header(paths.header, replace(before, generation=generation), keys.data_key)


def _rekey(paths: VaultPaths, old: bytes, new: bytes, progress: Progress | None) -> None:
    target = paths.unfinished
    remove_database(target)
    with closing(connect(paths.database, old)) as source, database_errors(paths.database, old):
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        copy_database(source, target, new, progress)
    with storage_errors(paths.home):
        log = paths.database.with_name(paths.database.name + "-wal")
        if log.exists() and log.stat().st_size:
            raise VaultInUseError  # a log of the old file must not be replayed into the new one
        log.unlink(missing_ok=True)
        target.replace(paths.database)
        sync_folder(paths.home)
