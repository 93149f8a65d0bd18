"""The scan thread scans, tells what has come up once, and survives what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from queue import Queue

import pytest

from deskcrm.clock import FrozenClock
from deskcrm.jobs.scan_thread import Due, Message, Order, ScanFailed, Scanned, ScanThread
from deskcrm.services import followups
from deskcrm.services.desk import Desk
from deskcrm.services.followups import NewFollowup
from deskcrm.services.telling import SchedulerStatus, scheduler_status, tell_due
from tests.desks import TestBranch, add_customer
from tests.services.test_scans import days_ago, quiet_customer

SECONDS = 20


class Watched:
    """A running scan thread and what it posts."""

    def __init__(self, desk: Desk) -> None:
        self.messages: Queue[Message] = Queue()
        self.jumps = 0
        self.thread = ScanThread(
            desk.vault,
            desk.clock,
            desk.officer.id,
            self.messages.put,
            looked=lambda _status: None,
            jumped=self._jumped,
            beat_seconds=SECONDS,
        )
        self.thread.start()

    def _jumped(self) -> None:
        self.jumps += 1

    def after(self, order: Order) -> list[Message]:
        """What is posted until the next status, which comes last when there is a new one."""
        self.thread.order(order)
        found: list[Message] = []
        while not found or not isinstance(found[-1], SchedulerStatus | ScanFailed):
            found.append(self.messages.get(timeout=SECONDS))
        return found


@pytest.fixture
def watched(desk: Desk) -> Iterator[Watched]:
    made = Watched(desk)
    yield made
    assert made.thread.stop(SECONDS)


def promise(desk: Desk, *, minutes: int) -> int:
    """A follow-up promised for so many minutes from now."""
    at = desk.now() + timedelta(minutes=minutes)
    new = NewFollowup(add_customer(desk), due_at=at)
    return followups.add(desk, new).followups[0].id


def test_a_scan_is_reported_with_the_new_status(desk: Desk, watched: Watched) -> None:
    quiet_customer(desk, cadence_anchor_on=days_ago(100))
    scanned, status = watched.after(Order.SCAN)
    assert isinstance(scanned, Scanned)
    assert (scanned.report.raised, scanned.report.complete) == (1, True)
    assert status == SchedulerStatus(desk.now(), None, 1)


def test_a_promise_is_told_once_at_its_minute(
    desk: Desk, clock: FrozenClock, watched: Watched
) -> None:
    promise(desk, minutes=30)
    promise(desk, minutes=30)
    later = desk.now() + timedelta(minutes=90)
    promise(desk, minutes=90)
    watched.after(Order.SCAN)
    clock.advance(timedelta(minutes=30))
    assert watched.after(Order.LOOK) == [
        Due(2),
        replace(scheduler_status(desk.vault, clock, desk.officer.id), next_callback_at=later),
    ]
    assert tell_due(desk.vault, clock, desk.officer.id) == 0
    clock.advance(timedelta(minutes=60))
    assert watched.after(Order.LOOK)[0] == Due(1)


def test_a_jump_of_the_clock_is_followed_by_a_scan(
    desk: Desk, clock: FrozenClock, watched: Watched
) -> None:
    watched.after(Order.SCAN)
    clock.instant += timedelta(hours=8)
    assert isinstance(watched.after(Order.LOOK)[0], Scanned)
    assert watched.jumps == 1


def test_the_thread_outlives_a_scan_that_fails(desk: Desk, watched: Watched) -> None:
    with desk.vault.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE scan_state RENAME TO gone")
    assert watched.after(Order.SCAN) == [ScanFailed("OperationalError")]
    with desk.vault.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO scan_state")
    assert isinstance(watched.after(Order.SCAN)[0], Scanned)


def test_a_snooze_is_told_again_and_a_deferred_or_closed_one_is_not(
    desk: Desk, clock: FrozenClock
) -> None:
    snoozed, deferred, closed = (promise(desk, minutes=5) for _ in range(3))
    clock.advance(timedelta(minutes=5))
    assert tell_due(desk.vault, clock, desk.officer.id) == 3
    followups.snooze(desk, [snoozed], desk.now() + timedelta(hours=1))
    followups.snooze(desk, [deferred], desk.now() + timedelta(hours=1))
    followups.defer(desk, [deferred], desk.today() + timedelta(days=1))
    followups.done(desk, [closed])
    status = scheduler_status(desk.vault, clock, desk.officer.id)
    assert status.next_callback_at == desk.now() + timedelta(hours=1)
    clock.advance(timedelta(hours=1))
    assert tell_due(desk.vault, clock, desk.officer.id) == 1
    clock.advance(timedelta(days=1))
    assert tell_due(desk.vault, clock, desk.officer.id) == 1


def test_each_officer_is_told_only_of_their_own(branch: TestBranch, clock: FrozenClock) -> None:
    manager, other = branch.desk("manager"), branch.desk("other")
    followup = promise(manager, minutes=5)
    clock.advance(timedelta(minutes=5))
    assert tell_due(other.vault, clock, other.officer.id) == 0
    assert tell_due(manager.vault, clock, manager.officer.id) == 1
    followups.transfer(manager, [followup], "other")
    assert tell_due(other.vault, clock, other.officer.id) == 1
