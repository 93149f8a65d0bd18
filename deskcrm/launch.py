"""Start the app on the terminal, with nothing imported before the first frame that can wait."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from deskcrm import terminal
from deskcrm.config import load_settings
from deskcrm.errors import UsageError
from deskcrm.i18n import N_

if TYPE_CHECKING:
    from deskcrm.clock import Clock
    from deskcrm.services.desk import Desk


class NoTerminalError(UsageError):
    """The app was started without a terminal."""

    code = "no-terminal"
    message = N_("The app needs a terminal. For scripts there are commands: deskcrm --help.")


def run_app(
    home: Path,
    *,
    clock: Clock | None = None,
    language: str | None = None,
    open_at_once: Callable[[], Desk] | None = None,
) -> int:
    """Run the app on the vault in ``home`` until it is quit; its exit code.

    ``open_at_once`` opens a demo desk without a question. ``language`` holds for this run.
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty()):  # Textual draws on stderr
        raise NoTerminalError
    gc.disable()  # what is imported stays: looking through it for garbage costs the first frame
    terminal.clean_environment()
    settings = load_settings(home)

    from dataclasses import replace

    from deskcrm.app import DeskApp
    from deskcrm.screens.gate import Gate

    if language is not None:
        settings = replace(settings, language=language)
    app = DeskApp(home, settings=settings, gate=Gate(open_at_once=open_at_once), clock=clock)
    try:
        app.run()
    finally:
        app.stop_reminders()
        if app.desk is not None:
            app.gate.close_desk(app.desk)
    return app.return_code or 0
