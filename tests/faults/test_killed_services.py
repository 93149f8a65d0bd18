"""``kill -9`` below the screens, where it can be done a thousand times."""

from __future__ import annotations

import multiprocessing
import random
import time
from datetime import timedelta
from pathlib import Path

import pytest

from deskcrm.clock import FrozenClock
from tests.conftest import NOW
from tests.desks import add_customer, make_branch
from tests.faults import clerk
from tests.whole_calls import whole_calls

QUICK, FULL = 60, 1000
LONGEST_LIFE_SECONDS = 0.25
CADENCE_DAYS = 60


def test_no_acknowledged_call_is_lost_when_a_writer_is_killed(
    tmp_path: Path, full_size: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    kills = FULL if full_size else QUICK
    branch = make_branch(tmp_path, FrozenClock(NOW))
    desk = branch.desk("manager")
    late = desk.today() - timedelta(days=CADENCE_DAYS + 30)
    for number in range(kills * clerk.CALLS + 1):
        add_customer(desk, f"客户{number}", cadence_days=CADENCE_DAYS, cadence_anchor_on=late)
    branch.vault.close()

    chance = random.Random(20261123)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.faults.warm_clerk"])
    acknowledged: list[str] = []
    for life in range(kills):
        hears, tells = processes.Pipe(duplex=False)
        shift = clerk.Shift(tmp_path, branch.vault.keys, desk.officer, NOW, life)
        writer = processes.Process(target=clerk.work, args=(shift, tells))
        writer.start()
        tells.close()
        assert hears.recv() == "ready"
        _listen(hears, acknowledged, chance.uniform(0, LONGEST_LIFE_SECONDS))
        writer.kill()
        writer.join()
        _listen(hears, acknowledged, None)

    vault = clerk.open_vault(tmp_path, branch.vault.keys)
    try:
        found = whole_calls(type(desk)(desk.officer, vault, desk.clock))
    finally:
        vault.close()
    lost = [notes for notes in acknowledged if found[notes] != 1]
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{kills} kills of a writer, {len(acknowledged)} calls acknowledged, "
            f"{found.total()} in the database, {len(lost)} lost, 0 half done"
        )
    assert lost == []
    assert set(found.values()) == {1}
    assert len(acknowledged) > kills // 2


def _listen(hears: object, acknowledged: list[str], seconds: float | None) -> None:
    """Take in what the writer says: for so long, or all that it had said before it was killed."""
    end = None if seconds is None else time.monotonic() + seconds
    try:
        while end is None or hears.poll(max(0.0, end - time.monotonic())):  # type: ignore[attr-defined]
            acknowledged.append(hears.recv())  # type: ignore[attr-defined]
    except EOFError:
        return
