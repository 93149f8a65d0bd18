"""Everything about a customer: what its screen asks for, and from the key to the painted screen."""

from __future__ import annotations

import time

from benchmarks.harness import Bench, Figure, Samples, percentile
from benchmarks.session import DOWN_KEY, ENTER_KEY, ESCAPE_KEY, running_app
from deskcrm.services.customer_360 import customer_360
from deskcrm.services.desk import Desk

GOAL_MS = 100.0
_OPENED = 100
_OPENED_ON_SCREEN = 20
_SILENCE_SECONDS = 0.3
"""When nothing is painted for so long after a key, the screen is complete."""


def measure(bench: Bench) -> list[Figure]:
    """Customers spread over the branch, each opened once, in milliseconds."""
    samples = Samples()
    with bench.desk() as desk:
        first, *others = _spread(desk)
        customer_360(desk, first)
        for customer_id in others:
            with samples.time():
                customer_360(desk, customer_id)
    return [*samples.figures("customer 360, read", p95_goal_ms=GOAL_MS), *_painted(bench)]


def _painted(bench: Bench) -> list[Figure]:
    """Customers of the queue, one after another, from Enter until the screen stands as it stays."""
    milliseconds = []
    with running_app(bench) as terminal:
        for _customer in range(_OPENED_ON_SCREEN):
            started = time.perf_counter()
            terminal.press(ENTER_KEY)
            milliseconds.append(1000 * (terminal.stands(_SILENCE_SECONDS) - started))
            for key in (ESCAPE_KEY, DOWN_KEY):
                terminal.press(key)
                terminal.settled(_SILENCE_SECONDS)
    note = f"{len(milliseconds)} customers, the first of the program {milliseconds[0]:.0f} ms"
    name = "customer 360, key to painted"
    return [
        Figure(f"{name}, p50", percentile(milliseconds, 50), "ms", note=note),
        Figure(f"{name}, p95", percentile(milliseconds, 95), "ms", GOAL_MS),
    ]


def _spread(desk: Desk) -> list[int]:
    with desk.read() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT id FROM customer WHERE owner_id = ? ORDER BY id", (desk.officer.id,)
        )
        ids = [int(row[0]) for row in rows]
    return ids[:: max(1, len(ids) // _OPENED)]
