"""A program on a real pseudo-terminal: what it paints, how fast, and what it costs."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

import pyte

COLUMNS, ROWS = 120, 36

_READ = 1 << 16
_NANOSECONDS = 1e9
_KIBIBYTES = 1024


class TerminalTimeoutError(Exception):
    """The program did not paint what was waited for; holds the screen as it was."""


class Terminal:
    """A running program with its screen."""

    def __init__(self, command: Sequence[str], environment: dict[str, str] | None = None) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=_environment() | (environment or {}),
            start_new_session=True,
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._master)

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(self.screen.display)

    def press(self, keys: str) -> None:
        """Send keys as the terminal sends them."""
        os.write(self._master, keys.encode())

    def until(self, painted: Callable[[str], bool], seconds: float = 30.0) -> float:
        """Wait until the screen satisfies ``painted``; the moment of the paint."""
        end = time.perf_counter() + seconds
        while True:
            moment = self._pump(end - time.perf_counter())
            if painted(self.text):
                return moment
            if time.perf_counter() >= end:
                raise TerminalTimeoutError(self.text)

    def settled(self, silence: float, seconds: float = 10.0) -> float:
        """Wait for a paint and until none follows for ``silence`` seconds; the last one's moment.

        Without any paint the moment is that of the call, after ``silence``.
        """
        last = time.perf_counter()
        end = last + seconds
        while time.perf_counter() < end:
            if not self._ready(silence):
                return last
            last = self._pump(0)
        raise TerminalTimeoutError(self.text)

    def cpu_seconds(self) -> float:
        """CPU time of all threads of the program so far, user and system."""
        spent = 0
        for task in Path(f"/proc/{self._process.pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError):  # a thread that just ended
                spent += int((task / "schedstat").read_text().split()[0])
        return spent / _NANOSECONDS

    def resident_mib(self) -> float:
        """Memory of the program that is in RAM, in MiB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / _KIBIBYTES

    def _ready(self, seconds: float) -> bool:
        return bool(select.select([self._master], [], [], max(0.0, seconds))[0])

    def _pump(self, seconds: float) -> float:
        """Read what was painted within ``seconds``; the moment it came."""
        if not self._ready(seconds):
            return time.perf_counter()
        moment = time.perf_counter()
        try:
            painted = os.read(self._master, _READ)
        except OSError as error:  # the program ended
            raise TerminalTimeoutError(self.text) from error
        self._stream.feed(painted)
        return moment


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TEXTUAL")}
    return kept | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
