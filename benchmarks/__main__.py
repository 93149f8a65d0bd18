"""``python -m benchmarks``: measure, print, and keep the figures in ``benchmarks/results``."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime

from benchmarks import (
    first_frame,
    importing,
    keystrokes,
    making,
    memory,
    opening,
    queueing,
    scanning,
    searching,
)
from benchmarks.branches import branch_of, open_branch
from benchmarks.harness import FULL, QUICK, Bench, Figure, Measure, machine, save, table

MEASURES: dict[str, Measure] = {
    "making": making.measure,
    "search": searching.measure,
    "360": opening.measure,
    "queue": queueing.measure,
    "scan": scanning.measure,
    "import": importing.measure,
    "first-frame": first_frame.measure,
    "keystrokes": keystrokes.measure,
    "memory": memory.measure,
}


def run(bench: Bench, names: list[str]) -> list[Figure]:
    """The figures of the named measures, one measure after another."""
    figures = []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        figures += MEASURES[name](bench)
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--full",
        action="store_true",
        help=f"{FULL.customers:,} customers instead of {QUICK.customers:,}",
    )
    parser.add_argument("--only", action="append", choices=list(MEASURES), metavar="NAME")
    asked = parser.parse_args()
    size = FULL if asked.full else QUICK
    facts = machine()
    print(f"branch of {size.customers:,} customers …", file=sys.stderr, flush=True)
    bench = Bench(size, branch_of(size), open_branch)
    figures = run(bench, asked.only or list(MEASURES))
    print("\n".join(table(figures)))
    path = save(size, figures, facts, datetime.now().astimezone())
    print(f"\n{path}", file=sys.stderr)


if __name__ == "__main__":
    main()
