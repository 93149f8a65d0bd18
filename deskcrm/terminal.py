"""The terminal around the app: a clean environment before it, a clean screen after it.

Nothing here imports Textual, so that ``clean_environment`` can run before it is imported.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

FRAMES_A_SECOND = 120
"""How often Textual may paint; it waits for the next frame also after a lone key."""
LEFT_ON_SIGNALS = ("SIGTERM", "SIGHUP", "SIGQUIT")

# Leave the alternate screen, show the cursor, stop reporting mouse, paste and focus, reset colours
# and clear what is on the screen: no customer stays readable after the program was ended.
RESTORE = (
    "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?1004l\x1b[<u"
    "\x1b[0m\x1b[2J\x1b[?1049l\x1b[?25h\x1b[0m\x1b[2J\x1b[H"
)


def clean_environment(environment: dict[str, str] | None = None) -> None:
    """Forget every ``TEXTUAL_*`` variable: one of them logs all keys, another writes pictures of
    the screen to files. Then say how often it may paint. Call it before Textual is imported."""
    variables = os.environ if environment is None else environment
    for name in [name for name in variables if name.startswith("TEXTUAL_")]:
        del variables[name]
    variables["TEXTUAL_FPS"] = str(FRAMES_A_SECOND)


def watch_signals(leave: Callable[[int], None]) -> None:
    """Call ``leave(signal number)`` when the program is asked to end; main thread only."""

    def asked_to_leave(number: int, _frame: FrameType | None) -> None:
        leave(number)

    for name in LEFT_ON_SIGNALS:
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, asked_to_leave)


def is_gone() -> bool:
    """Whether the terminal was closed: not every way of closing one ends in a signal."""
    return sys.__stdin__ is not None and not sys.__stdin__.isatty()


def restore() -> None:
    """Bring the terminal back and clear it, for good: what another thread still has to paint goes
    nowhere. Quietly nothing where there is no terminal."""
    try:
        if sys.__stdout__ is not None and sys.__stdout__.isatty():
            terminal = os.dup(sys.__stdout__.fileno())
            nowhere = os.open(os.devnull, os.O_WRONLY)
            for stream in (sys.__stdout__, sys.__stderr__):
                if stream is not None:
                    os.dup2(nowhere, stream.fileno())
            os.write(terminal, RESTORE.encode())
        _cooked_mode()
    except (OSError, ValueError):
        pass


def _cooked_mode() -> None:
    """Line editing, echo and signals from the keyboard again, where the platform has termios."""
    try:
        import termios
    except ImportError:
        return
    if sys.__stdin__ is None or not sys.__stdin__.isatty():
        return
    descriptor = sys.__stdin__.fileno()
    mode = termios.tcgetattr(descriptor)
    mode[0] |= termios.ICRNL | termios.IXON
    mode[1] |= termios.OPOST
    mode[3] |= termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN
    termios.tcsetattr(descriptor, termios.TCSANOW, mode)
