"""The daily scan: what all rules cost on the next morning, and once more right after."""

from __future__ import annotations

from datetime import timedelta

from benchmarks.branches import DAY, copy_of, open_branch
from benchmarks.harness import Bench, Figure, Samples
from deskcrm.services.scans import ScanReport, run_scans

GOAL_CPU_SECONDS = 0.5


def measure(bench: Bench) -> list[Figure]:
    """CPU seconds of the scans, and wall milliseconds of each rule."""
    samples, reports = Samples(), []
    with copy_of(bench.home) as home:
        desk = open_branch(home, DAY + timedelta(days=1))
        try:
            for _ in range(2):
                with samples.time():
                    reports.append(run_scans(desk))
        finally:
            desk.vault.close()
    first, again = reports
    return [
        Figure("daily scan, first", samples.cpu[0], "s CPU", GOAL_CPU_SECONDS, note=_note(first)),
        Figure("daily scan, repeated", samples.cpu[1], "s CPU", note=_note(again)),
    ]


def _note(report: ScanReport) -> str:
    return ", ".join(f"{r.code} {r.raised} in {r.milliseconds} ms" for r in report.rules)
