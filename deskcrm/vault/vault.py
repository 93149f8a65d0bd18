"""The locked box as the rest of the program uses it: make it and open it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from deskcrm.vault.device_secret import (
    is_secret,
    make_device_secret,
)
from deskcrm.vault.engine import connect, database_errors, open_engine
from deskcrm.vault.errors import (
    HeaderRolledBackError,
    VaultExistsError,
)
from deskcrm.vault.files import make_private_folder, remove_database, storage_errors, sync_folder
from deskcrm.vault.header import load_header, save_header
from deskcrm.vault.instance import FileLock, file_lock
from deskcrm.vault.integrity import known_generation, note_generation
from deskcrm.vault.keyslots import (
    OpenedSlot,
    VaultKeys,
    new_header,
    new_keys,
    set_recovery_code,
    unlock_with_code,
)
from deskcrm.vault.keyslots import add_officer as add_slot
from deskcrm.vault.migrate import check_version, migrate
from deskcrm.vault.officers import unlock_counted
from deskcrm.vault.passwords import check_password
from deskcrm.vault.paths import VaultPaths
from deskcrm.vault.recovery_code import new_recovery_code
from deskcrm.vault.rotation import finish_rotation
from deskcrm.vault.share import refuse_network_share
from deskcrm.vault.surroundings import Surroundings, Tables

if TYPE_CHECKING:
    from sqlalchemy import Engine


@dataclass(frozen=True, slots=True, repr=False)
class CreatedVault:
    """A new vault. ``recovery_code`` is shown once. ``no_key_store`` is why its passwords are not
    bound to this workstation (then they had to be long), None when they are."""

    recovery_code: str
    keys: VaultKeys
    no_key_store: str | None


class UnlockedVault(NamedTuple):
    """An open vault. Disposing of the engine gives the vault free for others."""

    keys: VaultKeys
    engine: Engine


def create_vault(
    home: Path,
    branch: str,
    officers: Sequence[tuple[str, str]],
    tables: Tables,
    around: Surroundings,
) -> CreatedVault:
    """Make a vault for a branch whose ``officers`` are logins with passwords.

    It appears whole or not at all; what an attempt cut short left behind is cleared away. Raises
    ``VaultExistsError``, ``WeakPasswordError``, ``OfficerExistsError`` and the errors of storage.
    """
    paths = VaultPaths(home)
    refuse_network_share(home)
    make_private_folder(home)
    with file_lock(paths.lock):
        if not paths.database.exists() and paths.unfinished.exists():
            remove_database(paths.unfinished)
            paths.header.unlink(missing_ok=True)
        if paths.exists():
            raise VaultExistsError(folder=home)
        keys, code = new_keys(), new_recovery_code()
        header = new_header(branch)
        device = make_device_secret(header.vault_id, around.key_store)
        for login, password in officers:
            check_password(
                password,
                login=login,
                branch=branch,
                with_device=is_secret(device),
                policy=around.policy,
            )
            cost = around.policy.cost
            header = add_slot(header, keys, login, password, device=device, cost=cost)
        with closing(connect(paths.unfinished, keys.data_key, create=True)) as connection:
            migrate(connection, tables.migrations, tables.application_id)
            note_generation(connection, header.generation)
        save_header(paths.header, set_recovery_code(header, keys, code), keys.data_key)
        with storage_errors(home):
            paths.unfinished.rename(paths.database)
            sync_folder(home)
    return CreatedVault(code, keys, None if is_secret(device) else str(device))


def unlock_vault(
    home: Path, login: str, password: str, tables: Tables, around: Surroundings
) -> UnlockedVault:
    """Open a vault with an officer's password; missing migrations run first.

    A wrong password counts towards the lockout. Raises the errors of the vault, each with its own
    sentence, and leaves everything as it was.
    """
    paths = VaultPaths(home)
    refuse_network_share(home)
    opened = unlock_counted(
        paths, load_header(paths.header, around.policy), login, password, around
    )
    return _open_database(paths, opened, tables, around)


def unlock_vault_with_code(
    home: Path, code: str, tables: Tables, around: Surroundings
) -> UnlockedVault:
    """Open a vault with the recovery code, then give the officer a new password with
    ``set_officer_password``. Raises the errors of the vault."""
    paths = VaultPaths(home)
    refuse_network_share(home)
    opened = unlock_with_code(load_header(paths.header, around.policy), code)
    return _open_database(paths, opened, tables, around)


def _open_database(
    paths: VaultPaths, opened: OpenedSlot, tables: Tables, around: Surroundings
) -> UnlockedVault:
    from sqlalchemy import event

    lock = FileLock(paths.lock)
    lock.acquire(shared=True, wait=True)
    try:
        if opened.former is not None:
            with _alone(lock):
                finish_rotation(paths, opened, around)
        keys = opened.keys
        header = load_header(paths.header, around.policy)
        with (
            closing(connect(paths.database, keys.data_key)) as connection,
            database_errors(paths.database, keys.data_key),
        ):
            version = check_version(connection, tables.migrations, tables.application_id)
            known = known_generation(connection)
            if header.generation < known:
                name = paths.header.name
                raise HeaderRolledBackError(name=name, found=header.generation, known=known)
            if version < len(tables.migrations):
                with _alone(lock):
                    migrate(connection, tables.migrations, tables.application_id)
            if header.generation > known:
                note_generation(connection, header.generation)
        engine = open_engine(paths.database, keys.data_key)
    except BaseException:
        lock.release()
        raise
    event.listen(engine, "engine_disposed", lambda _engine: lock.release())
    return UnlockedVault(keys, engine)


@contextmanager
def _alone(lock: FileLock) -> Iterator[None]:
    """Hold a shared lock alone for a block."""
    lock.release()
    lock.acquire(wait=True)
    try:
        yield
    finally:
        lock.release()
        lock.acquire(shared=True, wait=True)
