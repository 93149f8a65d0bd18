"""Files, locks, network shares, and what the process keeps to itself."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from deskcrm.vault import share
from deskcrm.vault.errors import (
    DiskFullError,
    NetworkShareError,
    ReadOnlyFolderError,
    StorageFailedError,
    VaultInUseError,
)
from deskcrm.vault.files import make_private_folder, storage_errors, write_whole
from deskcrm.vault.instance import FileLock, file_lock
from deskcrm.vault.paths import VaultPaths, default_home
from deskcrm.vault.share import kind_of, parse_mac_mounts, parse_mountinfo

MOUNTINFO = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:26 / /home rw,noatime shared:5 - btrfs /dev/sdb rw,subvol=/home
41 22 0:44 / /mnt/branch\\040files rw,relatime - nfs4 10.0.0.5:/share rw,vers=4.2
42 22 0:45 / /mnt/win rw shared:9 master:1 - cifs //server/desk rw
43 22 0:46 / /home/wang/remote rw,nosuid - fuse.sshfs wang@host:/ rw
44 22 0:47 / /c rw - 9p drvfs rw
45 22 0:48 / /mnt/over rw - nfs4 10.0.0.5:/a rw
46 45 254:9 / /mnt/over rw - ext4 /dev/vdb rw
broken line
47 22 0:49 / /mnt/中文 rw - smb3 //server/x rw
"""

MAC_MOUNTS = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled)
//wang@server/desk on /Volumes/desk (smbfs, nodev, nosuid, mounted by wang)
server:/export on /Volumes/branch files (nfs)
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("/var/lib", "ext4"),
        ("/home/wang/deskcrm", "btrfs"),
        ("/mnt/branch files/vault", "nfs4"),
        ("/mnt/branch", "ext4"),
        ("/mnt/win", "cifs"),
        ("/mnt/windows", "ext4"),
        ("/home/wang/remote/x", "fuse.sshfs"),
        ("/c/Users/wang", "9p"),
        ("/mnt/over/vault", "ext4"),
        ("/mnt/中文/vault", "smb3"),
    ],
)
def test_the_innermost_mount_of_linux_decides(place: str, kind: str) -> None:
    assert kind_of(PurePosixPath(place), parse_mountinfo(MOUNTINFO)) == kind


@pytest.mark.parametrize(
    ("place", "kind"),
    [("/Users/wang", "apfs"), ("/Volumes/desk/v", "smbfs"), ("/Volumes/branch files", "nfs")],
)
def test_the_mounts_of_macos_are_read(place: str, kind: str) -> None:
    assert kind_of(PurePosixPath(place), parse_mac_mounts(MAC_MOUNTS)) == kind


def test_a_folder_on_a_share_is_refused_and_one_on_a_disk_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    share.refuse_network_share(tmp_path / "not" / "yet" / "there")
    table = tmp_path / "mountinfo"
    table.write_text(f"1 1 0:1 / / rw - ext4 x rw\n2 1 0:2 / {tmp_path} rw - nfs4 s:/x rw\n")
    monkeypatch.setattr(share, "_MOUNTINFO", table)
    with pytest.raises(NetworkShareError, match="nfs4"):
        share.refuse_network_share(tmp_path / "home")
    share.refuse_network_share(tmp_path.parent)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.EROFS, ReadOnlyFolderError),
        (errno.EACCES, ReadOnlyFolderError),
        (errno.ENOSPC, DiskFullError),
        (errno.EIO, StorageFailedError),
    ],
)
def test_errors_of_the_system_become_sentences(
    tmp_path: Path, number: int, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match=str(tmp_path)), storage_errors(tmp_path):
        raise OSError(number, "x")


def test_a_file_is_written_whole_or_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_whole(path, b"old")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as faulty:
        faulty.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="full"):
            write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_kill_left_is_cleared_away_at_the_next_writing(tmp_path: Path) -> None:
    left = tmp_path / ".file.99999.tmp"
    left.write_bytes(b"half")
    write_whole(tmp_path / "file", b"new")
    assert not left.exists()


def test_an_open_folder_is_closed_to_others(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    make_private_folder(home)
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_shared_locks_exclude_only_who_wants_to_be_alone(tmp_path: Path) -> None:
    path = tmp_path / "vault.lock"
    with file_lock(path, shared=True), file_lock(path, shared=True):
        assert not FileLock(path).try_acquire()
        with pytest.raises(VaultInUseError):
            FileLock(path).acquire()
    with file_lock(path):
        assert not FileLock(path).try_acquire(shared=True)
        assert not FileLock(path).try_acquire()
    with file_lock(path):
        pass


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "vault.lock"
    program = (
        "import sys, time; from pathlib import Path; from deskcrm.vault.instance import FileLock\n"
        "lock = FileLock(Path(sys.argv[1])); lock.acquire(); print('held', flush=True)\n"
        "time.sleep(60)"
    )
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        assert not FileLock(path).try_acquire()
        child.kill()
    with file_lock(path, wait=True):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="core dumps and dumpability are Linux's here")
def test_a_hardened_process_dumps_nothing_and_makes_private_files(tmp_path: Path) -> None:
    program = (
        "import ctypes, resource, sys; from pathlib import Path\n"
        "from deskcrm.vault.files import harden_process\n"
        "harden_process(); Path(sys.argv[1]).touch()\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "made")]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "(0, 0) 0"
    assert stat.S_IMODE((tmp_path / "made").stat().st_mode) == 0o600


def test_importing_the_vault_loads_nothing_heavy() -> None:
    program = (
        "import sys; import deskcrm.vault.vault, deskcrm.vault.officers\n"
        "heavy = {'sqlalchemy', 'sqlcipher3', 'cryptography', 'keyring', 'sqlmodel', 'ctypes'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_a_vault_has_a_home_of_its_own() -> None:
    assert default_home().name == "deskcrm"
    paths = VaultPaths(Path("/x"))
    assert (paths.database.name, paths.header.name) == ("vault.db", "vault.keys")
