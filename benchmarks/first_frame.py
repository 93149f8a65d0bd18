"""The first frame: its CPU beside that of a bare Textual app, and what was imported before it."""

from __future__ import annotations

import contextlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness import Bench, Figure
from tools.terminal import Terminal, TerminalTimeoutError

GOAL_RATIO = 1.3
HEAVY = frozenset(
    {"sqlmodel", "sqlalchemy", "sqlcipher3", "pydantic", "apscheduler", "keyring", "cryptography"}
    | {"pypinyin", "rapidfuzz", "python_calamine", "typer"}
)


def measure(bench: Bench) -> list[Figure]:
    """CPU to the first frame in turn with the bare app, so that both meet the same machine."""
    bare = [sys.executable, "-m", "benchmarks.bare_app"]
    ours = [sys.executable, "-m", "deskcrm", "--home", str(bench.home)]
    for command in (bare, ours):
        _first_frame(command)  # compiles what is not compiled yet
    runs = [(_first_frame(bare), _first_frame(ours)) for _ in range(max(3, bench.size.repeats))]
    bare_cpu = statistics.median(cpu for (cpu, _), _ in runs)
    ours_cpu = statistics.median(cpu for _, (cpu, _) in runs)
    ours_wall = statistics.median(wall for _, (_, wall) in runs)
    heavy = sorted(HEAVY & modules_before_first_frame(bench.home))
    return [
        Figure("first frame, bare Textual app", bare_cpu, "s CPU", note=f"{len(runs)} runs"),
        Figure("first frame", ours_cpu, "s CPU", GOAL_RATIO * bare_cpu, note="goal: 1.3 × bare"),
        Figure("first frame against bare", ours_cpu / bare_cpu, "×", GOAL_RATIO),
        Figure("first frame, elapsed", ours_wall, "s"),
        Figure("heavy modules before it", len(heavy), "", note=", ".join(heavy) or "none"),
    ]


def modules_before_first_frame(home: Path) -> set[str]:
    """Top-level names of the modules imported when the first frame is painted."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "modules.json"
        command = [sys.executable, "-m", "benchmarks.modules_probe", str(report), str(home)]
        with Terminal(command) as terminal, contextlib.suppress(TerminalTimeoutError):
            terminal.until(lambda _text: report.is_file())
        names: list[str] = json.loads(report.read_text(encoding="utf-8"))
    return {name.partition(".")[0] for name in names}


def _first_frame(command: Sequence[str]) -> tuple[float, float]:
    """CPU and elapsed seconds from the start of the program to its first frame."""
    started = time.perf_counter()
    with Terminal(command) as terminal:
        painted = terminal.until(lambda text: not text.isspace())
        return terminal.cpu_seconds(), painted - started
