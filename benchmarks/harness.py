"""What every measure uses: figures with goals, samples, facts of the machine, the report."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from deskcrm.services.desk import Desk

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured. Lower is better unless ``more_is_better``; ``goal`` may be missing."""

    name: str
    value: float
    unit: str
    goal: float | None = None
    more_is_better: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The value in relation to the goal; at most 1 is good, at least 1 if more is better."""
        return None if not self.goal else self.value / self.goal

    @property
    def met(self) -> bool | None:
        """Whether the goal was reached; nothing without a goal."""
        if self.ratio is None:
            return None
        return self.ratio >= 1 if self.more_is_better else self.ratio <= 1


@dataclass(frozen=True, slots=True)
class Size:
    """How big the branch is that is measured."""

    name: str
    customers: int
    repeats: int


QUICK = Size("quick", 20_000, 5)
FULL = Size("full", 200_000, 9)


@dataclass(frozen=True, slots=True)
class Bench:
    """What a measure gets: the size, a demo branch of it, and how to open the branch."""

    size: Size
    home: Path
    open_desk: Callable[[Path], Desk]

    @contextmanager
    def desk(self, home: Path | None = None) -> Iterator[Desk]:
        """A desk of the account manager on the branch, or on a copy of it in ``home``."""
        desk = self.open_desk(home or self.home)
        try:
            yield desk
        finally:
            desk.vault.close()


Measure = Callable[[Bench], list[Figure]]


@dataclass(slots=True)
class Samples:
    """Times of the same thing, in seconds: on the wall clock and of this process on the CPU."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @contextmanager
    def time(self) -> Iterator[None]:
        """Time what happens inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.cpu.append(time.process_time() - cpu)
        self.wall.append(time.perf_counter() - wall)

    def figures(self, name: str, *, p95_goal_ms: float | None = None) -> list[Figure]:
        """The middle and the 95th of a hundred on the wall clock, in milliseconds."""
        note = f"{len(self.wall)} samples, CPU {1000 * statistics.median(self.cpu):.2f} ms"
        return [
            Figure(f"{name}, p50", 1000 * statistics.median(self.wall), "ms", note=note),
            Figure(f"{name}, p95", 1000 * percentile(self.wall, 95), "ms", p95_goal_ms),
        ]


def percentile(samples: Sequence[float], percent: int) -> float:
    """The smallest sample that ``percent`` of a hundred samples do not exceed."""
    ordered = sorted(samples)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def machine() -> dict[str, str | int]:
    """What the figures were measured on."""
    import sqlcipher3
    import textual

    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": _cpu_name(),
        "cores": os.cpu_count() or 0,
        "memory_mib": memory >> 20,
        "load_before": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        "sqlite": sqlcipher3.dbapi2.sqlite_version,
        "textual": textual.__version__,
    }


def table(figures: Sequence[Figure]) -> list[str]:
    """The figures as lines of a Markdown table."""
    lines = ["| measure | figure | goal | ratio | met | note |", "|---|---:|---:|---:|---|---|"]
    for one in figures:
        goal = "" if one.goal is None else f"{_number(one.goal)} {one.unit}"
        ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
        met = {None: "", True: "yes", False: "no"}[one.met]
        value = f"{_number(one.value)} {one.unit}"
        lines.append(f"| {one.name} | {value} | {goal} | {ratio} | {met} | {one.note} |")
    return lines


def save(
    size: Size,
    figures: Sequence[Figure],
    facts: dict[str, str | int],
    at: datetime,
    folder: Path = RESULTS,
) -> Path:
    """Write the figures as ``<date>-<size>.json`` and ``.md``; the path of the former."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "measured_at": at.isoformat(timespec="seconds"),
        "size": asdict(size),
        "machine": facts,
        "figures": [asdict(one) | {"ratio": one.ratio, "met": one.met} for one in figures],
    }
    path = folder / f"{at:%Y-%m-%d}-{size.name}.json"
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    about = [f"# {size.customers:,} customers, {at:%Y-%m-%d}", ""]
    about += [f"{name}: {value}  " for name, value in facts.items()]
    path.with_suffix(".md").write_text("\n".join([*about, "", *table(figures), ""]), "utf-8")
    return path


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
