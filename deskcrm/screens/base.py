"""What every screen has: translated bindings, service calls in the background, the frame.

A screen composes its body, turns keys and messages into service calls, and shows the views that
come back:

    class TodayScreen(DeskScreen[None]):
        SCOPE = "queue"
        TITLE_ID = N_("Today")
        BINDINGS = bindings("queue")

        def compose_body(self) -> ComposeResult:
            yield PagedTable(COLUMNS)

        def on_mount(self) -> None:
            self.call(todays_queue, limit=500, then=self.show_queue)

        def action_done(self) -> None:
            self.call(complete, self.current_id, then=self.taken_off, group=WRITES)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ScreenResultType
from textual.widget import Widget

from deskcrm.i18n import translate
from deskcrm.widgets.footer import KeyFooter
from deskcrm.widgets.shell import READS, WRITES, DeskModal, Shell
from deskcrm.widgets.status_bar import Status, StatusBar
from deskcrm.widgets.text import SafeStatic, plain

if TYPE_CHECKING:
    from deskcrm.app import DeskApp

__all__ = ["READS", "WRITES", "DeskModal", "DeskScreen", "Status"]


class DeskScreen(Shell[ScreenResultType]):
    """A full screen: header line, body, status bar, footer.

    Below 110 columns the screen has the class ``-narrow``: give a side pane the class
    ``side-pane`` and it folds away there.
    """

    DEFAULT_CSS = """
    DeskScreen { layout: vertical; overflow: hidden; }
    DeskScreen > #body { height: 1fr; width: 1fr; }
    DeskScreen.-narrow .side-pane { display: none; }
    """

    def compose(self) -> ComposeResult:
        yield HeaderLine()
        with Vertical(id="body"):
            yield from self.compose_body()
        yield StatusBar()
        yield KeyFooter()

    def compose_body(self) -> Iterable[Widget]:
        """The widgets between the header line and the status bar."""
        return ()

    @property
    def header_title(self) -> str:
        """What the header line says; a screen about one customer adds the name here."""
        return translate(self.TITLE_ID)

    def refresh_header(self) -> None:
        """Write the header line again after ``header_title`` changed."""
        self.query_one(HeaderLine).refresh_language()

    def show_status(self, status: Status) -> None:
        """Show what ``DeskApp.set_status`` was told."""
        self.query_one(StatusBar).set_status(status)

    def on_screen_resume(self) -> None:
        """A screen that comes back shows what changed while it was covered."""
        self.desk_app.fit(self.app.size)
        if not self.GUARDED:
            self.show_status(self.desk_app.status)
        self.refresh_header()


class HeaderLine(SafeStatic):
    """Where one is, and who acts: program and screen on the left, officer and branch right."""

    DEFAULT_CSS = """
    HeaderLine { height: 1; width: 1fr; padding: 0 1; background: $primary-background;
                 color: $foreground; text-style: bold; text-wrap: nowrap; }
    """

    def on_mount(self) -> None:
        self.refresh_language()

    def on_resize(self) -> None:
        self.refresh_language()
        self.refresh()  # also the same line: nothing else paints it on the very first screen

    def refresh_language(self) -> None:
        """Write the line again for the width and the language in force."""
        screen = self.screen
        title = plain(screen.header_title) if isinstance(screen, DeskScreen) else ""
        left = Content(f"deskcrm  {title}" if title else "deskcrm")
        width = self.size.width or self.app.size.width - 2
        right = Content(plain(cast("DeskApp", self.app).who, width // 2))
        room = width - right.cell_length
        line = left.truncate(room - 1, ellipsis=True, pad=True) + " " + right
        self.update(line, layout=False)
