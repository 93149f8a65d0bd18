"""Passwords: an officer changes their own, or sets a new one with the recovery code."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import select

from deskcrm.clock import Clock, SystemClock
from deskcrm.errors import NotFoundError
from deskcrm.models import Officer
from deskcrm.services.desk import Desk
from deskcrm.services.session_start import TABLES, joined_vault
from deskcrm.vault import officers
from deskcrm.vault.surroundings import Surroundings
from deskcrm.vault.vault import unlock_vault_with_code


def change_own_password(
    desk: Desk, old: str, new: str, *, around: Surroundings | None = None
) -> None:
    """Change the officer's own password; a wrong old one counts towards the lockout.

    Raises ``WrongPasswordError``, ``LockedOutError`` and ``WeakPasswordError``.
    """
    around = around or Surroundings.of(desk.clock)
    officers.change_password(desk.vault.home, desk.officer.login, old, new, around)
    with desk.write("officer.password") as work:
        work.record("password", "officer", desk.officer.id, by="officer")


def recover_with_code(
    home: Path,
    code: str,
    login: str,
    new: str,
    *,
    clock: Clock | None = None,
    around: Surroundings | None = None,
) -> None:
    """Give an officer a new password with the printed recovery code, and write that down.

    Raises ``RecoveryCodeMistypedError``, ``RecoveryCodeWrongError``, ``WeakPasswordError`` and
    ``NotFoundError`` for a login that does not exist; nothing is changed then.
    """
    clock = clock or SystemClock()
    around = around or Surroundings.of(clock)
    vault = joined_vault(home, unlock_vault_with_code(home, code, TABLES, around))
    try:
        with vault.read() as session:
            officer_id = session.exec(select(Officer.id).where(Officer.login == login)).first()
        if officer_id is None:
            raise NotFoundError
        officers.set_officer_password(home, vault.keys, login, new, around)
        with vault.write(clock, action="officer.password") as work:
            work.record("password", "officer", officer_id, by="recovery code")
    finally:
        vault.close()
