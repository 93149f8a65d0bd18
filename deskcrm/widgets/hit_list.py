"""A short list that is painted line by line, for results that change with every keystroke.

A ``DataTable`` measures and keeps every cell of a page; this keeps strings and paints only the
lines that are on the screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.events import Click, Resize
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from deskcrm.i18n import translate
from deskcrm.rules.text import pad
from deskcrm.widgets.tables import Column
from deskcrm.widgets.text import Shown, plain

GAP = "  "
CURSOR = "> "
STYLED = ("hit-list--heading", "hit-list--cursor", "hit-list--first")


@dataclass(frozen=True, slots=True)
class Line:
    """One customer of the list, with a value for each column."""

    key: str
    cells: tuple[Shown, ...]


class HitList(ScrollView, can_focus=False):
    """Headings and lines; the cursor is moved from outside while the focus stays in the input.

    Columns that are ``optional`` go, the last one first, where there is no room; the room that is
    left goes to those that ``grow``.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = set(STYLED)
    DEFAULT_CSS = """
    HitList { height: 1fr; width: 1fr; overflow-x: hidden; overflow-y: auto; }
    HitList > .hit-list--heading { color: $text-muted; text-style: bold; }
    HitList > .hit-list--cursor { background: $block-cursor-background;
                                  color: $block-cursor-foreground; text-style: bold; }
    HitList > .hit-list--first { text-style: bold; }
    """

    @dataclass
    class Moved(Message):
        """The cursor is on another line; ``key`` is ``None`` when the list is empty."""

        key: str | None

    @dataclass
    class Chosen(Message):
        """A line was clicked twice."""

        key: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._columns: tuple[Column, ...] = ()
        self._lines: tuple[Line, ...] = ()
        self._fitted: list[tuple[int, int]] = []
        self._styles: tuple[Style, ...] = ()
        self._cursor = 0

    @property
    def current_key(self) -> str | None:
        """The key of the line under the cursor."""
        return self._lines[self._cursor].key if self._lines else None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all lines, in order."""
        return tuple(line.key for line in self._lines)

    def show_lines(self, columns: Sequence[Column], lines: Sequence[Line]) -> None:
        """Show other lines; the cursor goes to the first one."""
        self._columns, self._lines = tuple(columns), tuple(lines)
        self._cursor = 0
        self._fit()
        self._fit_height()
        if self.scroll_y:
            self.scroll_to(y=0, animate=False, force=True)
        self.refresh()
        self.post_message(self.Moved(self.current_key))

    def move(self, by: int) -> None:
        """Move the cursor by some lines, as far as there are any."""
        if not self._lines:
            return
        before = self._cursor
        self._cursor = min(max(before + by, 0), len(self._lines) - 1)
        if self._cursor == before:
            return
        top = 0 if self._cursor == 0 else self._cursor + 1
        self.scroll_to_region(Region(0, top, 1, self._cursor + 2 - top), animate=False)
        self.refresh()
        self.post_message(self.Moved(self.current_key))

    @property
    def page_lines(self) -> int:
        """How many lines are on the screen at once."""
        return max(self.size.height - 1, 1)

    def on_resize(self, _event: Resize) -> None:
        self._fit()
        self._fit_height()

    def on_click(self, event: Click) -> None:
        line = event.y + self.scroll_offset.y - 1
        if 0 <= line < len(self._lines):
            self.move(line - self._cursor)
            if event.chain == 2:
                self.post_message(self.Chosen(self._lines[line].key))

    def render_lines(self, crop: Region) -> list[Strip]:
        """The styles are worked out once for all lines of a paint."""
        base = self.rich_style
        self._styles = (base, *(base + self.get_component_rich_style(n) for n in STYLED))
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """The heading, then one line a customer."""
        number = y + self.scroll_offset.y - 1
        (base, heading, cursor, first), width = self._styles, self.size.width
        if number >= len(self._lines) or not self._columns or not self._lines:
            return Strip.blank(width, base)
        if number < 0:
            titles: Sequence[Shown] = [translate(column.title) for column in self._columns]
            return self._strip(titles, "  ", heading, heading)
        if number == self._cursor:
            return self._strip(self._lines[number].cells, CURSOR, cursor, cursor)
        return self._strip(self._lines[number].cells, "  ", first, base)

    def _strip(self, cells: Sequence[Shown], marker: str, first: Style, rest: Style) -> Strip:
        parts = [
            pad(plain(cells[place]), width, right=self._columns[place].justify == "right")
            for place, width in self._fitted
        ]
        segments = [Segment(marker + parts[0] + GAP, first), Segment(GAP.join(parts[1:]), rest)]
        return Strip(segments).adjust_cell_length(self.size.width, rest)

    def _fit_height(self) -> None:
        """How much there is to scroll; another size of that costs a layout of the screen."""
        self.virtual_size = Size(self.size.width, max(len(self._lines) + 1, self.size.height))

    def _fit(self) -> None:
        """Which columns fit, each with its width."""
        room = self.size.width - len(CURSOR) - 1
        shown = list(range(len(self._columns)))
        while self._total(shown) > room:
            dropped = next((n for n in reversed(shown) if self._columns[n].optional), None)
            if dropped is None:
                break
            shown.remove(dropped)
        spare = max(room - self._total(shown), 0)
        growing = sum(self._columns[number].grow for number in shown)
        self._fitted = [
            (number, self._columns[number].width + spare // growing)
            if self._columns[number].grow
            else (number, self._columns[number].width)
            for number in shown
        ]

    def _total(self, shown: Sequence[int]) -> int:
        widths = [self._columns[number].width for number in shown]
        return sum(widths) + len(GAP) * max(len(widths) - 1, 0)
