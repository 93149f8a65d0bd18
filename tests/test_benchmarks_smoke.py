"""The benchmarks run, on a branch small enough for every test run."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.__main__ import MEASURES, run
from benchmarks.branches import branch_of, open_branch
from benchmarks.harness import Bench, Figure, Size, percentile, save, table

TINY = Size("tiny", 150, 1)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def bench(cache: Path) -> Bench:
    return Bench(TINY, branch_of(TINY, cache), open_branch)


def test_a_branch_is_made_once_and_then_taken_from_the_cache(bench: Bench, cache: Path) -> None:
    before = bench.home.stat().st_mtime_ns
    again = branch_of(TINY, cache)
    assert again == bench.home
    assert again.stat().st_mtime_ns == before


@pytest.mark.parametrize("name", list(MEASURES))
def test_every_measure_gives_figures(bench: Bench, name: str) -> None:
    figures = run(bench, [name])
    assert figures
    assert all(figure.value >= 0 and figure.name for figure in figures)


def test_a_ratio_says_whether_the_goal_was_reached() -> None:
    assert Figure("query", 4.0, "ms", 5.0).met
    assert not Figure("query", 6.0, "ms", 5.0).met
    assert Figure("import", 60_000, "rows/s", 50_000, more_is_better=True).met
    assert Figure("size", 3.0, "MiB").met is None


def test_percentiles_are_samples() -> None:
    assert percentile([3.0, 1.0, 2.0], 50) == 2.0
    assert percentile(list(range(1, 101)), 95) == 95
    assert percentile([7.0], 95) == 7.0


def test_figures_are_kept_as_json_and_as_a_table(tmp_path: Path) -> None:
    figures = [Figure("query, p95", 4.0, "ms", 5.0, note="40 samples")]
    at = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    path = save(TINY, figures, {"cores": 2}, at, tmp_path)
    assert path.name == "2026-11-23-tiny.json"
    content = json.loads(path.read_text("utf-8"))
    assert content["figures"][0]["ratio"] == 0.8
    assert content["machine"] == {"cores": 2}
    assert table(figures)[-1] in path.with_suffix(".md").read_text("utf-8")
