"""Signing in and setting up: from a folder and a password to a ``Desk``, and back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from deskcrm.clock import Clock, SystemClock
from deskcrm.errors import UsageError
from deskcrm.i18n import N_
from deskcrm.models import Branch, Officer, Role, VaultFact
from deskcrm.services.derived import DERIVED
from deskcrm.services.desk import Actor, Desk
from deskcrm.services.seeding import seed
from deskcrm.vault import ledger, officers
from deskcrm.vault.errors import LockedError, VaultError, VaultExistsError
from deskcrm.vault.files import (
    harden_process,
    make_private_folder,
    storage_errors,
    sync_folder,
)
from deskcrm.vault.ids import IdMaker
from deskcrm.vault.keyslots import VaultKeys
from deskcrm.vault.ledger import HeadFile
from deskcrm.vault.paths import VaultPaths
from deskcrm.vault.schema import APPLICATION_ID, MIGRATIONS
from deskcrm.vault.session import OpenVault
from deskcrm.vault.surroundings import Surroundings, Tables
from deskcrm.vault.vault import UnlockedVault, create_vault, unlock_vault

TABLES = Tables(MIGRATIONS, APPLICATION_ID)
DESK_NUMBER = "desk_number"


class RolledBackError(VaultError):
    """The database lacks entries that the head file has seen."""

    code = "rolled-back"
    message = N_(
        "This database is older than what was last written here: audit entries up to {known} are "
        "known, it ends at {found}. It was not opened and nothing was changed. Restore the newest "
        "backup into a new folder, or call the security administrator."
    )


class LedgerDiffersError(VaultError):
    """The database has another entry where the head file points."""

    code = "ledger-differs"
    message = N_(
        "Audit entry {known} is not the one that was last written here. The database was exchanged "
        "or changed; it was not opened. Keep this folder as it is and call the security "
        "administrator."
    )


class SuspendedError(LockedError):
    """The officer's account was switched off."""

    code = "suspended"
    message = N_("“{login}” is suspended. Ask a supervisor.")


class OfficerData(Protocol):
    """An officer as a form or a command takes it down; ``role`` is the value of a ``Role``."""

    @property
    def login(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def password(self) -> str: ...


@dataclass(frozen=True, slots=True)
class CreatedBranch:
    """A new vault. The recovery code is shown once and kept nowhere.

    ``no_key_store`` is why its passwords are not tied to this workstation, None when they are.
    """

    home: Path
    recovery_code: str
    logins: tuple[str, ...]
    no_key_store: str | None


def create_branch(
    home: Path,
    branch_name: str,
    new_officers: Sequence[OfficerData],
    *,
    clock: Clock | None = None,
    around: Surroundings | None = None,
    desk_number: int = 1,
) -> CreatedBranch:
    """Make a vault for a branch with its first officers, seeded with the reference rows.

    Raises ``UsageError`` for an unknown role or an empty name, and what ``create_vault`` does.
    """
    roles = [_checked_role(row) for row in new_officers]
    if not branch_name.strip() or not roles:
        raise UsageError(N_("A branch needs a name and at least one officer. Nothing was made."))
    clock = clock or SystemClock()
    harden_process()
    around = around or Surroundings.of(clock)
    if VaultPaths(home).exists():
        raise VaultExistsError(folder=home)
    with staged_vault(home) as staging:
        credentials = [(row.login, row.password) for row in new_officers]
        created = create_vault(staging, branch_name, credentials, TABLES, around)
        first = new_officers[0]
        opened = unlock_vault(staging, first.login, first.password, TABLES, around)
        vault = _open(staging, opened, desk_number)
        with vault.write(clock, action="branch.create") as work:
            work.session.add(VaultFact(key=DESK_NUMBER, value=str(desk_number)))
            branch = work.add(Branch(name=branch_name.strip()))
            work.session.flush()
            for row, role in zip(new_officers, roles, strict=True):
                work.add(Officer(login=row.login, name=row.name, role=role, branch_id=branch.id))
            seed(work)
        vault.close()
    return CreatedBranch(
        home,
        created.recovery_code,
        tuple(row.login for row in new_officers),
        created.no_key_store,
    )


@contextmanager
def staged_vault(home: Path) -> Iterator[Path]:
    """A folder inside ``home`` to make a vault in; when the block ends well its files move up, the
    key file last, so that a kill leaves either no vault or a whole one."""
    make_private_folder(home)
    staging = home / ".making"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        yield staging
        made, final = VaultPaths(staging), VaultPaths(home)
        with storage_errors(home):
            made.ledger_head.replace(final.ledger_head)
            made.database.replace(final.database)
            made.header.replace(final.header)
            sync_folder(home)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def open_desk(
    home: Path,
    login: str,
    password: str,
    *,
    clock: Clock | None = None,
    around: Surroundings | None = None,
) -> Desk:
    """Sign in: unlock, check that nothing written was taken back, and give the officer's desk.

    Raises the errors of ``unlock_vault``, ``RolledBackError``, ``LedgerDiffersError`` and
    ``SuspendedError``; the vault is closed again then.
    """
    clock = clock or SystemClock()
    harden_process()
    around = around or Surroundings.of(clock)
    vault = joined_vault(home, unlock_vault(home, login, password, TABLES, around))
    try:
        with vault.read() as session:
            actor, zone = _actor(session, login)
    except BaseException:
        vault.engine.dispose()
        raise
    if isinstance(clock, SystemClock):
        clock = replace(clock, zone=ZoneInfo(zone))
    return Desk(actor, vault, clock, demo=VaultPaths(home).demo.exists())


def joined_vault(home: Path, opened: UnlockedVault) -> OpenVault:
    """The unlocked vault with its ledger and desk number, once it is sure that nothing that was
    written has been taken back. Raises ``RolledBackError`` and ``LedgerDiffersError``."""
    vault = _open(home, opened, 0)
    try:
        _refuse_rollback(vault)
        with vault.read() as session:
            vault.ids = IdMaker(_desk_number(session))
    except BaseException:
        vault.engine.dispose()
        raise
    return vault


def close_desk(desk: Desk) -> None:
    """Put the ledger's head on the disk and close every connection."""
    desk.vault.close()


def check_password(desk: Desk, password: str, *, around: Surroundings | None = None) -> None:
    """Confirm who sits there, at the lock screen; wrong passwords count towards the lockout."""
    around = around or Surroundings.of(desk.clock)
    officers.unlock_keys(desk.vault.home, desk.officer.login, password, around)


def backup_keys(folder: Path, login: str, password: str) -> VaultKeys:
    """The keys of a backup, with a password that held when it was made."""
    return officers.unlock_backup(folder, login, password, Surroundings.of(SystemClock()))


def logins(home: Path, *, around: Surroundings | None = None) -> tuple[str, ...]:
    """Who may sign in, as the key file says before anybody has."""
    return officers.read_header(home, around or Surroundings.of(SystemClock())).logins()


def _open(home: Path, opened: UnlockedVault, desk_number: int) -> OpenVault:
    head_file = HeadFile(VaultPaths(home).ledger_head, opened.keys.ledger_key)
    ids = IdMaker(desk_number)
    return OpenVault(home, opened.engine, opened.keys, head_file, ids, derived=list(DERIVED))


def _refuse_rollback(vault: OpenVault) -> None:
    """Compare the ledger with its head outside. A missing or unreadable head is made anew by the
    next commit: a power cut may leave that, and it proves nothing."""
    try:
        outside = vault.head_file.load()
    except (ValueError, KeyError, TypeError):
        return
    if outside is None:
        return
    with vault.engine.connect() as connection:
        head = ledger.read_head(connection)
        if head.seq < outside.seq:
            raise RolledBackError(known=outside.seq, found=head.seq)
        if ledger.mac_at(connection, outside.seq) != outside.mac:
            raise LedgerDiffersError(known=outside.seq)


def _actor(session: Session, login: str) -> tuple[Actor, str]:
    officer = session.exec(select(Officer).where(Officer.login == login)).first()
    if officer is None or not officer.active:
        raise SuspendedError(login=login)
    branch = session.get_one(Branch, officer.branch_id)
    actor = Actor(officer.id, login, officer.name, officer.role, branch.id, branch.name)
    return actor, branch.time_zone


def _desk_number(session: Session) -> int:
    fact = session.get(VaultFact, DESK_NUMBER)
    return int(fact.value) if fact else 1


def _checked_role(row: OfficerData) -> Role:
    if not row.login.strip() or not row.name.strip():
        raise UsageError(N_("Every officer needs a login and a name. Nothing was made."))
    try:
        return Role(row.role)
    except ValueError as error:
        known = ", ".join(role.value for role in Role)
        raise UsageError(
            N_("“{role}” is no role. Roles: {known}. Nothing was made."), role=row.role, known=known
        ) from error
