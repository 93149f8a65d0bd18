"""What the running app asks of the C library, so that it stays small."""

from __future__ import annotations

import contextlib
import sys

_ARENA_MAX = -8  # M_ARENA_MAX of glibc's malloc.h


def share_arenas() -> None:
    """One pool of memory for all threads from now on: what a thread gave back is used by others.

    glibc makes a pool for each thread and keeps it; elsewhere this does nothing.
    """
    if sys.platform != "linux":
        return
    import ctypes

    with contextlib.suppress(AttributeError, OSError):  # another C library
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
