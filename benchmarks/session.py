"""The app on a terminal, unlocked, with today's queue on the screen."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.harness import Bench
from deskcrm.services.queue import queue
from tools.terminal import Terminal

FIND_KEY = "\x1bOQ"  # F2
CLEAR_KEY = "\x15"  # ctrl+u
ENTER_KEY = "\r"
ESCAPE_KEY = "\x1b"
DOWN_KEY = "\x1b[B"

_SETTLED_SECONDS = 0.5
_LOOKED_FOR = 20


@contextmanager
def running_app(bench: Bench) -> Iterator[Terminal]:
    """The running app, once customers of the queue are painted and all is quiet."""
    with bench.desk() as desk:
        due = [item.customer_name for item in queue(desk).items[:_LOOKED_FOR]]
    command = [sys.executable, "-m", "benchmarks.app_on_branch", str(bench.home)]
    with Terminal(command, {"DESKCRM_LANG": "zh_CN"}) as terminal:
        # Any of the best: their order changes with the minutes.
        terminal.until(lambda text: any(shows(text, name) for name in due))
        terminal.settled(_SETTLED_SECONDS)
        yield terminal


def shows(text: str, name: str) -> bool:
    """Whether the screen shows a name; wide characters fill two cells, and long names are cut."""
    start = name[:6].replace(" ", "")
    return start in text.replace(" ", "")
