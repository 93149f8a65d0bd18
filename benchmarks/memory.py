"""The memory of the running app after ordinary work."""

from __future__ import annotations

from benchmarks.harness import Bench, Figure
from benchmarks.session import ENTER_KEY, FIND_KEY, running_app

GOAL_MIB = 120.0
_SILENCE_SECONDS = 0.25


def measure(bench: Bench) -> list[Figure]:
    """Resident memory in MiB: with today's queue, and after a search and a customer's screen."""
    with running_app(bench) as terminal:
        today = terminal.resident_mib()
        terminal.press(FIND_KEY)
        terminal.settled(_SILENCE_SECONDS)
        for key in "王wang138":
            terminal.press(key)
            terminal.settled(_SILENCE_SECONDS)
        terminal.press("\x15王")
        terminal.settled(_SILENCE_SECONDS)
        terminal.press(ENTER_KEY)
        terminal.settled(_SILENCE_SECONDS)
        worked = terminal.resident_mib()
    return [
        Figure("resident memory, today's queue", today, "MiB", GOAL_MIB),
        Figure("resident memory, after search and customer", worked, "MiB", GOAL_MIB),
    ]
