"""The scheduler scans at the start, wakes for a promise, and ends when told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue
from typing import TypeVar

import pytest

from deskcrm.clock import FrozenClock, SystemClock
from deskcrm.jobs.scan_thread import Due, Message, Scanned
from deskcrm.jobs.scheduler import AtInstant, Scheduler
from deskcrm.services import followups
from deskcrm.services.desk import Desk
from deskcrm.services.followups import NewFollowup
from deskcrm.services.telling import SchedulerStatus
from tests.desks import TestBranch, add_customer, make_branch

SECONDS = 20
Kind = TypeVar("Kind", bound=Message)


@pytest.fixture(params=[0, 400], ids=["today", "a demo on another day"])
def running(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Desk, Scheduler, Queue[Message]]]:
    """A branch with the machine's own clock, and its scheduler running."""
    branch: TestBranch = make_branch(tmp_path, SystemClock(shift=timedelta(days=request.param)))
    desk, messages = branch.desk("manager"), Queue[Message]()
    scheduler = Scheduler(
        desk.vault, desk.clock, desk.officer.id, messages.put, beat_seconds=SECONDS
    )
    scheduler.start()
    yield desk, scheduler, messages
    scheduler.stop()
    branch.vault.engine.dispose()


def wait_for(messages: Queue[Message], kind: type[Kind], good: Callable[[Kind], bool]) -> Kind:
    """The first message of a kind that is good; fails when it does not come."""
    while True:
        message = messages.get(timeout=SECONDS)
        if isinstance(message, kind) and good(message):
            return message


def test_it_scans_at_the_start_and_wakes_at_the_minute_of_a_new_promise(
    running: tuple[Desk, Scheduler, Queue[Message]],
) -> None:
    desk, scheduler, messages = running
    assert wait_for(messages, Scanned, lambda _: True).report.complete
    customer = add_customer(desk)
    at = desk.now() + timedelta(seconds=1)
    followups.add(desk, NewFollowup(customer, due_at=at))
    armed = wait_for(messages, SchedulerStatus, lambda status: status.next_callback_at is not None)
    assert armed.next_callback_at == at.replace(microsecond=at.microsecond // 1000 * 1000)
    assert scheduler.armed_for == armed.next_callback_at
    assert wait_for(messages, Due, lambda _: True) == Due(1)
    assert desk.now() >= armed.next_callback_at
    wait_for(messages, SchedulerStatus, lambda status: status.next_callback_at is None)
    assert messages.empty()


def test_it_ends_with_all_its_threads_and_posts_nothing_more(
    running: tuple[Desk, Scheduler, Queue[Message]],
) -> None:
    desk, scheduler, messages = running
    wait_for(messages, SchedulerStatus, lambda _: True)
    scheduler.stop()
    scheduler.stop()
    left = [thread.name for thread in threading.enumerate()]
    assert "deskcrm-scan" not in left
    assert "APScheduler" not in left
    add_customer(desk)
    assert messages.empty()


def test_it_is_woken_by_the_desks_clock_and_only_once(clock: FrozenClock) -> None:
    machine = datetime(2031, 5, 6, 7, 8, tzinfo=UTC)
    trigger = AtInstant(clock, clock.now() + timedelta(minutes=7))
    assert trigger.get_next_fire_time(None, machine) == machine + timedelta(minutes=7)
    clock.advance(timedelta(hours=1))
    assert trigger.get_next_fire_time(None, machine) == machine
    assert trigger.get_next_fire_time(machine, machine) is None
