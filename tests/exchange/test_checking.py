"""A large file is checked in another process, with the same result as in this one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deskcrm.exchange import checking as module
from deskcrm.exchange.checking import checking
from deskcrm.exchange.columns import Batch, RowChecker
from deskcrm.exchange.mapping import Mapping, is_known_title, suggest_mapping
from deskcrm.exchange.tables import Table, open_table
from tests.conftest import NOW

TODAY = NOW.date()
ROWS = 12_000
FIRST_BATCH_ONLY = (
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from deskcrm.exchange import checking; "
    "checker = checking.RowChecker(*pickle.load(sys.stdin.buffer)); "
    "checking._send(sys.stdout.buffer, next(checker.batches()))"
)
WAITS_AFTER_THE_FIRST = """
import sys
from datetime import date
from pathlib import Path

from deskcrm.exchange import checking
from deskcrm.exchange.mapping import is_known_title, suggest_mapping
from deskcrm.exchange.tables import open_table

checking.WORTH_IT_BYTES = 0
table = open_table(Path(sys.argv[1]), None, is_known_title)
mapping = suggest_mapping("transactions", table.header)
with checking.checking(table, mapping, date.today()) as batches:
    next(batches)
    print("first", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Table, Mapping, date, str]:
    """A file of some batches, with rows to reject, that is worth another process."""
    monkeypatch.setattr(module, "WORTH_IT_BYTES", 0)
    path = tmp_path / "transactions.csv"
    lines = (f"T{n},A{n % 7},2026-11-{n % 33},借,{n}.50,“{n}”\n" for n in range(ROWS))
    path.write_text("流水号,账号,交易日期,借贷标志,金额,摘要\n" + "".join(lines), "utf-8")
    table = open_table(path, None, is_known_title)
    return table, suggest_mapping("transactions", table.header), TODAY, "CNY"


def content(batches: Iterable[Batch]) -> list[tuple[Any, ...]]:
    return [
        (
            list(batch.lines),
            {name: list(column) for name, column in batch.values.items()},
            [list(row) for row in batch.cells],
            [
                (reject.line, list(reject.cells), [(e.title, str(e.reason), e.raw) for e in errors])
                for reject in batch.rejects
                if (errors := reject.errors)
            ],
            batch.read,
        )
        for batch in batches
    ]


def children(pid: int) -> set[int]:
    """The processes that a process has started and that still run."""
    with subprocess.Popen(
        ["ps", "-A", "-o", "pid=,ppid=,stat="], stdout=subprocess.PIPE, text=True
    ) as shown:
        assert shown.stdout is not None
        rows = [line.split() for line in shown.stdout]
    return {
        int(child)
        for child, parent, state in rows
        if int(parent) == pid and int(child) != shown.pid and not state.startswith("Z")
    }


def test_another_process_finds_the_same(question: tuple[Table, Mapping, date, str]) -> None:
    expected = content(RowChecker(*question).batches())
    assert sum(len(batch[3]) for batch in expected) > 0
    with checking(*question) as batches:
        first = next(batches)
        assert len(children(os.getpid())) == 1
        assert content([first, *batches]) == expected
    assert not children(os.getpid())


@pytest.mark.parametrize("program", ["", FIRST_BATCH_ONLY], ids=["at once", "after a batch"])
def test_what_it_does_not_answer_is_checked_here(
    question: tuple[Table, Mapping, date, str], program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PROGRAM", (sys.executable, "-c", program))
    with checking(*question) as batches:
        assert content(batches) == content(RowChecker(*question).batches())


def test_without_another_process_all_is_checked_here(
    question: tuple[Table, Mapping, date, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PROGRAM", (str(question[0].path.with_name("nothing")),))
    with checking(*question) as batches:
        assert content(batches) == content(RowChecker(*question).batches())


def test_it_ends_when_nobody_takes_the_batches(
    question: tuple[Table, Mapping, date, str],
) -> None:
    with checking(*question) as batches:
        next(batches)
    assert not children(os.getpid())


def test_it_ends_when_the_program_is_killed(question: tuple[Table, Mapping, date, str]) -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", WAITS_AFTER_THE_FIRST, str(question[0].path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "first\n"
    (other,) = children(program.pid)
    program.kill()
    program.wait()
    deadline = time.monotonic() + 30
    while _runs(other) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(other)


def _runs(pid: int) -> bool:
    """Whether a process is there and not only waits for somebody to ask how it ended."""
    shown = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(shown.stdout.strip()) and not shown.stdout.strip().startswith("Z")
