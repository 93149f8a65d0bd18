"""A table whose pages are turned by going on past its first or last row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.message import Message

from deskcrm.widgets.tables import PagedTable


class TurningTable(PagedTable):
    """``PagedTable`` that asks for the next page at its end and the one before at its top."""

    @dataclass
    class Turned(Message):
        """The cursor wants to go past the first (-1) or the last (1) row of the page."""

        way: int

    def action_cursor_down(self) -> None:
        self._go(1, super().action_cursor_down)

    def action_page_down(self) -> None:
        self._go(1, super().action_page_down)

    def action_cursor_up(self) -> None:
        self._go(-1, super().action_cursor_up)

    def action_page_up(self) -> None:
        self._go(-1, super().action_page_up)

    def _go(self, way: int, within: Callable[[], None]) -> None:
        edge = self.row_count - 1 if way > 0 else 0
        if self.cursor_row == edge:
            self.post_message(self.Turned(way))
        else:
            within()
