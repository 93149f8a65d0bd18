"""What the tabs share: how they fetch, how they are paged, what they say when they are empty."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from deskcrm.i18n import N_, _, translate
from deskcrm.services.pages import Page
from deskcrm.widgets.tables import Column, PagedTable, Row
from deskcrm.widgets.text import SafeStatic
from deskcrm.widgets.turning_table import TurningTable

if TYPE_CHECKING:
    from deskcrm.screens.customer import CustomerScreen
    from deskcrm.services.desk import Desk

PAGE = 100
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Hidden:
    """A masked value that may be shown in clear: what ``services.reveal`` needs, and its name in
    the language in force."""

    field: str
    label: str
    row_id: int | None = None


class Tab(Vertical):
    """One tab. ``number`` is its place, from 0."""

    DEFAULT_CSS = """
    Tab { height: 1fr; width: 1fr; }
    """

    def __init__(self, customer_id: int) -> None:
        super().__init__()
        self.customer_id = customer_id

    @property
    def owner(self) -> CustomerScreen:
        """The screen it is on."""
        return cast("CustomerScreen", self.screen)

    def on_mount(self) -> None:
        self.load()
        if self.display:
            self.take_focus()

    def load(self) -> None:
        """Fetch what is shown, again if need be."""

    def take_focus(self) -> None:
        """Put the focus where the arrows are of use."""

    def hidden_values(self) -> Sequence[Hidden]:
        """What can be revealed here, the row under the cursor first."""
        return ()

    def open_entry(self) -> None:
        """What Enter does."""


class TableTab(Tab, Generic[T]):
    """A tab that is a list in pages, with the text of the row under the cursor below it."""

    COLUMNS: ClassVar[Sequence[Column]] = ()
    EMPTY: ClassVar[str] = ""
    HINT: ClassVar[str] = N_("Nothing here yet.")
    PREVIEW: ClassVar[bool] = False
    DEFAULT_CSS = """
    TableTab PagedTable { height: 1fr; margin: 0 1; }
    TableTab .tab-empty { height: 1fr; padding: 1 3; }
    TableTab .tab-preview { height: auto; max-height: 40%; min-height: 3; padding: 0 2;
                            border-top: solid $panel; }
    TableTab .tab-caption { height: 1; padding: 0 2; color: $text-muted; text-wrap: nowrap;
                            text-overflow: ellipsis; }
    .-ascii TableTab .tab-preview { border-top: ascii $panel; }
    """

    def __init__(self, customer_id: int) -> None:
        super().__init__(customer_id)
        self.page: Page[T] | None = None
        self.first = 0
        self._views: dict[str, T] = {}
        self.table = TurningTable(self.COLUMNS)
        self._empty = SafeStatic(classes="tab-empty")
        self._preview = SafeStatic(classes="tab-preview")
        self._caption = SafeStatic(classes="tab-caption")

    def fetch(self) -> Callable[[Desk], Page[T]]:
        """The service call for the page at ``offset``."""
        raise NotImplementedError

    def row(self, view: T) -> Row:
        """A view as a line of the table."""
        raise NotImplementedError

    def preview(self, view: T) -> Content:
        """More of the row under the cursor."""
        return Content("")

    def open_view(self, view: T) -> None:
        """What Enter does with the row under the cursor."""

    def caption(self, page: Page[T]) -> str:
        """What is said below the list."""
        if not page.more and page.offset == 0:
            return _("{total} in all", total=f"{len(page.rows):,}")
        first, last = page.offset + 1, page.offset + len(page.rows)
        return _("{first} to {last}", first=f"{first:,}", last=f"{last:,}") + (
            "  " + _("go on past the last row for the next page") if page.more else ""
        )

    @property
    def current(self) -> T | None:
        """The view under the cursor."""
        return self._views.get(self.table.current_key or "")

    def compose(self) -> ComposeResult:
        yield self.table
        yield from self.compose_beside()
        yield self._empty
        yield self._preview
        yield self._caption

    def compose_beside(self) -> Sequence[Widget]:
        """What else a tab shows."""
        return ()

    def on_mount(self) -> None:
        self._empty.display = False
        self._preview.display = False
        super().on_mount()

    def load(self, cursor: int | None = None) -> None:
        self.owner.background(
            _bound(self.fetch(), self.owner.desk),
            then=lambda page: self.show_page(page, cursor),
            failed=self._failed,
            group=f"tab {type(self).__name__}",
        )

    def show_page(self, page: Page[T], cursor: int | None = None) -> None:
        """Show what was fetched; ``cursor`` is the row to go to, -1 the last one."""
        self.page = page
        rows = [(self.row(view), view) for view in page.rows]
        self._views = {row.key: view for row, view in rows}
        self.table.fill([row for row, _view in rows])
        if cursor is not None and rows:
            self.table.move_cursor(row=cursor % len(rows), animate=False)
        self.table.display = bool(rows)
        self._empty.display = not rows
        if not rows:
            self._empty.update(empty_text(self.EMPTY, self.HINT))
        self._caption.update(self.caption(page) if rows else "")
        self._show_preview()

    def _failed(self, error: Any) -> None:
        self.table.display = False
        self._empty.display = True
        self._empty.update(str(error))

    def take_focus(self) -> None:
        self.table.focus()

    @on(PagedTable.Moved)
    def _moved(self, event: PagedTable.Moved) -> None:
        event.stop()
        self._show_preview()

    def _show_preview(self) -> None:
        view = self.current
        shown = self.preview(view) if self.PREVIEW and view is not None else Content("")
        self._preview.display = bool(shown)
        if shown:
            self._preview.update(shown)

    @on(TurningTable.Turned)
    def _turned(self, event: TurningTable.Turned) -> None:
        event.stop()
        page = self.page
        if page is None or (event.way > 0 and not page.more) or (event.way < 0 and not page.offset):
            return
        self.first = max(page.offset + event.way * PAGE, 0)
        self.load(0 if event.way > 0 else -1)

    def open_entry(self) -> None:
        if self.current is not None:
            self.open_view(self.current)

    def refresh_language(self) -> None:
        """Write translated cells again."""
        if self.page is not None:
            self.show_page(self.page)


def empty_text(what: str, hint: str) -> Content:
    """What is not there, and what to do about it; both are message ids."""
    return Content.assemble((translate(what), "bold"), "\n\n", translate(hint))


def whole(rows: Sequence[T]) -> Page[T]:
    """A list that comes in one piece, as a page."""
    return Page(tuple(rows))


def _bound(service: Callable[[Desk], T], desk: Desk) -> Callable[[], T]:
    return lambda: service(desk)
