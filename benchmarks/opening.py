"""Everything about a customer: what its screen asks for when it opens."""

from __future__ import annotations

from benchmarks.harness import Bench, Figure, Samples
from deskcrm.services.customer_360 import customer_360
from deskcrm.services.desk import Desk

GOAL_MS = 100.0
_OPENED = 100


def measure(bench: Bench) -> list[Figure]:
    """Customers spread over the branch, each opened once, in milliseconds."""
    samples = Samples()
    with bench.desk() as desk:
        first, *others = _spread(desk)
        customer_360(desk, first)
        for customer_id in others:
            with samples.time():
                customer_360(desk, customer_id)
    return samples.figures("customer 360, read", p95_goal_ms=GOAL_MS)


def _spread(desk: Desk) -> list[int]:
    with desk.read() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT id FROM customer WHERE owner_id = ? ORDER BY id", (desk.officer.id,)
        )
        ids = [int(row[0]) for row in rows]
    return ids[:: max(1, len(ids) // _OPENED)]
