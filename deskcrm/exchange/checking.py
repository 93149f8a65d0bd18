"""Rows checked in a process of their own, while this one writes what was checked before.

Checking and writing cost about the same, and one Python process keeps one core busy. The other
process gets the path and the mapping, reads the file itself, and hands back batches through a pipe;
nothing touches the disk. It ends with the pipe, so it cannot outlive an import that is stopped or
killed. Should it not start, or end early, the rest is checked here.
"""

from __future__ import annotations

import gc
import marshal
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import date
from functools import cached_property
from itertools import islice
from typing import IO, overload

from deskcrm.exchange.columns import Batch, RowChecker
from deskcrm.exchange.mapping import Mapping
from deskcrm.exchange.tables import Table

WORTH_IT_BYTES = 4 << 20
"""Files smaller than this are through before another process has started."""
_PIPE_BYTES = 1 << 20

# Isolated, so that no module is taken from the folder that the program happens to run in.
_PROGRAM = (
    sys.executable,
    "-I",
    "-c",
    "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from deskcrm.exchange.checking import serve; serve(sys.stdin.buffer, sys.stdout.buffer)",
)

_LOST = (OSError, EOFError, pickle.UnpicklingError)
"""How it shows that the other process did not start, or ended early."""


@contextmanager
def checking(
    table: Table, mapping: Mapping, today: date, currency: str = ""
) -> Iterator[Iterator[Batch]]:
    """The batches of ``RowChecker(table, mapping, today, currency)``, with its errors.

    The other process, if the file is worth one, starts at once.
    """
    checker = RowChecker(table, mapping, today, currency)
    with ExitStack() as stack:
        answers = None
        if not table.is_sheet and table.path.stat().st_size >= WORTH_IT_BYTES:
            with suppress(*_LOST):
                answers = stack.enter_context(_other_process((table, mapping, today, currency)))
        yield _batches(checker, answers)


def _batches(checker: RowChecker, answers: IO[bytes] | None) -> Iterator[Batch]:
    done = 0
    if answers is not None:
        with suppress(*_LOST):
            while (batch := _receive(answers)) is not None:
                done += 1
                yield batch
            return
    yield from islice(checker.batches(), done, None)


@contextmanager
def _other_process(question: tuple[object, ...]) -> Iterator[IO[bytes]]:
    """A process that was asked, and the pipe for its answers."""
    with subprocess.Popen(  # noqa: S603 - this interpreter and a constant
        _PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            _widen(process.stdout)
            pickle.dump(sys.path, process.stdin)
            pickle.dump(question, process.stdin)
            process.stdin.flush()
            yield process.stdout
        finally:
            process.kill()


def _widen(pipe: IO[bytes]) -> None:
    """Let the other process be a batch ahead, where the system has pipes that hold one."""
    with suppress(ImportError, AttributeError, OSError):
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def serve(asked: IO[bytes], answers: IO[bytes]) -> None:
    """What the other process does: check, and send batches until nobody takes them."""
    gc.disable()
    with suppress(BrokenPipeError):
        for batch in RowChecker(*pickle.load(asked)).batches():  # noqa: S301 - our own pipe
            _send(answers, batch)
        _send(answers, None)


def _send(pipe: IO[bytes], batch: Batch | None) -> None:
    content = batch and (
        batch.lines,
        marshal.dumps(batch.values),
        marshal.dumps(list(batch.cells)),
        batch.rejects,
        batch.read,
    )
    pickle.dump(content, pipe, pickle.HIGHEST_PROTOCOL)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Batch | None:
    content = pickle.load(pipe)  # noqa: S301 - our own pipe
    if content is None:
        return None
    lines, values, cells, rejects, read = content
    return Batch(lines, marshal.loads(values), _PackedRows(cells), rejects, read)  # noqa: S302


class _PackedRows(Sequence[Sequence[str]]):
    """Rows as they were read, unpacked only when one of them is rejected after all."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed

    @cached_property
    def _rows(self) -> list[list[str]]:
        rows: list[list[str]] = marshal.loads(self._packed)  # noqa: S302 - our own pipe
        return rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Sequence[str]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Sequence[str]]: ...
    def __getitem__(self, index: int | slice) -> Sequence[str] | Sequence[Sequence[str]]:
        return self._rows[index]
