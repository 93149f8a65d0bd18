"""File locks: several desks share an open vault, migration and rekeying have it alone."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deskcrm.vault.errors import VaultInUseError
from deskcrm.vault.files import storage_errors

_WAIT_SECONDS = 10.0
_POLL_SECONDS = 0.02
_SHARES = 64
"""How many may share a lock on Windows, which locks bytes for one process only."""


class FileLock:
    """A lock on a file of its own; the system releases it when the process ends.

    Shared locks exclude only a lock held alone. One object holds one lock.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def try_acquire(self, *, shared: bool = False) -> bool:
        """Take the lock without waiting; whether it was free."""
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        with storage_errors(self._path.parent):
            descriptor = os.open(self._path, flags, 0o600)
        if not _try_lock(descriptor, shared=shared):
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def acquire(self, *, shared: bool = False, wait: bool = False) -> None:
        """Take the lock, for up to ten seconds with ``wait``; raises ``VaultInUseError``."""
        deadline = time.monotonic() + (_WAIT_SECONDS if wait else 0.0)
        while not self.try_acquire(shared=shared):
            if time.monotonic() >= deadline:
                raise VaultInUseError
            time.sleep(_POLL_SECONDS)

    def release(self) -> None:
        """Give the lock back; nothing happens when it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


@contextmanager
def file_lock(path: Path, *, shared: bool = False, wait: bool = False) -> Iterator[None]:
    """Hold a lock for a block. Raises ``VaultInUseError``."""
    lock = FileLock(path)
    lock.acquire(shared=shared, wait=wait)
    try:
        yield
    finally:
        lock.release()


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        if not shared:
            return _try_bytes(descriptor, 0, _SHARES)
        return any(_try_bytes(descriptor, share, 1) for share in range(_SHARES))

    def _try_bytes(descriptor: int, start: int, count: int) -> bool:
        os.lseek(descriptor, start, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, count)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int, *, shared: bool) -> bool:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
