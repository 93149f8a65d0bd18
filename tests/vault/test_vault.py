from __future__ import annotations

import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from keyring.backends import fail

from deskcrm.clock import FrozenClock
from deskcrm.errors import DeskError, ExitCode
from deskcrm.vault import errors
from deskcrm.vault.engine import connect
from deskcrm.vault.header import load_header
from deskcrm.vault.instance import file_lock
from deskcrm.vault.integrity import check_vault
from deskcrm.vault.migrate import schema_version
from deskcrm.vault.officers import (
    add_officer,
    change_password,
    remove_officer,
    replace_recovery_code,
    set_officer_password,
    unlock_keys,
)
from deskcrm.vault.rotation import rotate_data_key
from deskcrm.vault.surroundings import Surroundings, Tables
from deskcrm.vault.vault import create_vault, unlock_vault, unlock_vault_with_code
from tests.vault.boxes import (
    LOGIN,
    OTHER,
    OTHER_PASSWORD,
    PASSWORD,
    POLICY,
    TABLES,
    Box,
    MemoryKeyring,
    make_box,
    notes,
)


def flipped(content: bytes, bit: int) -> bytes:
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_an_officer_opens_what_was_written(box: Box) -> None:
    box.write_note("kept")
    keys, engine = box.unlock()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT text FROM note").scalar_one() == "kept"
    engine.dispose()
    assert (keys.data_key, keys.ledger_key) == (box.made.keys.data_key, box.made.keys.ledger_key)
    other = box.unlock(OTHER, OTHER_PASSWORD)
    other.engine.dispose()
    assert other.keys.data_key == keys.data_key


def test_full_width_letters_of_an_input_method_are_the_same_password(box: Box) -> None:
    assert box.opens(LOGIN, PASSWORD.replace("a", "ａ"))


def test_only_the_owner_can_read_the_files(box: Box) -> None:
    assert stat.S_IMODE(box.home.stat().st_mode) == 0o700
    for path in (box.paths.database, box.paths.header, box.paths.header.with_suffix(".keys.bak")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_nothing_readable_stands_in_the_files(box: Box) -> None:
    box.write_note("Customer-Li-Wei-6222")
    everything = b"".join(path.read_bytes() for path in box.home.iterdir())
    assert b"Customer-Li-Wei-6222" not in everything
    assert PASSWORD.encode() not in everything
    assert box.made.keys.data_key.hex().encode() not in everything


def test_a_wrong_password_says_how_many_tries_are_left(box: Box) -> None:
    with pytest.raises(errors.WrongPasswordError, match="blocked: 4") as caught:
        box.unlock(LOGIN, "not the password")
    assert caught.value.exit_code is ExitCode.NOT_ALLOWED
    assert box.opens()


def test_an_unknown_login_is_named(box: Box) -> None:
    with pytest.raises(errors.NoSuchOfficerError, match="“nobody”"):
        box.unlock("nobody", PASSWORD)


def test_five_wrong_passwords_block_signing_in_and_the_right_one_after_half_an_hour(
    box: Box, clock: FrozenClock
) -> None:
    for _ in range(4):
        with pytest.raises(errors.WrongPasswordError):
            box.unlock(LOGIN, "wrong")
    with pytest.raises(errors.LockedOutError, match="30 more minutes, until 09:30"):
        box.unlock(LOGIN, "wrong")
    with pytest.raises(errors.LockedOutError):
        box.unlock()
    assert box.opens(OTHER, OTHER_PASSWORD)
    clock.advance(timedelta(minutes=31))
    box.around.boot_clock.advance(timedelta(minutes=31))  # type: ignore[union-attr]
    assert box.opens()


def test_an_officer_bound_to_a_key_store_opens_with_it_and_nowhere_else(
    tmp_path: Path, clock: FrozenClock
) -> None:
    store = MemoryKeyring()
    box = make_box(tmp_path / "home", clock, key_store=store)
    assert box.made.no_key_store is None
    assert box.opens()
    elsewhere = Surroundings(clock, POLICY, MemoryKeyring(), box.around.boot_clock)
    with pytest.raises(errors.WrongDeviceError, match="another workstation"):
        unlock_vault(box.home, LOGIN, PASSWORD, TABLES, elsewhere)
    store.entries = dict.fromkeys(store.entries, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    with pytest.raises(errors.WrongDeviceError):
        box.unlock()


def test_without_a_key_store_a_bound_officer_is_told_so(tmp_path: Path, clock: FrozenClock) -> None:
    box = make_box(tmp_path / "home", clock, key_store=MemoryKeyring())
    none_here = Surroundings(clock, POLICY, fail.Keyring(), box.around.boot_clock)
    with pytest.raises(errors.NoKeyringError, match="must be long"):
        unlock_vault(box.home, LOGIN, PASSWORD, TABLES, none_here)


def test_without_a_key_store_passwords_must_be_long(tmp_path: Path, clock: FrozenClock) -> None:
    bound = Surroundings(clock, POLICY, MemoryKeyring())
    free = Surroundings(clock, POLICY, fail.Keyring())
    with pytest.raises(errors.WeakPasswordError, match="at least 15"):
        create_vault(tmp_path / "a", "b", [(LOGIN, "river lamp")], TABLES, free)
    assert not (tmp_path / "a" / "vault.db").exists()
    create_vault(tmp_path / "b", "b", [(LOGIN, "river lamp")], TABLES, bound)


def test_the_recovery_code_opens_and_gives_a_new_password(box: Box) -> None:
    keys, engine = unlock_vault_with_code(box.home, box.made.recovery_code, TABLES, box.around)
    engine.dispose()
    set_officer_password(box.home, keys, LOGIN, "another long password", box.around)
    assert box.opens(LOGIN, "another long password")
    with pytest.raises(errors.WrongPasswordError):
        box.unlock()


def test_a_replaced_recovery_code_opens_nothing(box: Box) -> None:
    code = replace_recovery_code(box.home, box.made.keys, box.around)
    with pytest.raises(errors.RecoveryCodeWrongError):
        unlock_vault_with_code(box.home, box.made.recovery_code, TABLES, box.around)
    unlock_vault_with_code(box.home, code, TABLES, box.around).engine.dispose()


def test_officers_come_go_and_change_their_passwords(box: Box) -> None:
    keys = box.made.keys
    add_officer(box.home, keys, "third", "three clouds in a jar", box.around)
    assert box.opens("third", "three clouds in a jar")
    with pytest.raises(errors.OfficerExistsError):
        add_officer(box.home, keys, "third", "three clouds in a jar", box.around)
    change_password(box.home, "third", "three clouds in a jar", "four clouds in a jar", box.around)
    assert box.opens("third", "four clouds in a jar")
    with pytest.raises(errors.WrongPasswordError):
        change_password(box.home, "third", "wrong", "five clouds in a jar", box.around)
    with pytest.raises(errors.WeakPasswordError):
        change_password(box.home, "third", "four clouds in a jar", "short", box.around)
    remove_officer(box.home, keys, "third", box.around)
    remove_officer(box.home, keys, OTHER, box.around)
    with pytest.raises(errors.NoSuchOfficerError):
        box.unlock("third", "four clouds in a jar")
    with pytest.raises(errors.LastOfficerError):
        remove_officer(box.home, keys, LOGIN, box.around)
    copy = box.paths.header.with_name("vault.keys.bak").read_text()
    assert "third" not in copy
    assert box.opens()


def test_each_state_of_the_files_has_its_own_sentence(box: Box) -> None:
    box.write_note("kept")
    paths, whole = box.paths, box.paths.database.read_bytes()

    def fails(kind: type[DeskError]) -> None:
        before = paths.database.read_bytes() if paths.database.exists() else None
        with pytest.raises(kind) as caught:
            box.unlock()
        assert type(caught.value) is kind
        after = paths.database.read_bytes() if paths.database.exists() else None
        assert after == before

    paths.database.unlink()
    fails(errors.DatabaseMissingError)
    paths.database.write_bytes(b"")
    fails(errors.DatabaseEmptyError)
    paths.database.write_bytes(b"just a text\n" * 1000)
    fails(errors.DatabaseForeignError)
    paths.database.write_bytes(os.urandom(len(whole)))
    fails(errors.DatabaseForeignError)
    paths.database.unlink()
    with closing(sqlite3.connect(paths.database)) as plain:
        plain.execute("CREATE TABLE t (a)")
    fails(errors.DatabaseForeignError)
    paths.database.unlink()
    connect(paths.database, os.urandom(32), create=True).close()
    fails(errors.DatabaseForeignError)
    paths.database.write_bytes(flipped(whole, 8 * 3))
    fails(errors.DatabaseDamagedError)
    paths.database.write_bytes(flipped(whole, 8 * 2000))
    fails(errors.DatabaseDamagedError)
    paths.database.write_bytes(whole[:1000])
    fails(errors.DatabaseDamagedError)
    paths.database.write_bytes(whole)
    with closing(connect(paths.database, box.made.keys.data_key)) as connection:
        connection.execute("PRAGMA user_version=9999")
    fails(errors.NewerSchemaError)
    with closing(connect(paths.database, box.made.keys.data_key)) as connection:
        connection.execute("PRAGMA application_id=7")
    fails(errors.DatabaseForeignError)
    paths.database.write_bytes(whole)
    assert box.opens()
    assert notes(paths.database, box.made.keys.data_key) == ["kept"]


def test_300_flipped_bits_in_the_key_file_open_nothing(box: Box) -> None:
    content, chance = box.paths.header.read_bytes(), random.Random(2)
    for bit in chance.sample(range(8 * len(content)), 300):
        box.paths.header.write_bytes(flipped(content, bit))
        with pytest.raises(errors.HeaderDamagedError):
            box.unlock()
    box.paths.header.write_bytes(content)
    assert box.opens()


def test_300_flipped_bits_in_the_first_page_open_nothing(box: Box) -> None:
    box.opens()
    content, chance = box.paths.database.read_bytes(), random.Random(3)
    for bit in chance.sample(range(8 * 4096), 300):
        box.paths.database.write_bytes(flipped(content, bit))
        with pytest.raises(errors.DatabaseDamagedError):
            connect(box.paths.database, box.made.keys.data_key)
    box.paths.database.write_bytes(flipped(content, 8 * 100))
    with pytest.raises(errors.DatabaseDamagedError):
        box.unlock()
    box.paths.database.write_bytes(content)
    assert box.opens()


def test_an_older_key_file_put_back_is_refused(box: Box) -> None:
    box.opens()
    old = box.paths.header.read_bytes()
    remove_officer(box.home, box.made.keys, OTHER, box.around)
    box.opens()
    box.paths.header.write_bytes(old)
    with pytest.raises(errors.HeaderRolledBackError, match=r"version 1.*version 2"):
        box.unlock(OTHER, OTHER_PASSWORD)


def test_a_missing_or_exposed_key_file_is_said(box: Box) -> None:
    box.paths.header.chmod(0o640)
    with pytest.raises(errors.HeaderExposedError):
        box.unlock()
    box.paths.header.unlink()
    with pytest.raises(errors.HeaderMissingError, match=r"vault\.keys\.bak"):
        box.unlock()
    shutil.copy(box.home / "vault.keys.bak", box.paths.header)
    box.paths.header.chmod(0o600)
    assert box.opens()


def test_a_vault_is_never_made_over_another(box: Box) -> None:
    before = box.paths.database.read_bytes()
    with pytest.raises(errors.VaultExistsError):
        make_box(box.home, FrozenClock(box.around.clock.now()))
    assert box.paths.database.read_bytes() == before


def test_what_an_interrupted_creation_left_is_cleared_away(box: Box) -> None:
    box.paths.database.rename(box.paths.unfinished)
    again = make_box(box.home, FrozenClock(box.around.clock.now()))
    assert again.opens()
    assert not box.paths.unfinished.exists()


def test_missing_migrations_run_at_the_next_opening(box: Box) -> None:
    more = Tables((*TABLES.migrations, lambda c: c.execute("CREATE TABLE added (a)")), 0x44435231)
    keys, engine = unlock_vault(box.home, LOGIN, PASSWORD, more, box.around)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM added").scalar_one() == 0
    engine.dispose()
    with closing(connect(box.paths.database, keys.data_key)) as raw:
        assert schema_version(raw) == len(more.migrations)
    with pytest.raises(errors.NewerSchemaError):
        box.unlock()


def test_two_desks_share_a_vault_and_rotation_waits_for_neither(box: Box) -> None:
    first, second = box.unlock(), box.unlock(OTHER, OTHER_PASSWORD)
    first.engine.dispose()
    with pytest.raises(errors.VaultInUseError):
        rotate_data_key(box.home, first.keys, box.around)
    second.engine.dispose()
    rotate_data_key(box.home, first.keys, box.around)
    assert box.opens()


def test_rotation_shuts_out_a_dropped_officer_and_the_old_key(box: Box) -> None:
    box.write_note("kept")
    old = box.made.keys
    fresh = rotate_data_key(box.home, old, box.around, drop=[OTHER])
    assert (fresh.data_key != old.data_key, fresh.ledger_key) == (True, old.ledger_key)
    assert notes(box.paths.database, fresh.data_key) == ["kept"]
    with pytest.raises(errors.DatabaseForeignError):
        connect(box.paths.database, old.data_key)
    with pytest.raises(errors.NoSuchOfficerError):
        box.unlock(OTHER, OTHER_PASSWORD)
    assert unlock_keys(box.home, LOGIN, PASSWORD, box.around).data_key == fresh.data_key
    unlock_vault_with_code(box.home, box.made.recovery_code, TABLES, box.around).engine.dispose()


@pytest.mark.parametrize("killed_at", ["copy_database", "end_rotation"])
def test_a_rotation_that_was_killed_is_ended_at_the_next_opening(
    box: Box, killed_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(*_arguments: object) -> None:
        raise KeyboardInterrupt

    box.write_note("kept")
    with monkeypatch.context() as killing:
        killing.setattr(f"deskcrm.vault.rotation.{killed_at}", kill)
        with pytest.raises(KeyboardInterrupt):
            rotate_data_key(box.home, box.made.keys, box.around)
    assert load_header(box.paths.header, POLICY).rotating
    keys, engine = box.unlock()
    engine.dispose()
    assert not load_header(box.paths.header, POLICY).rotating
    assert notes(box.paths.database, keys.data_key) == ["kept"]
    assert keys.data_key != box.made.keys.data_key


def test_a_rotation_that_fails_changes_nothing(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise errors.DiskFullError(folder=box.home)

    box.write_note("kept")
    with monkeypatch.context() as failing:
        failing.setattr("deskcrm.vault.rotation.copy_database", full)
        with pytest.raises(errors.DiskFullError):
            rotate_data_key(box.home, box.made.keys, box.around, drop=[OTHER])
    assert not load_header(box.paths.header, POLICY).rotating
    assert box.unlock(OTHER, OTHER_PASSWORD).keys.data_key == box.made.keys.data_key
    assert notes(box.paths.database, box.made.keys.data_key) == ["kept"]


def test_a_migration_waits_until_the_vault_is_free_and_says_so(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deskcrm.vault.instance._WAIT_SECONDS", 0.1)
    with file_lock(box.paths.lock), pytest.raises(errors.VaultInUseError):
        box.unlock()
    assert box.opens()


def test_the_doctor_finds_a_whole_vault_whole_and_names_what_is_not(box: Box) -> None:
    def checks() -> dict[str, bool | None]:
        with closing(connect(box.paths.database, box.made.keys.data_key)) as connection:
            found = check_vault(box.paths, box.made.keys, connection, POLICY)
        return {check.name: check.ok for check in found}

    box.opens()
    assert set(checks().values()) == {True}
    whole = box.paths.database.read_bytes()
    box.paths.database.write_bytes(flipped(whole, 8 * (len(whole) - 2000)))
    assert checks()["pages"] is False
    box.paths.database.write_bytes(whole[:-4096])
    with pytest.raises(errors.DatabaseDamagedError):
        box.unlock()
    box.paths.database.write_bytes(whole)
    box.paths.database.chmod(0o644)
    box.paths.header.write_bytes(b"{}")
    found = checks()
    assert (found["permissions"], found["key-file"]) == (False, False)


READ_ONLY = """
import os, sys
from pathlib import Path
home = Path(sys.argv[1])
from datetime import UTC, datetime
from deskcrm.clock import FrozenClock
from deskcrm.errors import DeskError
from tests.vault.boxes import *
import deskcrm.vault.rotation, sqlalchemy, sqlcipher3.dbapi2
import cryptography.hazmat.primitives.hpke, cryptography.hazmat.primitives.kdf.argon2
import cryptography.hazmat.primitives.ciphers.aead, cryptography.hazmat.primitives.kdf.hkdf
import cryptography.hazmat.primitives.asymmetric.x25519
import gettext, deskcrm.vault.ledger, sqlalchemy.dialects.sqlite
for path in (home, *home.iterdir()):
    os.chown(path, 65534, 65534)
home.chmod(0o500)
os.setuid(65534)
around = Surroundings(FrozenClock(datetime(2026, 11, 23, tzinfo=UTC)), POLICY, fail.Keyring())
try:
    unlock_vault(home, LOGIN, PASSWORD, TABLES, around)
except DeskError as error:
    print(error.code)
"""


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="takes root to change the user")
def test_a_folder_that_cannot_be_written_is_said(clock: FrozenClock) -> None:
    # not below tmp_path, which another user cannot enter
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        box = make_box(Path(folder) / "home", clock)
        run = subprocess.run(
            [sys.executable, "-c", READ_ONLY, str(box.home)],
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert run.stdout.strip() == "read-only", run.stderr
