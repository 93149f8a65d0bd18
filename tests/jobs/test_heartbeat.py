"""The heartbeat tells a jump of the wall clock from time that passed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from deskcrm.clock import FrozenClock
from deskcrm.jobs.heartbeat import Heartbeat


@pytest.mark.parametrize("jump", [timedelta(hours=8), timedelta(hours=-8), timedelta(seconds=6)])
def test_a_jump_is_noticed_once_either_way(clock: FrozenClock, jump: timedelta) -> None:
    heart = Heartbeat(clock)
    clock.advance(timedelta(seconds=25))
    assert heart.beat() is None
    clock.instant += jump
    clock.advance(timedelta(seconds=25))
    assert heart.beat() == jump
    clock.advance(timedelta(seconds=25))
    assert heart.beat() is None


def test_time_that_passes_on_both_clocks_and_a_little_drift_are_no_jump(
    clock: FrozenClock,
) -> None:
    heart = Heartbeat(clock)
    clock.advance(timedelta(days=90))
    assert heart.beat() is None
    clock.instant += timedelta(seconds=4)
    assert heart.beat() is None
