"""The demo branches that are measured, kept between runs in ``benchmarks/cache``."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from benchmarks.harness import Size
from deskcrm.clock import Clock, SystemClock
from deskcrm.services.demo.fill import SEED
from deskcrm.services.demo_branch import open_demo, prepare_demo
from deskcrm.services.desk import Desk

CACHE = Path(__file__).parent / "cache"
DAY = date(2026, 11, 23)
"""The day on which the branch is measured: a Monday."""

_MADE = "made.json"
_PROJECT = Path(__file__).parent.parent
_MADE_FROM = (
    "deskcrm/services/demo/*.py",
    "deskcrm/services/search_index.py",
    "deskcrm/services/statements/*.sql",
    "deskcrm/vault/migrations/*.sql",
    "data/*.toml",
    "data/demo/*",
)


def branch_of(size: Size, cache: Path = CACHE) -> Path:
    """The home of a demo branch: from the cache while it still is what would be made."""
    folder = cache / f"{size.customers}-{_fingerprint()}"
    made = folder / _MADE
    if not made.is_file():
        for old in cache.glob(f"{size.customers}-*"):
            shutil.rmtree(old)
        started = time.perf_counter()
        prepare_demo(folder / "home", customers=size.customers, seed=SEED, today=DAY)
        made.write_text(json.dumps({"seconds": time.perf_counter() - started}), "utf-8")
    return folder / "home"


def seconds_to_make(home: Path) -> float:
    """How long a branch of the cache took to make, as it was noted then."""
    noted = json.loads((home.parent / _MADE).read_text("utf-8"))
    return float(noted["seconds"])


def clock_on(day: date) -> Clock:
    """The machine's clock with its date moved."""
    return SystemClock().on_day(day)


def open_branch(home: Path, day: date = DAY) -> Desk:
    """The desk of the account manager of a branch."""
    return open_demo(home, clock=clock_on(day))


@contextmanager
def copy_of(home: Path) -> Iterator[Path]:
    """A copy of a branch that may be changed."""
    with tempfile.TemporaryDirectory(dir=home.parent) as folder:
        copied = Path(folder) / "home"
        shutil.copytree(home, copied)
        yield copied


def _fingerprint() -> str:
    content = hashlib.sha256()
    for pattern in _MADE_FROM:
        for path in sorted(_PROJECT.glob(pattern)):
            content.update(path.read_bytes())
    return content.hexdigest()[:12]
