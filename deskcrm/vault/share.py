"""Find out whether a folder lies on a network share, where SQLite's locks cannot be trusted."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from deskcrm.vault.errors import NetworkShareError

NETWORK_KINDS = frozenset(
    {
        "9p",
        "afpfs",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "davfs",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "smb",
        "smb2",
        "smb3",
        "smbfs",
        "webdav",
        "fuse.ceph",
        "fuse.curlftpfs",
        "fuse.davfs",
        "fuse.davfs2",
        "fuse.glusterfs",
        "fuse.gvfsd-fuse",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
    }
)
_MOUNTINFO = Path("/proc/self/mountinfo")
_OCTAL = re.compile(r"\\([0-7]{3})")
_MAC_MOUNT = re.compile(r"^.+? on (?P<point>/.*) \((?P<kind>[^,)]+)[,)]")
_DRIVE_REMOTE = 4


class Mount(NamedTuple):
    """A mounted file system: where, and of what kind."""

    point: PurePosixPath
    kind: str


def refuse_network_share(folder: Path) -> None:
    """Raise ``NetworkShareError`` when ``folder`` lies on a network share."""
    kind = network_kind(folder)
    if kind is not None:
        raise NetworkShareError(folder=folder, kind=kind)


def network_kind(folder: Path) -> str | None:
    """The kind of network share that ``folder`` (which need not exist) lies on, or None."""
    if sys.platform == "win32":
        return _windows_kind(folder)
    place = PurePosixPath(folder.resolve())
    mounts = _mac_mounts() if sys.platform == "darwin" else _linux_mounts()
    kind = kind_of(place, mounts)
    return kind if kind in NETWORK_KINDS else None


def kind_of(place: PurePosixPath, mounts: Iterator[Mount]) -> str:
    """The kind of the innermost mount that holds ``place``; of equal ones the last, which covers
    the others."""
    found = Mount(PurePosixPath("/"), "")
    for mount in mounts:
        inner = len(mount.point.parts) >= len(found.point.parts)
        if inner and place.is_relative_to(mount.point):
            found = mount
    return found.kind


def parse_mountinfo(text: str) -> Iterator[Mount]:
    """The mounts in the text of Linux's ``/proc/self/mountinfo`` (proc(5))."""
    for line in text.splitlines():
        before, separator, after = line.partition(" - ")
        fields, kinds = before.split(" "), after.split(" ")
        if separator and len(fields) > 4:
            # only blank, tab, newline and backslash are written in octal
            point = _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[4])
            yield Mount(PurePosixPath(point), kinds[0])


def parse_mac_mounts(text: str) -> Iterator[Mount]:
    """The mounts in the output of macOS's ``mount``."""
    for line in text.splitlines():
        match = _MAC_MOUNT.match(line)
        if match:
            yield Mount(PurePosixPath(match["point"]), match["kind"])


def _linux_mounts() -> Iterator[Mount]:
    try:
        text = _MOUNTINFO.read_text(errors="surrogateescape")
    except OSError:
        return iter(())
    return parse_mountinfo(text)


def _mac_mounts() -> Iterator[Mount]:
    try:
        run = subprocess.run(["/sbin/mount"], capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return iter(())
    return parse_mac_mounts(run.stdout)


def _windows_kind(folder: Path) -> str | None:
    if sys.platform != "win32":
        return None
    import ctypes

    anchor = folder.resolve().anchor
    if anchor.startswith("\\\\"):
        return "UNC"
    remote = ctypes.windll.kernel32.GetDriveTypeW(anchor) == _DRIVE_REMOTE
    return "network drive" if remote else None
