"""The one clock. Nothing else in the project asks the machine what time it is."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

DEFAULT_ZONE = "Asia/Shanghai"


class Clock(Protocol):
    """What a desk needs of time. Instants are aware and in UTC; duty dates are local dates."""

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the branch."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""

    def today(self) -> date:
        """Today at the branch."""

    def monotonic(self) -> float:
        """Seconds that never go back; for measuring spans."""


def local(instant: datetime, clock: Clock) -> datetime:
    """An instant as the branch's wall clock shows it."""
    return instant.astimezone(clock.zone)


def boot_time() -> float:
    """Seconds that never go back and count while the machine sleeps, where the platform can."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock, optionally shifted to start at another day (demo vaults only)."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(DEFAULT_ZONE))
    shift: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def today(self) -> date:
        return self.now().astimezone(self.zone).date()

    def monotonic(self) -> float:
        return time.monotonic()

    def on_day(self, day: date) -> SystemClock:
        """The same clock, with its local date moved to ``day``."""
        return SystemClock(self.zone, self.shift + timedelta(days=(day - self.today()).days))


@dataclass(slots=True)
class FrozenClock:
    """A clock that stands still until it is told to move; for tests and replays."""

    instant: datetime
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(DEFAULT_ZONE))
    ticks: float = 0.0

    def now(self) -> datetime:
        return self.instant

    def today(self) -> date:
        return self.instant.astimezone(self.zone).date()

    def monotonic(self) -> float:
        return self.ticks

    def advance(self, span: timedelta) -> None:
        """Move the wall clock and the monotonic clock together."""
        self.instant += span
        self.ticks += span.total_seconds()
