"""Garbage is collected when nobody types."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest

from deskcrm.memory import Tidying


@pytest.fixture
def collected() -> Iterator[list[int]]:
    """The generations that were collected, without those that Python collects by itself."""
    seen: list[int] = []

    def note(phase: str, info: dict[str, Any]) -> None:
        if phase == "start":
            seen.append(info["generation"])

    was_on = gc.isenabled()
    gc.disable()
    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)
    if was_on:
        gc.enable()


def test_a_short_pause_is_for_what_is_young_and_a_long_one_for_all(collected: list[int]) -> None:
    tidying = Tidying(100.0)
    for last_key, now in [(100.0, 120.0), (121.0, 121.2), (121.0, 121.6), (121.0, 123.0)]:
        tidying.look(last_key, now)
    assert collected == [1]
    tidying.look(121.0, 126.5)
    tidying.look(121.0, 300.0)
    assert collected == [1, 2]


def test_nothing_is_collected_under_the_keys(collected: list[int]) -> None:
    tidying = Tidying(0.0)
    for tenth in range(1, 200):
        tidying.look(tenth / 10, tenth / 10 + 0.1)
    assert collected == []
