"""A program on a real pseudo-terminal: what it paints, how fast, and what it costs.

    with Terminal([sys.executable, "-m", "deskcrm"], columns=80, rows=24) as terminal:
        terminal.wait_for("Who is at the desk?")
        terminal.press("wangfang" + Key.ENTER)

Waiting is for what stands on the screen, up to a deadline, never for a span of time.
"""

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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import pyte
from wcwidth import wcwidth

COLUMNS, ROWS = 120, 36
DEADLINE_SECONDS = 60.0

_READ = 1 << 16
_NANOSECONDS = 1e9
_KIBIBYTES = 1024


class Key:
    """What a terminal sends for keys that are no characters."""

    ENTER = "\r"
    TAB = "\t"
    ESCAPE = "\x1b"
    BACKSPACE = "\x7f"
    UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
    PAGE_DOWN = "\x1b[6~"
    F1, F2, F3, F4 = "\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS"
    F9, F10, F11, F12 = "\x1b[20~", "\x1b[21~", "\x1b[23~", "\x1b[24~"
    SHIFT_F2 = "\x1b[1;2Q"

    @staticmethod
    def ctrl(letter: str) -> str:
        """The control character of a letter."""
        return chr(ord(letter.upper()) - 64)

    @staticmethod
    def alt(character: str) -> str:
        """A character with Alt held."""
        return "\x1b" + character


class TerminalTimeoutError(Exception):
    """The program did not paint what was waited for; holds the screen as it was."""


class ProgramEndedError(TerminalTimeoutError):
    """The program ended before it painted what was waited for."""


class Terminal:
    """A running program with its screen; ``output`` is every byte it has written."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str] | None = None,
        *,
        columns: int = COLUMNS,
        rows: int = ROWS,
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self.output = bytearray()
        self._unread = bytearray()
        self._lines: list[str] | None = None
        self._stream = pyte.ByteStream(self.screen)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=_environment() | dict(environment or {}),
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
        self.kill()
        self._close()

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._process.pid

    @property
    def lines(self) -> list[str]:
        """The rows of the screen."""
        if self._lines is None:
            self._lines = [_row(self.screen, number) for number in range(self.screen.lines)]
        return self._lines

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(self.lines)

    def shows(self, *texts: str) -> bool:
        """Whether all texts stand on the screen; one broken over two lines does not."""
        return _holds(self.text, texts)

    def place_of(self, text: str) -> tuple[int, int]:
        """Column and row, from 0, of the first cell of a text on the screen."""
        for row, line in enumerate(self.lines):
            before, found, _after = line.partition(text)
            if found:
                return _cells(self.screen, row, len(before)), row
        raise ValueError(text)

    def is_bold(self, text: str) -> bool:
        """Whether a text stands anywhere on the screen in bold."""
        for row, line in enumerate(self.lines):
            start = line.find(text)
            while start >= 0:
                if self.screen.buffer[row][_cells(self.screen, row, start)].bold:
                    return True
                start = line.find(text, start + 1)
        return False

    def press(self, keys: str) -> None:
        """Send characters, and keys of ``Key``, as the terminal sends them."""
        os.write(self._master, keys.encode())

    def click(self, column: int, row: int) -> None:
        """Press and release the left button on a cell, counted from 0."""
        self.press(f"\x1b[<0;{column + 1};{row + 1}M\x1b[<0;{column + 1};{row + 1}m")

    def until(self, painted: Callable[[str], bool], seconds: float = DEADLINE_SECONDS) -> float:
        """Wait until the screen satisfies ``painted``; the moment of the paint."""
        end = time.perf_counter() + seconds
        while True:
            moment = self._pump(end - time.perf_counter())
            if painted(self.text):
                return moment
            if time.perf_counter() >= end:
                raise TerminalTimeoutError(self.text)

    def wait_for(self, *texts: str, seconds: float = DEADLINE_SECONDS) -> None:
        """Wait until all texts stand on the screen."""
        if not self.shows(*texts):
            try:
                self.until(lambda text: _holds(text, texts), seconds)
            except TerminalTimeoutError as error:
                raise type(error)(f"waited for {texts}, this stood there:\n{error}") from error

    def wait_gone(self, *texts: str, seconds: float = DEADLINE_SECONDS) -> None:
        """Wait until none of the texts stands on the screen."""
        if any(self.shows(text) for text in texts):
            self.until(lambda screen: not any(text in screen for text in texts), seconds)

    def settled(self, silence: float, seconds: float = 10.0) -> float:
        """Wait for a paint and until none follows for ``silence`` seconds; the last one's moment.

        Without any paint the moment is that of the call, after ``silence``.
        """
        last = time.perf_counter()
        end = last + seconds
        try:
            while time.perf_counter() < end:
                if not self._ready(silence):
                    return last
                last = self._read()
        finally:
            self._take_in()
        raise TerminalTimeoutError(self.text)

    def stands(self, silence: float, seconds: float = 10.0) -> float:
        """The same, but the moment from which the screen stood as it stays: painting the same
        text again does not count."""
        end = time.perf_counter() + seconds
        pieces: list[tuple[float, bytes]] = []
        while self._ready(silence):
            if time.perf_counter() >= end:
                raise TerminalTimeoutError(self.text)
            pieces.append((self._read(), bytes(self._unread)))
            self._unread.clear()
        moment, before = time.perf_counter(), self.text
        for came, piece in pieces:
            self._unread += piece
            self._take_in()
            if self.text != before:
                moment, before = came, self.text
        return moment

    def watch(self, seconds: float) -> None:
        """Take in whatever is painted within so many seconds."""
        end = time.perf_counter() + seconds
        with contextlib.suppress(ProgramEndedError):
            while (left := end - time.perf_counter()) > 0:
                self._pump(left)

    def send_signal(self, number: int) -> None:
        """Send the program a signal."""
        self._process.send_signal(number)

    def hang_up(self, seconds: float = DEADLINE_SECONDS) -> int:
        """Close the terminal under the program, which is told by no signal; its exit code."""
        self._close()
        return self._process.wait(seconds)

    def _close(self) -> None:
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def kill(self) -> None:
        """End the program at once, as by ``kill -9``."""
        self._process.kill()
        self._process.wait()

    def ended(self, seconds: float = DEADLINE_SECONDS) -> int:
        """Wait until the program has ended by itself; its exit code, negative for a signal."""
        end = time.perf_counter() + seconds
        with contextlib.suppress(ProgramEndedError):
            while time.perf_counter() < end:
                self._pump(end - time.perf_counter())
        try:
            return self._process.wait(max(0.0, end - time.perf_counter()))
        except subprocess.TimeoutExpired as error:
            raise TerminalTimeoutError(self.text) from error

    def echoes(self) -> bool:
        """Whether the terminal edits lines and echoes by itself again, as a shell needs it."""
        wanted = termios.ICANON | termios.ECHO | termios.ISIG
        local: int = termios.tcgetattr(self._master)[3]
        return local & wanted == wanted

    def cpu_seconds(self) -> float:
        """CPU time of all threads of the program so far, user and system."""
        spent = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError):  # a thread that just ended
                spent += int((task / "schedstat").read_text().split()[0])
        return spent / _NANOSECONDS

    def resident_mib(self) -> float:
        """Memory of the program that is in RAM, in MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(line.split()[1]) / _KIBIBYTES

    def _ready(self, seconds: float) -> bool:
        return bool(select.select([self._master], [], [], max(0.0, seconds))[0])

    def _pump(self, seconds: float) -> float:
        """Take in what was painted within ``seconds``; the moment it came."""
        if not self._ready(seconds):
            return time.perf_counter()
        moment = self._read()
        self._take_in()
        return moment

    def _read(self) -> float:
        """Read what was painted; the moment it came. To paint it here would take longer."""
        moment = time.perf_counter()
        try:
            self._unread += os.read(self._master, _READ)
        except OSError as error:  # the program ended
            raise ProgramEndedError(self.text) from error
        return moment

    def _take_in(self) -> None:
        """Paint what was read."""
        if self._unread:
            self.output += self._unread
            self._stream.feed(bytes(self._unread))
            self._unread.clear()
            self._lines = None


def _holds(screen: str, texts: Sequence[str]) -> bool:
    return all(text in screen for text in texts)


def _cells(screen: pyte.Screen, row: int, characters: int) -> int:
    """Cells that the first characters of a row take; an empty cell follows a wide one."""
    column = 0
    for _ in range(characters):
        column += 1
        while column < screen.columns and screen.buffer[row][column].data == "":
            column += 1
    return column


def _environment() -> dict[str, str]:
    ours = ("TEXTUAL", "DESKCRM")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}


def _row(screen: pyte.Screen, number: int) -> str:
    """A row as it reads. Pyte's own rendering fails on the second half of a wide character whose
    first half was written over; here that is a blank."""
    cells, text = screen.buffer[number], ""
    after_wide = False
    for place in range(screen.columns):
        data = cells[place].data
        text += data or ("" if after_wide else " ")
        after_wide = bool(data) and wcwidth(data[0]) == 2
    return text
