"""Who may open a vault: officers, their passwords, the recovery code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deskcrm.vault.device_secret import (
    NO_ENTRY,
    DeviceSecret,
    find_device_secret,
    is_secret,
    make_device_secret,
)
from deskcrm.vault.errors import WrongPasswordError
from deskcrm.vault.header import Header, check_mac, load_header, save_header
from deskcrm.vault.instance import file_lock
from deskcrm.vault.keyslots import (
    OpenedSlot,
    VaultKeys,
    check_device,
    set_recovery_code,
    unlock,
    unlock_with_code,
)
from deskcrm.vault.keyslots import add_officer as add_slot
from deskcrm.vault.keyslots import remove_officer as remove_slot
from deskcrm.vault.keyslots import set_password as set_slot_password
from deskcrm.vault.passwords import check_password
from deskcrm.vault.paths import VaultPaths
from deskcrm.vault.recovery_code import new_recovery_code
from deskcrm.vault.surroundings import Surroundings


def unlock_keys(home: Path, login: str, password: str, around: Surroundings) -> VaultKeys:
    """The keys alone, without opening the database: to confirm who sits there. Wrong passwords
    count towards the lockout. Raises the errors of signing in."""
    paths = VaultPaths(home)
    header = load_header(paths.header, around.policy)
    return unlock_counted(paths, header, login, password, around).keys


def unlock_backup(folder: Path, login: str, password: str, around: Surroundings) -> VaultKeys:
    """The keys of a backup, with a password that held when it was made. Nothing is counted or
    written, as a backup may lie on a medium that cannot be written."""
    header = load_header(VaultPaths(folder).header, around.policy, private=False)
    return unlock(header, login, password, device=_known_device(header, login, around)).keys


def unlock_backup_with_code(folder: Path, code: str, around: Surroundings) -> VaultKeys:
    """The keys of a backup, with the recovery code that held when it was made."""
    header = load_header(VaultPaths(folder).header, around.policy, private=False)
    return unlock_with_code(header, code).keys


def read_header(home: Path, around: Surroundings) -> Header:
    """The key file before anybody signed in: the branch and its logins, not authenticated yet."""
    return load_header(VaultPaths(home).header, around.policy)


def add_officer(
    home: Path, keys: VaultKeys, login: str, password: str, around: Surroundings
) -> None:
    """Enrol an officer on this workstation.

    Raises ``OfficerExistsError`` and ``WeakPasswordError``.
    """
    with edited_header(VaultPaths(home), keys, around) as edit:
        device = _checked_password(edit.header, login, password, around)
        cost = around.policy.cost
        edit.header = add_slot(edit.header, keys, login, password, device=device, cost=cost)


def set_officer_password(
    home: Path, keys: VaultKeys, login: str, password: str, around: Surroundings
) -> None:
    """Give an officer a new password on this workstation, without the old one, and forget wrong
    tries. Raises ``NoSuchOfficerError`` and ``WeakPasswordError``."""
    paths = VaultPaths(home)
    with edited_header(paths, keys, around) as edit:
        device = _checked_password(edit.header, login, password, around)
        cost = around.policy.cost
        edit.header = set_slot_password(
            edit.header, keys, login, password, device=device, cost=cost
        )
    around.lockout(paths).clear(login)


def change_password(home: Path, login: str, old: str, new: str, around: Surroundings) -> None:
    """Change an officer's own password; a wrong old one counts towards the lockout."""
    keys = unlock_keys(home, login, old, around)
    set_officer_password(home, keys, login, new, around)


def remove_officer(home: Path, keys: VaultKeys, login: str, around: Surroundings) -> None:
    """Take an officer's key slot away.

    This does not revoke keys that the officer may have copied: ``rotate_data_key`` does. Raises
    ``NoSuchOfficerError`` and ``LastOfficerError``.
    """
    with edited_header(VaultPaths(home), keys, around) as edit:
        edit.header = remove_slot(edit.header, login)


def replace_recovery_code(home: Path, keys: VaultKeys, around: Surroundings) -> str:
    """Make a new recovery code, to be shown once; the one before stops working."""
    code = new_recovery_code()
    with edited_header(VaultPaths(home), keys, around) as edit:
        edit.header = set_recovery_code(edit.header, keys, code)
    return code


def unlock_counted(
    paths: VaultPaths, header: Header, login: str, password: str, around: Surroundings
) -> OpenedSlot:
    """The keys in an officer's slot; a wrong password counts towards the lockout."""
    device = _known_device(header, login, around)
    check_device(header, login, device)
    lockout = around.lockout(paths)
    left = lockout.begin_try(login)
    try:
        opened = unlock(header, login, password, device=device)
    except WrongPasswordError:
        if not left:
            lockout.check(login)
        raise WrongPasswordError(left=left) from None
    lockout.clear(login)
    return opened


def _known_device(header: Header, login: str, around: Surroundings) -> DeviceSecret:
    """The device secret, if the officer's slot needs it: asking for it may ask the person."""
    slot = header.officer(login)
    if slot is None or not slot.device:
        return NO_ENTRY
    return find_device_secret(header.vault_id, around.key_store)


@dataclass(slots=True)
class HeaderEdit:
    """A header being changed, and the keys that seal it when it is saved."""

    header: Header
    seal: VaultKeys


@contextmanager
def edited_header(paths: VaultPaths, keys: VaultKeys, around: Surroundings) -> Iterator[HeaderEdit]:
    """The authentic header, saved with its changes when the block ends well."""
    with file_lock(header_lock(paths), wait=True):
        header = load_header(paths.header, around.policy)
        check_mac(header, keys.data_key, paths.header.name)
        edit = HeaderEdit(header, keys)
        yield edit
        save_header(paths.header, edit.header, edit.seal.data_key)


def header_lock(paths: VaultPaths) -> Path:
    """The lock of whoever reads the key file in order to change it."""
    return paths.header.with_name(paths.header.name + ".lock")


def _checked_password(
    header: Header, login: str, password: str, around: Surroundings
) -> DeviceSecret:
    """The device secret to bind a new password to, once the password is good enough."""
    device = make_device_secret(header.vault_id, around.key_store)
    check_password(
        password,
        login=login,
        branch=header.branch,
        with_device=is_secret(device),
        policy=around.policy,
    )
    return device
