"""Today's queue."""

from __future__ import annotations

from benchmarks.harness import Bench, Figure, Samples
from deskcrm.services.queue import queue

GOAL_MS = 100.0
_TIMES = 20


def measure(bench: Bench) -> list[Figure]:
    """The ranked queue as the screen asks for it, in milliseconds."""
    samples = Samples()
    with bench.desk() as desk:
        total = queue(desk).total
        for _ in range(_TIMES):
            with samples.time():
                queue(desk)
    figures = samples.figures("queue of the account manager", p95_goal_ms=GOAL_MS)
    return [*figures, Figure("queue, items due", total, "")]
