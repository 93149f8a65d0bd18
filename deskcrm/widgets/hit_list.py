"""A short list that is painted line by line, for results that change with every keystroke.

A ``DataTable`` measures and keeps every cell of a page, and other hits, or none, would lay out the
screen anew; this keeps strings, paints the lines that are on the screen, and never changes its
size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.events import Click, MouseScrollDown, MouseScrollUp, Resize
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from deskcrm.i18n import translate
from deskcrm.rules.text import pad
from deskcrm.widgets.tables import Column
from deskcrm.widgets.text import Shown, plain

GAP = "  "
CURSOR = "> "
THUMB = "▐"
"""In the last cell of the lines that are shown of a list that is longer than the screen."""
TEXT_INDENT = 3
STYLED = ("hit-list--heading", "hit-list--cursor", "hit-list--first")


@dataclass(frozen=True, slots=True)
class Line:
    """One customer of the list, with a value for each column."""

    key: str
    cells: tuple[Shown, ...]


class HitList(Widget, can_focus=False):
    """Headings and lines, or a text instead of them; the cursor is moved from outside while the
    focus stays in the input.

    Columns that are ``optional`` go, the last one first, where there is no room; the room that is
    left goes to those that ``grow``.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = set(STYLED)
    DEFAULT_CSS = """
    HitList { height: 1fr; width: 1fr; }
    HitList > .hit-list--heading { color: $text-muted; text-style: bold; }
    HitList > .hit-list--cursor { background: $block-cursor-background;
                                  color: $block-cursor-foreground; text-style: bold; }
    HitList > .hit-list--first { text-style: bold; }
    """

    @dataclass
    class Moved(Message):
        """The cursor was moved to another line."""

        key: str

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
        self._top = 0
        self._text = Content("")

    @property
    def current_key(self) -> str | None:
        """The key of the line under the cursor."""
        return self._lines[self._cursor].key if self._lines else None

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all lines, in order."""
        return tuple(line.key for line in self._lines)

    def show_lines(self, columns: Sequence[Column], lines: Sequence[Line]) -> None:
        """Show other lines; the cursor goes to the first one, without a ``Moved``."""
        self._columns, self._lines = tuple(columns), tuple(lines)
        self._cursor = self._top = 0
        self._fit()
        self.refresh()

    def show_text(self, text: Content) -> None:
        """What to show as long as there are no lines."""
        self._text = text
        if not self._lines:
            self.refresh()

    @property
    def text(self) -> str:
        """What is shown instead of lines."""
        return "" if self._lines else self._text.plain

    def move(self, by: int) -> None:
        """Move the cursor by some lines, as far as there are any."""
        to = min(max(self._cursor + by, 0), len(self._lines) - 1)
        if not self._lines or to == self._cursor:
            return
        self._cursor = to
        self._bring_into_view()
        self.refresh()
        self.post_message(self.Moved(self._lines[to].key))

    def _bring_into_view(self) -> None:
        self._top = min(max(self._top, self._cursor - self.page_lines + 1), self._cursor)

    @property
    def page_lines(self) -> int:
        """How many lines are on the screen at once."""
        return max(self.size.height - 1, 1)

    def on_resize(self, _event: Resize) -> None:
        self._fit()
        self._bring_into_view()

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        event.stop()
        self.move(1)

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        event.stop()
        self.move(-1)

    def on_click(self, event: Click) -> None:
        line = event.y + self._top - 1
        if self._top <= line < len(self._lines):
            self.move(line - self._cursor)
            if event.chain == 2:
                self.post_message(self.Chosen(self._lines[line].key))

    def render_lines(self, crop: Region) -> list[Strip]:
        """The styles are worked out once for all lines of a paint."""
        base = self.rich_style
        self._styles = (base, *(base + self.get_component_rich_style(n) for n in STYLED))
        if not self._lines:
            return self._text_lines(crop)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """The heading, then one line a customer."""
        (base, heading, cursor, first), width = self._styles, self.size.width
        number = y + self._top - 1
        if y == 0:
            titles: Sequence[Shown] = [translate(column.title) for column in self._columns]
            return self._strip(titles, "  ", heading, heading)
        if number >= len(self._lines):
            return Strip.blank(width, base)
        if number == self._cursor:
            strip = self._strip(self._lines[number].cells, CURSOR, cursor, cursor)
        else:
            strip = self._strip(self._lines[number].cells, "  ", first, base)
        return self._with_thumb(strip, y, base) if len(self._lines) > self.page_lines else strip

    def _with_thumb(self, strip: Strip, y: int, base: Style) -> Strip:
        """Mark the part of the list that is shown, as a scroll bar does."""
        page, total = self.page_lines, len(self._lines)
        first = 1 + self._top * page // total
        shown = first <= y <= first + page * page // total
        return Strip.join(
            [strip.crop(0, self.size.width - 1), Strip([Segment(THUMB if shown else " ", base)], 1)]
        )

    def _text_lines(self, crop: Region) -> list[Strip]:
        width = self.size.width - 2 * TEXT_INDENT
        strips = Visual.to_strips(self, self._text, width, None, self.visual_style)
        indent = Segment(" " * TEXT_INDENT, self._styles[0])
        lines = [Strip([]), *(Strip([indent, *strip]) for strip in strips)]
        lines += [Strip([])] * (crop.bottom - len(lines))
        fitted = (line.adjust_cell_length(self.size.width, self._styles[0]) for line in lines)
        return [line.crop(crop.x, crop.right) for line in list(fitted)[crop.y : crop.bottom]]

    def _strip(self, cells: Sequence[Shown], marker: str, first: Style, rest: Style) -> Strip:
        parts = [
            pad(plain(cells[place]), width, right=self._columns[place].justify == "right")
            for place, width in self._fitted
        ]
        segments = [Segment(marker + parts[0] + GAP, first), Segment(GAP.join(parts[1:]), rest)]
        return Strip(segments).adjust_cell_length(self.size.width, rest)

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
