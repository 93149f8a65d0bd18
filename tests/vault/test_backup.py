from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from deskcrm.clock import FrozenClock
from deskcrm.vault import errors
from deskcrm.vault.backup import (
    create_backup,
    restore_backup,
    verify_backup,
)
from deskcrm.vault.engine import connect
from deskcrm.vault.ledger import HeadFile
from deskcrm.vault.manifest import MANIFEST, Manifest
from deskcrm.vault.officers import set_officer_password, unlock_backup, unlock_backup_with_code
from deskcrm.vault.paths import VaultPaths
from deskcrm.vault.rotation import rotate_data_key
from deskcrm.vault.schema import APPLICATION_ID
from deskcrm.vault.vault import unlock_vault
from tests.vault.boxes import LOGIN, PASSWORD, TABLES, Box, make_box, notes


@pytest.fixture
def backup(box: Box, tmp_path: Path) -> Path:
    box.write_note("kept")
    back_up(box, tmp_path / "backup")
    return tmp_path / "backup"


def back_up(box: Box, folder: Path, progress: Callable[[int, int], None] | None = None) -> Manifest:
    around = box.around
    return create_backup(
        box.home,
        folder,
        box.made.keys,
        policy=around.policy,
        clock=around.clock,
        progress=progress,
    )


def restore(box: Box, backup: Path, home: Path, **expected: object) -> Manifest:
    keys = box.made.keys
    return restore_backup(backup, home, keys, application_id=APPLICATION_ID, **expected)  # type: ignore[arg-type]


def test_a_backup_is_described_and_checks_out(box: Box, backup: Path) -> None:
    manifest = verify_backup(backup, box.made.keys)
    assert manifest.rows["note"] == 1
    assert manifest.created_at == datetime.fromisoformat("2026-11-23T01:00:00+00:00")
    assert manifest.application_id == APPLICATION_ID
    assert sorted(path.name for path in backup.iterdir()) == [MANIFEST, "vault.db", "vault.keys"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in backup.iterdir())
    assert unlock_backup(backup, LOGIN, PASSWORD, box.around).data_key == box.made.keys.data_key


def test_a_restored_vault_opens_with_its_rows_and_its_ledger_head(
    box: Box, backup: Path, tmp_path: Path
) -> None:
    manifest = restore(box, backup, tmp_path / "new")
    paths = VaultPaths(tmp_path / "new")
    keys, engine = unlock_vault(paths.home, LOGIN, PASSWORD, TABLES, box.around)
    engine.dispose()
    assert notes(paths.database, keys.data_key) == ["kept"]
    head = HeadFile(paths.ledger_head, keys.ledger_key).load()
    assert head is not None
    assert (head.seq, head.mac.hex()) == (manifest.ledger_seq, manifest.ledger_mac)
    assert stat.S_IMODE(paths.home.stat().st_mode) == 0o700
    assert verify_backup(backup, box.made.keys) == manifest


def test_on_another_machine_the_recovery_code_opens_the_backup(
    box: Box, backup: Path, tmp_path: Path
) -> None:
    keys = unlock_backup_with_code(backup, box.made.recovery_code, box.around)
    restore_backup(backup, tmp_path / "new", keys, application_id=APPLICATION_ID)
    set_officer_password(tmp_path / "new", keys, LOGIN, "a password for here", box.around)
    unlock_vault(
        tmp_path / "new", LOGIN, "a password for here", TABLES, box.around
    ).engine.dispose()


def test_a_backup_from_before_a_rotation_keeps_its_own_keys(
    box: Box, backup: Path, tmp_path: Path
) -> None:
    rotate_data_key(box.home, box.made.keys, box.around)
    keys = unlock_backup(backup, LOGIN, PASSWORD, box.around)
    restore_backup(backup, tmp_path / "new", keys, application_id=APPLICATION_ID)
    assert notes(tmp_path / "new" / "vault.db", keys.data_key) == ["kept"]


def test_a_backup_of_a_vault_in_use_is_one_snapshot(box: Box, tmp_path: Path) -> None:
    key = box.made.keys.data_key
    with closing(connect(box.paths.database, key)) as connection:
        connection.execute("CREATE TABLE pair (a INTEGER, b INTEGER, filler BLOB)")
    stop = threading.Event()

    def keep_writing() -> None:
        with closing(connect(box.paths.database, key)) as connection:
            n = 0
            while not stop.is_set():
                n += 1
                connection.execute("INSERT INTO pair VALUES (?, ?, zeroblob(3000))", (n, n))

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        seen: list[tuple[int, int]] = []
        manifest = back_up(box, tmp_path / "backup", lambda *step: seen.append(step))
    finally:
        stop.set()
        writer.join()
    assert seen[-1][0] == seen[-1][1] > 0
    verify_backup(tmp_path / "backup", box.made.keys)
    with closing(connect(tmp_path / "backup" / "vault.db", key, readonly=True)) as copy:
        count, top = copy.execute("SELECT count(*), coalesce(max(a), 0) FROM pair").fetchone()
    assert count == top == manifest.rows["pair"]


def test_a_cancelled_backup_leaves_nothing_behind(box: Box, tmp_path: Path) -> None:
    def cancel(_done: int, _total: int) -> None:
        raise KeyboardInterrupt

    before = sorted(tmp_path.iterdir())
    with pytest.raises(KeyboardInterrupt):
        back_up(box, tmp_path / "backup", cancel)
    assert sorted(tmp_path.iterdir()) == before
    assert box.opens()


def test_a_damaged_database_is_not_backed_up(box: Box, tmp_path: Path) -> None:
    box.write_note("long " * 10_000)
    box.opens()
    content = bytearray(box.paths.database.read_bytes())
    content[-2000] ^= 1
    box.paths.database.write_bytes(content)
    with pytest.raises((errors.DatabaseDamagedError, errors.BackupFailedError)):
        back_up(box, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_a_backup_never_covers_what_lies_there(box: Box, backup: Path) -> None:
    before = {path: path.read_bytes() for path in backup.iterdir()}
    with pytest.raises(errors.VaultExistsError):
        back_up(box, backup)
    assert {path: path.read_bytes() for path in backup.iterdir()} == before


def resealed(backup: Path, name: str, content: bytes) -> None:
    """Change a file and the digest that the manifest has of it, as a careful forger would."""
    (backup / name).write_bytes(content)
    manifest = json.loads((backup / MANIFEST).read_bytes())
    manifest["files"][name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    (backup / MANIFEST).write_text(json.dumps(manifest, sort_keys=True, indent=1) + "\n")


def forged_rows(backup: Path) -> None:
    manifest = json.loads((backup / MANIFEST).read_bytes())
    manifest["rows"]["note"] = 0
    (backup / MANIFEST).write_text(json.dumps(manifest, sort_keys=True, indent=1) + "\n")


SPOILINGS: list[tuple[str, Callable[[Path], object], type[errors.BackupRefusedError]]] = [
    ("no database", lambda b: (b / "vault.db").unlink(), errors.BackupPartialError),
    ("no key file", lambda b: (b / "vault.keys").unlink(), errors.BackupPartialError),
    ("no manifest", lambda b: (b / MANIFEST).unlink(), errors.BackupPartialError),
    ("cut off", lambda b: os.truncate(b / "vault.db", 8192), errors.BackupPartialError),
    (
        "empty manifest",
        lambda b: (b / MANIFEST).write_bytes(b""),
        errors.BackupTamperedError,
    ),
    (
        "another program's manifest",
        lambda b: (b / MANIFEST).write_text('{"magic": "x", "version": 1}'),
        errors.BackupForeignError,
    ),
    (
        "another key file",
        lambda b: (b / "vault.keys").write_bytes(bytes((b / "vault.keys").stat().st_size)),
        errors.BackupTamperedError,
    ),
    (
        "another database, digest adjusted",
        lambda b: resealed(b, "vault.db", os.urandom(40960)),
        errors.BackupTamperedError,
    ),
    ("rows adjusted", forged_rows, errors.BackupTamperedError),
    ("nothing", lambda b: [path.unlink() for path in b.iterdir()], errors.BackupForeignError),
]


@pytest.mark.parametrize(
    ("spoil", "refusal"), [row[1:] for row in SPOILINGS], ids=[row[0] for row in SPOILINGS]
)
def test_a_spoiled_backup_is_refused_and_the_present_vault_stays(
    box: Box,
    backup: Path,
    tmp_path: Path,
    spoil: Callable[[Path], object],
    refusal: type[errors.BackupRefusedError],
) -> None:
    present = box.paths.database.read_bytes()
    spoil(backup)
    with pytest.raises(refusal):
        restore(box, backup, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert box.paths.database.read_bytes() == present


def test_any_flipped_bit_is_found(box: Box, backup: Path) -> None:
    chance = random.Random(5)
    for name in (MANIFEST, "vault.keys", "vault.db"):
        content = (backup / name).read_bytes()
        for bit in chance.sample(range(8 * len(content)), 40):
            changed = bytearray(content)
            changed[bit // 8] ^= 1 << bit % 8
            (backup / name).write_bytes(changed)
            with pytest.raises(errors.BackupRefusedError):
                verify_backup(backup, box.made.keys)
        (backup / name).write_bytes(content)
    verify_backup(backup, box.made.keys)


def test_a_manifest_with_values_of_other_types_is_refused(box: Box, backup: Path) -> None:
    whole = json.loads((backup / MANIFEST).read_bytes())
    for name in (*whole, "size", "sha256", "note"):
        for bad in (None, True, -1, 1.5, "é", [], {}):
            changed = json.loads(json.dumps(whole))
            if name in whole:
                changed[name] = bad
            elif name == "note":
                changed["rows"][name] = bad
            else:
                changed["files"]["vault.db"][name] = bad
            (backup / MANIFEST).write_text(json.dumps(changed, sort_keys=True, indent=1) + "\n")
            with pytest.raises(errors.BackupRefusedError):
                verify_backup(backup, box.made.keys)


def test_a_page_spliced_in_from_elsewhere_is_found(box: Box, backup: Path) -> None:
    content = (backup / "vault.db").read_bytes()
    resealed(backup, "vault.db", content[:-4096] + content[-8192:-4096])
    with pytest.raises(errors.BackupTamperedError):
        verify_backup(backup, box.made.keys)


def test_the_backup_of_another_vault_is_refused(
    box: Box, backup: Path, tmp_path: Path, clock: FrozenClock
) -> None:
    other = make_box(tmp_path / "other", clock)
    with pytest.raises(errors.BackupTamperedError):
        restore(other, backup, tmp_path / "new")
    with pytest.raises(errors.BackupForeignError):
        restore(box, backup, tmp_path / "new", vault_id="another")


def test_a_backup_that_ends_too_early_is_refused(box: Box, backup: Path, tmp_path: Path) -> None:
    with pytest.raises(errors.BackupOlderError, match="ends at ledger entry 0, but entry 7"):
        restore(box, backup, tmp_path / "new", least_ledger_seq=7)
    assert not (tmp_path / "new").exists()


def test_restoring_never_covers_a_vault(box: Box, backup: Path) -> None:
    present = box.paths.database.read_bytes()
    with pytest.raises(errors.VaultExistsError):
        restore(box, backup, box.home)
    assert box.paths.database.read_bytes() == present


def test_a_backup_copied_to_a_medium_without_rights_still_opens(box: Box, backup: Path) -> None:
    for path in backup.iterdir():
        path.chmod(0o444)
    verify_backup(backup, unlock_backup(backup, LOGIN, PASSWORD, box.around))


def test_a_cut_off_copy_is_named_partial_without_keys(backup: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(backup, copy)
    os.truncate(copy / "vault.db", 100)
    with pytest.raises(errors.BackupPartialError, match=r"vault\.db"):
        verify_backup(copy)
    assert verify_backup(backup).rows["note"] == 1
