"""How long the demo branch took to make, and how large it is."""

from __future__ import annotations

from benchmarks.branches import seconds_to_make
from benchmarks.harness import Bench, Figure


def measure(bench: Bench) -> list[Figure]:
    """Seconds to make the branch with its index and first scan, and the size of the database."""
    size = sum(path.stat().st_size for path in bench.home.rglob("*") if path.is_file())
    with bench.desk() as desk, desk.read() as session:
        count = session.connection().exec_driver_sql("SELECT count(*) FROM account_transaction")
        note = f"{bench.size.customers:,} customers, {count.scalar_one():,} transactions"
    return [
        Figure("demo branch made", seconds_to_make(bench.home), "s", note=note),
        Figure("demo branch on disk", size / 2**20, "MiB"),
    ]
