"""The first frame: its CPU beside that of a bare Textual app, and what was imported before it.

Both programs are compiled to bytecode before they are measured, as an installed program is: an
environment may forbid Python to write bytecode when it imports.
"""

from __future__ import annotations

import compileall
import contextlib
import json
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import Bench, Figure
from tools.terminal import Terminal, TerminalTimeoutError

GOAL_RATIO = 1.3
HEAVY = frozenset(
    {"sqlmodel", "sqlalchemy", "sqlcipher3", "pydantic", "apscheduler", "keyring", "cryptography"}
    | {"pypinyin", "rapidfuzz", "python_calamine", "typer"}
)

_BARE = "bare"
_FEWEST_RUNS = 7
_PROJECT = Path(__file__).parent.parent
_UNLOCK = "Who is at the desk?"


@dataclass(frozen=True, slots=True)
class FirstFrame:
    """CPU seconds to the first frame, and the modules that were imported by then."""

    cpu: float
    modules: tuple[str, ...]


def measure(bench: Bench) -> list[Figure]:
    """CPU to the first frame in turn with the bare app, so that both meet the same machine."""
    for folder in ("deskcrm", "benchmarks", "tools"):
        compileall.compile_dir(_PROJECT / folder, quiet=1)
    home = str(bench.home)
    runs = [
        (first_frame(_BARE), first_frame(home))
        for _ in range(max(_FEWEST_RUNS, bench.size.repeats))
    ]
    bare = statistics.median(one.cpu for one, _ in runs)
    ours = statistics.median(one.cpu for _, one in runs)
    ratio = statistics.median(one.cpu / other.cpu for other, one in runs)
    heavy = sorted(HEAVY & {name.partition(".")[0] for name in runs[0][1].modules})
    cpu, elapsed = _unlock_form(home)
    return [
        Figure("first frame, bare Textual app", bare, "s CPU", note=f"{len(runs)} runs, compiled"),
        Figure("first frame", ours, "s CPU"),
        Figure("first frame against bare", ratio, "×", GOAL_RATIO, note="median of the pairs"),
        Figure("heavy modules before it", len(heavy), "", note=", ".join(heavy) or "none"),
        Figure("unlock form ready", cpu, "s CPU", note=f"{elapsed:.2f} s elapsed"),
    ]


def first_frame(program: str) -> FirstFrame:
    """What the first frame of ``bare`` or of the app on a vault folder took."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        command = [sys.executable, "-m", "benchmarks.first_frame_probe", str(report), program]
        with Terminal(command) as terminal, contextlib.suppress(TerminalTimeoutError):
            terminal.until(lambda _text: report.is_file())
        content = json.loads(report.read_text(encoding="utf-8"))
    return FirstFrame(content["cpu"], tuple(content["modules"]))


def _unlock_form(home: str) -> tuple[float, float]:
    """CPU and elapsed seconds from the start to the form that asks who is there."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "deskcrm", "--home", home, "--lang", "en"]
    with Terminal(command) as terminal:
        painted = terminal.until(lambda text: _UNLOCK in text)
        return terminal.cpu_seconds(), painted - started
