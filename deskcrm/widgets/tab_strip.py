"""The tabs of a screen in one line, or two where they do not fit, each with its key."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.events import Click, Resize
from textual.message import Message

from deskcrm.i18n import translate
from deskcrm.rules.text import cell_width, pad
from deskcrm.widgets.text import SafeStatic

KEYS = "1234567890"
GAPS = (2, 1, 0)
MARK = ">"


class TabStrip(SafeStatic):
    """Titles with their digits; the one that is open is marked and reversed."""

    DEFAULT_CSS = """
    TabStrip { height: auto; width: 1fr; padding: 0 1; text-wrap: nowrap; }
    """

    class Clicked(Message):
        """A tab was clicked; ``number`` counts from 0."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, titles: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._titles = tuple(titles)
        self._open = 0
        self._drawn_for = 0
        self._places: list[tuple[int, tuple[int, int], int]] = []

    def show_open(self, number: int) -> None:
        """Mark another tab as the one that is open."""
        self._open = number
        self.refresh_language()

    def on_resize(self, _event: Resize) -> None:
        if self.app.size.width != self._drawn_for:
            self.refresh_language()

    def on_click(self, event: Click) -> None:
        for number, start, end in self._places:
            if start <= (event.y, event.x - 1) < (start[0], end):
                self.post_message(self.Clicked(number))

    def refresh_language(self) -> None:
        """Write the titles again for the width and the language in force."""
        labels = [
            f"{key} {translate(title)}" for key, title in zip(KEYS, self._titles, strict=False)
        ]
        self._drawn_for = self.app.size.width
        room = self._drawn_for - 2
        used = sum(map(cell_width, labels)) + len(labels) * len(MARK)
        gap = next((gap for gap in GAPS if used + gap * (len(labels) - 1) <= room), None)
        if gap is not None:
            rows = [list(enumerate(labels))]
        else:
            half, gap = (len(labels) + 1) // 2, GAPS[0]
            widths = [max(map(cell_width, labels[n::half])) for n in range(half)]
            padded = [(n, pad(label, widths[n % half])) for n, label in enumerate(labels)]
            rows = [padded[:half], padded[half:]]
        self._places = []
        self.update(Content("\n").join(self._row(y, row, gap) for y, row in enumerate(rows)))

    def _row(self, y: int, row: list[tuple[int, str]], gap: int) -> Content:
        parts, x = [], 0
        for number, label in row:
            here = number == self._open
            parts.append(
                Content.styled((MARK if here else " ") + label, "bold reverse" if here else "")
            )
            end = x + len(MARK) + cell_width(label)
            self._places.append((number, (y, x), end))
            x = end + gap
        return Content(" " * gap).join(parts)
