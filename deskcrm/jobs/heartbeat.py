"""Notices when the wall clock jumped: after sleep, or when somebody set it."""

from __future__ import annotations

from datetime import timedelta

from deskcrm.clock import Clock

TOLERANCE = timedelta(seconds=5)
"""Less is drift or a busy machine."""


class Heartbeat:
    """Compares how far the wall clock and the monotonic clock have gone since the last beat."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wall = clock.now()
        self._ticks = clock.monotonic()

    def beat(self) -> timedelta | None:
        """How far the wall clock jumped since the last beat (negative: back), or nothing."""
        wall, ticks = self._clock.now(), self._clock.monotonic()
        jump = (wall - self._wall) - timedelta(seconds=ticks - self._ticks)
        self._wall, self._ticks = wall, ticks
        return jump if abs(jump) > TOLERANCE else None
