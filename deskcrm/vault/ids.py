"""Identifiers that sort by time and never collide between two desks.

A 63-bit integer: 41 bits of milliseconds since 2020, 12 bits of sequence, 10 bits of desk number.
The desk number is in the low bits, so that adding ``STEP`` gives the next identifier of the same
desk and a set-based statement can number its own rows.
"""

from __future__ import annotations

from datetime import UTC, datetime

DESK_BITS = 10
SEQUENCE_BITS = 12
STEP = 1 << DESK_BITS
MAXIMUM_DESK = STEP - 1
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


class IdMaker:
    """Makes identifiers for one desk, strictly rising even when the clock goes back.

    It is used only inside a write transaction, after ``not_before`` was told the newest identifier
    in the database; so two programs on one database cannot make the same one.
    """

    def __init__(self, desk_number: int) -> None:
        if not 0 <= desk_number <= MAXIMUM_DESK:
            raise ValueError(desk_number)
        self.desk_number = desk_number
        self._last = 0

    def not_before(self, identifier: int) -> None:
        """Make every further identifier greater than ``identifier``."""
        self._last = max(self._last, identifier)

    def block(self, count: int, now: datetime) -> range:
        """``count`` identifiers in rising order."""
        milliseconds = int((now - _EPOCH).total_seconds() * 1000)
        by_clock = milliseconds << (SEQUENCE_BITS + DESK_BITS)
        following = ((self._last >> DESK_BITS) + 1) << DESK_BITS
        first = max(by_clock, following) | self.desk_number
        self._last = first + (count - 1) * STEP
        return range(first, first + count * STEP, STEP)

    def next(self, now: datetime) -> int:
        """One identifier."""
        return self.block(1, now)[0]


def desk_of(identifier: int) -> int:
    """The number of the desk that made ``identifier``."""
    return identifier & MAXIMUM_DESK
