"""When to scan: APScheduler with a handful of jobs in memory.

Duties are not scheduled, they are derived; these jobs only say when to look. A scan runs at the
start, every hour (the one at midnight begins the day), and after the wall clock has jumped; one
more job wakes for the next promised or snoozed minute. The jobs only give orders to the scan
thread.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from deskcrm.clock import Clock
from deskcrm.jobs.scan_thread import BEAT_SECONDS, Order, Post, ScanThread
from deskcrm.services.telling import SchedulerStatus
from deskcrm.vault.session import OpenVault

HOURLY, WAKE = "hourly", "wake"
STOP_SECONDS = 5.0


class AtInstant(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """Fires once, when the desk's clock (which a demo may have shifted) shows an instant."""

    def __init__(self, clock: Clock, instant: datetime) -> None:
        self._clock = clock
        self.instant = instant

    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """The machine's time of that instant; at once when it has passed."""
        if previous_fire_time is not None:
            return None
        return now + max(self.instant - self._clock.now(), timedelta())


class Scheduler:
    """The background work of an unlocked desk.

    ``post`` gets ``Scanned``, ``Due``, ``ScanFailed`` and ``SchedulerStatus`` messages from the
    scan thread; it must return at once (Textual's ``post_message`` does).
    """

    def __init__(
        self,
        vault: OpenVault,
        clock: Clock,
        officer_id: int,
        post: Post,
        *,
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        self._vault = vault
        self._clock = clock
        self._arming = threading.Lock()
        self._armed_for: datetime | None = None
        self._jobs = BackgroundScheduler(
            timezone=clock.zone,
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
            logger=_silent(),
        )
        self._thread = ScanThread(
            vault,
            clock,
            officer_id,
            post,
            looked=self._arm,
            jumped=self._arm_anew,
            beat_seconds=beat_seconds,
        )

    def start(self) -> None:
        """Begin, with a scan at once."""
        self._jobs.start()
        self._add_hourly()
        self._thread.start()
        self._vault.committed.append(self._committed)
        self.scan_now()

    def stop(self) -> None:
        """End, after the transaction that is under way."""
        if self._committed in self._vault.committed:
            self._vault.committed.remove(self._committed)
        if self._jobs.running:
            self._jobs.shutdown(wait=False)
        self._thread.stop(STOP_SECONDS)

    def scan_now(self) -> None:
        """Ask for a scan; returns at once."""
        self._thread.order(Order.SCAN)

    def poke(self) -> None:
        """Something was written: look again at what comes up next. Returns at once."""
        self._thread.order(Order.LOOK)

    @property
    def armed_for(self) -> datetime | None:
        """The instant for which it will wake, beside the hours."""
        return self._armed_for

    def _committed(self) -> None:
        if not self._thread.is_current():
            self.poke()

    def _add_hourly(self) -> None:
        every_hour = CronTrigger(minute=0, second=5, timezone=self._clock.zone)
        self._jobs.add_job(self.scan_now, every_hour, id=HOURLY, replace_existing=True)

    def _arm(self, status: SchedulerStatus) -> None:
        """Wake for the next promised minute, if that is another than before."""
        instant = status.next_callback_at
        with self._arming:
            waking = self._jobs.get_job(WAKE) if self._jobs.running else None
            if instant == self._armed_for and (waking or instant is None):
                return
            if not self._jobs.running:
                return
            self._armed_for = instant
            if instant is not None:
                trigger = AtInstant(self._clock, instant)
                self._jobs.add_job(self.poke, trigger, id=WAKE, replace_existing=True)
            elif waking:
                self._jobs.remove_job(WAKE)

    def _arm_anew(self) -> None:
        """Set every job again by the clock as it shows now."""
        with self._arming:
            self._armed_for = None
            if self._jobs.running:
                self._add_hourly()
                self._jobs.wakeup()


def _silent() -> logging.Logger:
    """The library's own log would write over the screen."""
    logger = logging.getLogger("deskcrm.jobs")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    return logger
