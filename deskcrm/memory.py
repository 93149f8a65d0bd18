"""What the running app asks of Python and of the C library, so that it stays small and quick."""

from __future__ import annotations

import contextlib
import gc
import sys

_NEVER = 1_000_000
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


def collect_between_keys() -> None:
    """Begin to collect garbage, but without what was imported, and only what is young.

    To look through everything takes as long as two keystrokes; the app does that when nobody types.
    """
    if gc.isenabled():
        return
    gc.freeze()
    young, middle, _all = gc.get_threshold()
    gc.set_threshold(young, middle, _NEVER)
    gc.enable()
