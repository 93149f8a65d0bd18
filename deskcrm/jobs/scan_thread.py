"""The one thread that scans and tells, with its own connection to the vault.

It is asked through a queue and answers by posting messages; nobody ever waits for it, and it waits
for nobody, so that the screen never stands still and the program can always end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from queue import Empty, Queue

from deskcrm.clock import Clock
from deskcrm.errors import DeskError
from deskcrm.jobs.heartbeat import Heartbeat
from deskcrm.services.scans import ScanReport, scan_vault
from deskcrm.services.telling import SchedulerStatus, scheduler_status, tell_due
from deskcrm.vault.session import OpenVault

BEAT_SECONDS = 25.0


@dataclass(frozen=True, slots=True)
class Scanned:
    """A scan ended."""

    report: ScanReport


@dataclass(frozen=True, slots=True)
class Due:
    """So many promised or snoozed follow-ups have just come up; counts only, never names."""

    count: int


@dataclass(frozen=True, slots=True)
class ScanFailed:
    """A scan did not work; it is tried again with the next one. ``code`` is the error's code."""

    code: str


Message = Scanned | Due | ScanFailed | SchedulerStatus
Post = Callable[[Message], None]


class Order(Enum):
    """What the thread can be asked to do."""

    SCAN = "scan"
    LOOK = "look"
    STOP = "stop"


class ScanThread:
    """Scans when told, and tells what has come up.

    ``looked`` is called in the thread with the status after each look at what comes up next, and
    ``jumped`` when the wall clock jumped.
    """

    def __init__(
        self,
        vault: OpenVault,
        clock: Clock,
        officer_id: int,
        post: Post,
        *,
        looked: Callable[[SchedulerStatus], None],
        jumped: Callable[[], None],
        beat_seconds: float = BEAT_SECONDS,
    ) -> None:
        self._vault = vault
        self._clock = clock
        self._officer_id = officer_id
        self._post = post
        self._looked = looked
        self._jumped = jumped
        self._beat_seconds = beat_seconds
        self._heartbeat = Heartbeat(clock)
        self._orders: Queue[Order] = Queue()
        self._stopping = threading.Event()
        self._status: SchedulerStatus | None = None
        self._thread = threading.Thread(target=self._run, name="deskcrm-scan", daemon=True)

    def start(self) -> None:
        """Begin to take orders."""
        self._thread.start()

    def order(self, order: Order) -> None:
        """Ask for something; returns at once, from any thread."""
        self._orders.put(order)

    def is_current(self) -> bool:
        """Whether the caller runs in this thread."""
        return threading.current_thread() is self._thread

    def stop(self, timeout: float) -> bool:
        """End after the transaction that is under way; whether it ended within ``timeout`` s."""
        self._stopping.set()
        self._orders.put(Order.STOP)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stopping.is_set():
            orders = self._next_orders()
            if self._stopping.is_set():
                return
            try:
                if self._heartbeat.beat() is not None:
                    self._jumped()
                    orders.add(Order.SCAN)
                self._carry_out(orders)
            except DeskError as error:
                self._post(ScanFailed(error.code))
            except Exception as error:  # the thread must outlive whatever a scan meets
                self._post(ScanFailed(type(error).__name__))

    def _next_orders(self) -> set[Order]:
        """What was asked for since; an empty set when the heart beats meanwhile."""
        orders = set()
        try:
            orders.add(self._orders.get(timeout=self._beat_seconds))
            while True:
                orders.add(self._orders.get_nowait())
        except Empty:
            return orders

    def _carry_out(self, orders: set[Order]) -> None:
        if Order.SCAN in orders:
            report = scan_vault(self._vault, self._clock, stop=self._stopping.is_set)
            self._post(Scanned(report))
        told = tell_due(self._vault, self._clock, self._officer_id)
        if told:
            self._post(Due(told))
        status = scheduler_status(self._vault, self._clock, self._officer_id)
        self._looked(status)
        if status != self._status:
            self._status = status
            self._post(status)
