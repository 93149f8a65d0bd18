"""Lists: fixed columns in terminal cells, cells only through ``show()``, one page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from rich.text import Text
from textual.events import Resize
from textual.message import Message
from textual.widgets import DataTable
from textual.widgets.data_table import RowDoesNotExist, RowKey

from deskcrm.i18n import _
from deskcrm.widgets.text import Shown, cell

if TYPE_CHECKING:
    from rich.console import JustifyMethod
    from textual.binding import BindingType

PAGE = 500
MARK = "*"
MARK_COLUMN = "_mark"

Cell = Shown | tuple[Shown, str]
"""A value, or a value with a style such as ``"bold $error"``; status is never colour alone."""


@dataclass(frozen=True, slots=True)
class Column:
    """``title`` is a message id; ``width`` is in terminal cells, at least; a column that may
    ``grow`` shares the room that is left; an ``optional`` one is left out where it does not fit."""

    key: str
    title: str
    width: int
    justify: JustifyMethod = "left"
    grow: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a key that stays the same across refreshes, and a cell a column."""

    key: str
    cells: Sequence[Cell]


class PagedTable(DataTable[Text], inherit_bindings=False):
    """At most ``PAGE`` rows of a longer list, with a cursor that stays on its row's key.

    Enter and space are the screen's actions. ``markable`` adds a column for multiple selection.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        binding
        for binding in DataTable.BINDINGS
        if not (isinstance(binding, tuple) or binding.key == "enter")
    ]

    @dataclass
    class Moved(Message):
        """The cursor is on another row now; ``key`` is ``None`` when the list became empty."""

        table: PagedTable
        key: str | None

        @property
        def control(self) -> PagedTable:
            """The table, for ``@on(PagedTable.Moved, "#id")``."""
            return self.table

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        markable: bool = False,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
    ) -> None:
        super().__init__(cursor_type="row", id=id, classes=classes)
        self.specs = tuple(columns)
        self.markable = markable
        self.total = 0
        self.marked: set[str] = set()
        self._page: tuple[Row, ...] = ()
        self._shown: list[tuple[Column, int]] = []
        self._drawn: tuple[list[tuple[Column, int]], str] = ([], "")
        self._told: str | None = None

    @property
    def current_key(self) -> str | None:
        """The key of the row under the cursor."""
        if not self._page or not 0 <= self.cursor_row < len(self._page):
            return None
        return self._page[self.cursor_row].key

    @property
    def chosen_keys(self) -> list[str]:
        """The marked rows in the order of the list, or else the row under the cursor."""
        if self.marked:
            return [row.key for row in self._page if row.key in self.marked]
        return [] if self.current_key is None else [self.current_key]

    @property
    def summary(self) -> str:
        """How much of the list is on the page, for a caption."""
        if self.total > len(self._page):
            return _("the first {shown} of {total}", shown=len(self._page), total=f"{self.total:,}")
        return _("{total} in all", total=f"{self.total:,}")

    def fill(self, rows: Sequence[Row], total: int | None = None) -> None:
        """Show a page of the list; ``total`` is how long the list is. The cursor stays on its key,
        or where it was when that row is gone; marks of rows that are gone are taken off."""
        self.total = len(rows) if total is None else total
        key, line = self.current_key, self.cursor_row
        page, drawn = self._page, (self._shown, self.app.theme)
        self._page = tuple(rows[:PAGE])
        if self._page == page and drawn == self._drawn:
            return
        self.marked &= {row.key for row in self._page}
        self._draw(key, line)

    def focus_key(self, key: str) -> bool:
        """Move the cursor to a row; false when the page does not have it."""
        try:
            self.move_cursor(row=self.get_row_index(key), animate=False)
        except RowDoesNotExist:
            return False
        return True

    def toggle_mark(self) -> None:
        """Mark or unmark the row under the cursor and go one down."""
        key = self.current_key
        if key is None or not self.markable:
            return
        self.marked ^= {key}
        self.update_cell(key, MARK_COLUMN, self._mark(key))
        self.move_cursor(row=self.cursor_row + 1, animate=False)

    def clear_marks(self) -> None:
        """Take all marks off."""
        for key in self.marked:
            self.update_cell(key, MARK_COLUMN, self._mark(""))
        self.marked = set()

    def refresh_language(self) -> None:
        """Write headings again in the language in force; the screen refills translated cells."""
        self._shown = []
        self._draw(self.current_key, self.cursor_row)

    def on_mount(self) -> None:
        self._draw(None, 0)

    def on_resize(self, _event: Resize) -> None:
        if self._fitted() != self._shown:
            self._draw(self.current_key, self.cursor_row)

    def on_data_table_row_highlighted(self) -> None:
        self._tell()

    def _update_dimensions(self, new_rows: Iterable[RowKey]) -> None:
        """Columns have their widths and rows are one line high: no cell needs to be measured."""
        super()._update_dimensions(())

    def _draw(self, key: str | None, line: int) -> None:
        if not self.is_attached:
            return
        with self.prevent(DataTable.RowHighlighted):
            fitted = self._fitted()
            self.clear(columns=fitted != self._shown)
            if fitted != self._shown:
                self._shown = fitted
                self._add_columns()
            for row in self._page:
                self.add_row(*self._cells(row), key=row.key)
            if key is None or not self.focus_key(key):
                self.move_cursor(row=min(line, max(len(self._page) - 1, 0)), animate=False)
        self._drawn = (self._shown, self.app.theme)
        self._tell()

    def _tell(self) -> None:
        if self.current_key != self._told:
            self._told = self.current_key
            self.post_message(self.Moved(self, self._told))

    def _fitted(self) -> list[tuple[Column, int]]:
        """The columns that fit, with their widths."""
        padding = 2 * self.cell_padding
        room = (self.size.width or 80) - self.styles.scrollbar_size_vertical
        room -= 1 + padding if self.markable else 0
        shown = list(self.specs)
        while sum(column.width + padding for column in shown) > room:
            dropped = next((column for column in reversed(shown) if column.optional), None)
            if dropped is None:
                break
            shown.remove(dropped)
        spare = max(room - sum(column.width + padding for column in shown), 0)
        growing = [column for column in shown if column.grow]
        share = spare // len(growing) if growing else 0
        return [(column, column.width + (share if column.grow else 0)) for column in shown]

    def _add_columns(self) -> None:
        if self.markable:
            self.add_column(Text(""), width=1, key=MARK_COLUMN)
        for column, width in self._shown:
            heading = cell(_(column.title), width, column.justify)
            self.add_column(heading, width=width, key=column.key)

    def _cells(self, row: Row) -> list[Text]:
        places = {column.key: place for place, column in enumerate(self.specs)}
        cells = [
            self._cell(row.cells[places[column.key]], column, width)
            for column, width in self._shown
        ]
        return [self._mark(row.key), *cells] if self.markable else cells

    def _cell(self, value: Cell, column: Column, width: int) -> Text:
        text, style = value if isinstance(value, tuple) else (value, "")
        shown = cell(text, width, column.justify)
        if style:
            shown.stylize(self._style(style))
        return shown

    def _style(self, style: str) -> Style:
        """A style with theme colours, such as ``"bold $error"``, as Rich knows it."""
        variables = self.app.theme_variables
        words = [
            variables.get(word[1:], "default") if word.startswith("$") else word
            for word in style.split()
        ]
        return Style.parse(" ".join(words))

    def _mark(self, key: str) -> Text:
        return Text(MARK if key in self.marked else " ", style="bold")
