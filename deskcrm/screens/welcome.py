"""The first frame: light to import and to draw, so that it is there at once."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from deskcrm.i18n import N_
from deskcrm.screens.base import DeskScreen, HeaderLine, Status
from deskcrm.widgets.text import MessageText


class WelcomeScreen(DeskScreen[None]):
    """Lies under the screens before unlocking; they are imported once it is painted.

    There is nothing to do on it yet, so it has neither status bar nor footer.
    """

    GUARDED = True
    TITLE_ID = N_("Welcome")
    CSS_PATH = "gate.tcss"

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        with Vertical(classes="gate"):
            yield MessageText(N_("One moment …"), classes="gate-title")

    def show_status(self, status: Status) -> None:
        """There is no status to tell before unlocking."""
