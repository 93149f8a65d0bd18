"""What is shown in a window below 80×24, instead of something cut."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.events import Resize
from textual.screen import ModalScreen

from deskcrm.i18n import N_
from deskcrm.widgets.text import MessageText

SMALLEST = (80, 24)


class TooSmallScreen(ModalScreen[None]):
    """Opaque; goes away by itself when the window is large enough again."""

    DEFAULT_CSS = """
    TooSmallScreen { align: center middle; background: $background; }
    TooSmallScreen MessageText { width: auto; max-width: 100%; text-align: center; }
    """

    def compose(self) -> ComposeResult:
        yield MessageText()

    def on_resize(self, event: Resize) -> None:
        self.measure(event.size.width, event.size.height)

    def on_screen_resume(self) -> None:
        self.measure(self.app.size.width, self.app.size.height)

    def measure(self, width: int, height: int) -> None:
        """Leave, or say how large the window is and should be."""
        if not too_small(width, height):
            if self.is_current:
                self.dismiss()
            return
        self.query_one(MessageText).set_message(
            N_("The window is {width}×{height}. Please make it at least 80×24."),
            width=width,
            height=height,
        )


def too_small(width: int, height: int) -> bool:
    """Is there too little room to work in?"""
    return width < SMALLEST[0] or height < SMALLEST[1]
