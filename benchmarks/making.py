"""How long the demo branch took to make, and how large it is."""

from __future__ import annotations

from benchmarks.branches import branch_of
from benchmarks.harness import Bench, Figure


def measure(bench: Bench) -> list[Figure]:
    """Seconds to make the branch with its index and first scan, and the size of the database."""
    made = branch_of(bench.size, bench.home.parent.parent)
    size = sum(path.stat().st_size for path in made.home.rglob("*") if path.is_file())
    with bench.desk() as desk, desk.read() as session:
        count = session.connection().exec_driver_sql("SELECT count(*) FROM account_transaction")
        note = f"{bench.size.customers:,} customers, {count.scalar_one():,} transactions"
    return [
        Figure("demo branch made", made.seconds, "s", note=note),
        Figure("demo branch on disk", size / 2**20, "MiB"),
    ]
