"""Private files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deskcrm.vault.errors import (
    DiskFullError,
    ReadOnlyFolderError,
    StorageFailedError,
)

_READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)
_FULL = (errno.ENOSPC, errno.EDQUOT) if hasattr(errno, "EDQUOT") else (errno.ENOSPC,)
_PRIVATE_FILE = 0o600
_PRIVATE_FOLDER = 0o700
_OTHERS = 0o077
_PR_SET_DUMPABLE = 4


def harden_process() -> None:
    """Make new files private, and keep this process's memory out of core dumps and debuggers."""
    os.umask(_OTHERS)
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turn errors of the operating system into errors that name ``folder`` and what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _READ_ONLY:
            raise ReadOnlyFolderError(folder=folder) from error
        if error.errno in _FULL:
            raise DiskFullError(folder=folder) from error
        reason = errno.errorcode.get(error.errno or 0, type(error).__name__)
        raise StorageFailedError(folder=folder, reason=reason) from error


def make_private_folder(folder: Path) -> None:
    """Make ``folder`` (and its parents) and let only its owner in."""
    with storage_errors(folder):
        folder.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
        if os.name == "posix" and stat.S_IMODE(folder.stat().st_mode) & _OTHERS:
            folder.chmod(_PRIVATE_FOLDER)


def is_private(path: Path) -> bool:
    """Whether only the owner can reach ``path``; Windows keeps this in the folder's own rights."""
    return os.name != "posix" or not stat.S_IMODE(path.stat().st_mode) & _OTHERS


def create_private(path: Path) -> int:
    """A descriptor of a new file that only its owner can read; an existing one is an OSError."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    return os.open(path, flags, _PRIVATE_FILE)


def sync_folder(folder: Path) -> None:
    """Make renames in ``folder`` outlast a power cut, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make the content of ``path`` outlast a power cut."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def write_whole(path: Path, content: bytes) -> None:
    """Replace ``path`` by ``content`` so that a kill or power cut leaves the old or the new file.

    Raises ``OSError``; wrap in ``storage_errors``.
    """
    remove_leftovers(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = create_private(temporary)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def remove_leftovers(path: Path) -> None:
    """Remove what a kill inside ``write_whole`` left; only for who holds the file's lock."""
    for left in path.parent.glob(f".{path.name}.*.tmp"):
        left.unlink(missing_ok=True)


def remove_database(path: Path) -> None:
    """Remove a database that does not count, with what SQLite keeps beside it."""
    with storage_errors(path.parent):
        for suffix in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
