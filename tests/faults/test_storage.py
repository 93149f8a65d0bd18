"""A disk that is full or refuses to write, and two officers who write at once."""

from __future__ import annotations

import multiprocessing
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from deskcrm.clock import FrozenClock
from deskcrm.services.audit import verify_ledger
from deskcrm.services.desk import Desk
from deskcrm.services.interactions import NewInteraction, log_interaction
from deskcrm.vault.errors import DiskFullError, StorageFailedError
from tests.conftest import NOW
from tests.desks import TestBranch, add_customer, make_branch
from tests.faults import clerk
from tests.whole_calls import whole_calls

LONG_NOTES = "很长的记录。" * 2_000
ROOM_PAGES, ROOM_BYTES = 40, 200_000
CADENCE_DAYS = 60


@contextmanager
def small_database(branch: TestBranch) -> Iterator[None]:
    """Let SQLite find room for a few more pages, as on a full disk."""

    def limit(connection: Any, _record: Any) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + ROOM_PAGES}")

    event.listen(branch.vault.engine, "connect", limit)
    branch.vault.engine.dispose()
    yield
    event.remove(branch.vault.engine, "connect", limit)
    branch.vault.engine.dispose()


@contextmanager
def small_files(branch: TestBranch) -> Iterator[None]:
    """Let the system refuse to let a file of the vault grow, in the middle of a write."""
    database = branch.vault.home / "vault.db"
    branch.vault.engine.dispose()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (database.stat().st_size + ROOM_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(
    ("short_of_room", "error"), [(small_database, DiskFullError), (small_files, StorageFailedError)]
)
def test_without_room_nothing_is_half_written_and_a_sentence_says_so(
    branch: TestBranch,
    desk: Desk,
    short_of_room: Callable[[TestBranch], Any],
    error: type[Exception],
) -> None:
    customer_id = add_customer(desk)
    saved = 0
    with short_of_room(branch), pytest.raises(error, match=r"saved .*before is kept"):
        for saved in range(1_000):
            _log(desk, customer_id, f"{saved} {LONG_NOTES}")
    assert saved > 0
    assert _count(desk) == saved
    assert verify_ledger(desk).ok
    _log(desk, customer_id, "There is room again.")
    assert _count(desk) == saved + 1
    assert verify_ledger(desk).ok


def _log(desk: Desk, customer_id: int, notes: str) -> None:
    new = NewInteraction(customer_id, "phone", "done", notes=notes, no_next_reason="已办妥")
    log_interaction(desk, new)


def _count(desk: Desk) -> int:
    with desk.read() as session:
        counted = session.connection().exec_driver_sql("SELECT count(*) FROM interaction")
        return int(counted.scalar_one())


def test_two_programs_write_to_one_vault_at_once(tmp_path: Path) -> None:
    branch = make_branch(tmp_path, FrozenClock(NOW))
    officers = [branch.desk(login) for login in ("manager", "other")]
    for desk in officers:
        late = desk.today() - timedelta(days=CADENCE_DAYS + 30)
        for _number in range(clerk.CALLS + 1):
            add_customer(desk, cadence_days=CADENCE_DAYS, cadence_anchor_on=late)
    branch.vault.close()
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.faults.warm_clerk"])
    started = []
    for number, desk in enumerate(officers):
        hears, tells = processes.Pipe(duplex=False)
        shift = clerk.Shift(tmp_path, branch.vault.keys, desk.officer, NOW, number)
        writer = processes.Process(target=clerk.work, args=(shift, tells))
        writer.start()
        tells.close()
        started.append((writer, hears))
    acknowledged = []
    for writer, hears in started:
        assert hears.recv() == "ready"
        acknowledged += [hears.recv() for _call in range(clerk.CALLS)]
        writer.kill()
        writer.join()
    found = whole_calls(officers[0])
    branch.vault.close()
    assert found == dict.fromkeys(acknowledged, 1)
    assert found.total() == 2 * clerk.CALLS
