from __future__ import annotations

import json
import multiprocessing
from datetime import timedelta
from pathlib import Path

import pytest

from deskcrm.clock import FrozenClock
from deskcrm.vault.errors import LockedOutError
from deskcrm.vault.lockout import Boot, Lockout, SystemBootClock
from tests.conftest import NOW
from tests.vault.boxes import POLICY, ManualBoot


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lockout.json"


def at(path: Path, after: timedelta, boot: Boot | None) -> Lockout:
    """The lockout as a fresh process sees it, at another wall clock and start of the machine."""
    return Lockout(path, POLICY, FrozenClock(NOW + after), ManualBoot(boot))


def locked_out(path: Path, boot: Boot | None) -> None:
    lockout = at(path, timedelta(), boot)
    assert [lockout.begin_try("wang") for _ in range(5)] == [4, 3, 2, 1, 0]
    with pytest.raises(LockedOutError, match="for 30 more minutes, until 09:30"):
        lockout.begin_try("wang")


FIRST = Boot("first", 1000.0)


@pytest.mark.parametrize(
    ("after", "boot", "minutes_left"),
    [
        # the same start of the machine: its own clock counts, whatever the wall clock was set to
        (timedelta(), Boot("first", 1000 + 29 * 60), 1),
        (timedelta(days=1), Boot("first", 1060), 29),
        (timedelta(days=-1), Boot("first", 1060), 29),
        (timedelta(days=-365), Boot("first", 1000 + 30 * 60), 0),
        (timedelta(), Boot("first", 1000 + 30 * 60 - 1), 1),
        # started again: the wall clock counts, and time that went backwards does not
        (timedelta(minutes=29), Boot("second", 5), 1),
        (timedelta(minutes=30), Boot("second", 5), 0),
        (timedelta(hours=-1), Boot("second", 5), 30),
        # a machine without a boot clock
        (timedelta(minutes=10), None, 20),
        (timedelta(minutes=30), None, 0),
        (timedelta(days=-1), None, 30),
    ],
)
def test_a_block_runs_its_time_across_restarts_and_clock_changes(
    path: Path, after: timedelta, boot: Boot | None, minutes_left: int
) -> None:
    locked_out(path, FIRST if boot else None)
    later = at(path, after, boot)
    if minutes_left:
        with pytest.raises(LockedOutError, match=f"for {minutes_left} more minutes"):
            later.check("wang")
    else:
        assert later.begin_try("wang") == 4


def test_setting_the_clock_back_after_a_restart_starts_the_wait_from_there(path: Path) -> None:
    locked_out(path, FIRST)
    with pytest.raises(LockedOutError):
        at(path, timedelta(days=-3), Boot("second", 5)).check("wang")
    later = at(path, timedelta(days=-3, minutes=30), Boot("third", 5))
    later.check("wang")


def test_a_right_password_forgets_the_wrong_ones(path: Path) -> None:
    lockout = at(path, timedelta(), FIRST)
    for _ in range(3):
        for _ in range(4):
            lockout.begin_try("wang")
        lockout.clear("wang")
    assert lockout.begin_try("wang") == 4


def test_officers_are_blocked_one_by_one(path: Path) -> None:
    locked_out(path, FIRST)
    assert at(path, timedelta(), FIRST).begin_try("li") == 4


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"wang": {"failures": -9}}',
        b'{"wang": {"failures": "no"}}',
        b'{"wang": {"left": NaN}}',
        b'{"wang": 1}',
        b"[" * 100_000,
    ],
)
def test_a_damaged_file_blocks_everybody_for_the_full_time(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(LockedOutError, match="for 30 more"):
        at(path, timedelta(), FIRST).begin_try("li")
    with pytest.raises(LockedOutError, match="for 1 more"):
        at(path, timedelta(), Boot("first", 1000 + 29 * 60)).begin_try("li")
    assert at(path, timedelta(), Boot("first", 1000 + 30 * 60)).begin_try("li") == 4


def _try_once(path: str) -> bool:
    try:
        at(Path(path), timedelta(), FIRST).begin_try("wang")
    except LockedOutError:
        return False
    return True


def test_processes_that_guess_at_once_get_five_tries_together(path: Path) -> None:
    with multiprocessing.get_context("fork").Pool(4) as pool:
        allowed = pool.map(_try_once, [str(path)] * 12)
    assert sum(allowed) == 5
    assert json.loads(path.read_bytes())["wang"]["failures"] == 5


def test_the_machines_boot_clock_runs() -> None:
    first, second = SystemBootClock().read(), SystemBootClock().read()
    if first is None or second is None:
        pytest.skip("this system tells no boot clock")
    assert first.id == second.id
    assert 0 < first.seconds <= second.seconds
