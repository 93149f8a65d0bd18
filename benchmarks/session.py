"""The app on a terminal, unlocked, with today's queue on the screen."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.harness import Bench
from benchmarks.terminal import Terminal
from deskcrm.services.queue import queue

FIND_KEY = "\x1bOQ"  # F2
CLEAR_KEY = "\x15"  # ctrl+u
ENTER_KEY = "\r"

_SETTLED_SECONDS = 0.5


@contextmanager
def running_app(bench: Bench) -> Iterator[Terminal]:
    """The running app, once the first customer of the queue is painted and all is quiet."""
    with bench.desk() as desk:
        first = queue(desk, limit=1).items[0].customer_name
    command = [sys.executable, "-m", "benchmarks.app_on_branch", str(bench.home)]
    with Terminal(command, {"DESKCRM_LANG": "zh_CN"}) as terminal:
        terminal.until(lambda text: shows(text, first))
        terminal.settled(_SETTLED_SECONDS)
        yield terminal


def shows(text: str, name: str) -> bool:
    """Whether the screen shows a name; wide characters fill two cells, and long names are cut."""
    return name[:6] in text.replace(" ", "") or name[:6] in text
