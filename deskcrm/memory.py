"""What the running app asks of Python and of the C library, so that it stays small and quick."""

from __future__ import annotations

import contextlib
import gc
import sys

_YOUNG, _NEVER = 10_000, 1_000_000
_SHORT_PAUSE_SECONDS = 0.5
_LONG_PAUSE_SECONDS = 5.0
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
    """Begin to collect garbage, but without what was imported, and only the youngest: to look
    through more takes as long as some keystrokes, so ``Tidying`` does that when nobody types."""
    if gc.isenabled():
        return
    gc.freeze()
    gc.set_threshold(_YOUNG, _NEVER, _NEVER)
    gc.enable()


class Tidying:
    """Collects garbage in the pauses of an officer: after a short one what the last keys left,
    after a long one everything."""

    def __init__(self, now: float) -> None:
        self._young_at = self._all_at = now

    def look(self, last_key: float, now: float) -> None:
        """Collect what a pause since ``last_key`` allows, once a pause."""
        if self._all_at < last_key <= now - _LONG_PAUSE_SECONDS:
            self._young_at = self._all_at = last_key
            gc.collect()
        elif self._young_at < last_key <= now - _SHORT_PAUSE_SECONDS:
            self._young_at = last_key
            gc.collect(1)
