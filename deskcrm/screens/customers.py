"""Customers: the whole list in pages, narrowed and sorted by single keys."""

from __future__ import annotations

from dataclasses import dataclass, replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input

from deskcrm.actions import bindings
from deskcrm.i18n import N_, _, translate
from deskcrm.models import CustomerKind
from deskcrm.screens.base import DeskScreen
from deskcrm.services.customers import (
    CustomerFilter,
    CustomerRow,
    Sort,
    count_customers,
    list_customers,
)
from deskcrm.services.pages import Page
from deskcrm.widgets.customer_line import amount, day, tier_codes, tier_word, word
from deskcrm.widgets.inputs import LineInput
from deskcrm.widgets.tables import Column, Row
from deskcrm.widgets.text import MessageText, SafeStatic, plain
from deskcrm.widgets.turning_table import TurningTable

PAGE = 100
KINDS = ("", "individual", "corporate", "prospect")
SORTS = {
    "name": N_("by name"),
    "last_contact": N_("longest without contact"),
    "newest": N_("newest first"),
}
COLUMNS = (
    Column("name", N_("Name"), 16, grow=True),
    Column("kind", N_("Kind"), 10),
    Column("tier", N_("Tier"), 8),
    Column("phone", N_("Phone"), 11),
    Column("contact", N_("Contact"), 10),
    Column("due", N_("Next due"), 10),
    Column("balance", N_("Balance"), 9, justify="right", optional=True),
    Column("owner", N_("Owner"), 12, optional=True),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is shown: the filter, the order and the place in the list."""

    kind: str = ""
    tier: str = ""
    text: str = ""
    sort: str = "name"
    offset: int = 0

    @property
    def narrowed(self) -> tuple[str, str, str]:
        """What changes how long the list is."""
        return self.kind, self.tier, self.text


class CustomersScreen(DeskScreen[None]):
    """The customers in the officer's care, a page of the list at a time."""

    SCOPE = "customers"
    TITLE_ID = N_("Customers")
    CSS_PATH = "customers.tcss"
    BINDINGS = bindings("customers")

    def __init__(self) -> None:
        super().__init__()
        self._asked = Asked()
        self._page: Page[CustomerRow] | None = None
        self._total: int | None = None

    def compose_body(self) -> ComposeResult:
        with Horizontal(id="customers-filter"):
            yield MessageText(N_("Filter"), id="customers-label")
            yield LineInput(max_length=60, id="customers-text")
            yield SafeStatic(id="customers-choice")
        yield TurningTable(COLUMNS, id="customers-table")
        yield SafeStatic(id="customers-empty")
        yield SafeStatic(id="customers-caption")

    def on_mount(self) -> None:
        self.query_one(TurningTable).focus()
        self.query_one("#customers-empty").display = False
        self._show_choice()
        self.load()

    def load(self, *, cursor: int | None = 0) -> None:
        """Fetch the page that is asked for; ``cursor`` is the row to go to, -1 the last one."""
        asked, narrowed = self._asked, self._filter()
        self.call(
            list_customers,
            narrowed=narrowed,
            sort=Sort(asked.sort),
            offset=asked.offset,
            limit=PAGE,
            then=lambda page: self._show(page, cursor),
            group="page",
        )
        if self._total is None:
            self.call(count_customers, narrowed, then=self._counted, group="count")

    def _filter(self) -> CustomerFilter:
        asked = self._asked
        kind = CustomerKind(asked.kind) if asked.kind else None
        return CustomerFilter(kind=kind, tier=asked.tier or None, text=asked.text)

    def _show(self, page: Page[CustomerRow], cursor: int | None) -> None:
        self._page = page
        table, empty = self.query_one(TurningTable), self.query_one("#customers-empty", SafeStatic)
        table.fill([row(one) for one in page.rows])
        if cursor is not None:
            table.move_cursor(row=cursor % max(len(page.rows), 1), animate=False)
        table.display = bool(page.rows)
        empty.display = not page.rows
        if not page.rows:
            empty.update(self._nothing())
        self._show_caption()

    def _counted(self, total: int) -> None:
        self._total = total
        self._show_caption()

    def _show_caption(self) -> None:
        caption = self.query_one("#customers-caption", SafeStatic)
        page = self._page
        if page is None or not page.rows:
            caption.update("")
            return
        total = f"{self._total:,}" if self._total is not None else "…"
        first, last = page.offset + 1, page.offset + len(page.rows)
        shown = _("{first} to {last} of {total}", first=f"{first:,}", last=f"{last:,}", total=total)
        more = _("go on past the last row for the next page") if page.more else ""
        caption.update(Content("  ·  ".join(part for part in (shown, more) if part)))

    def _show_choice(self) -> None:
        asked = self._asked
        parts = [
            (_("Kind"), word("kind", asked.kind) if asked.kind else _("all")),
            (_("Tier"), tier_word(asked.tier) if asked.tier else _("all")),
            (_("Sort"), translate(SORTS[asked.sort])),
        ]
        spans = [
            Content.assemble((f"{what} ", "$foreground-muted"), value) for what, value in parts
        ]
        self.query_one("#customers-choice", SafeStatic).update(Content("   ").join(spans))

    def _nothing(self) -> Content:
        if any(self._asked.narrowed):
            return Content(_("No customer fits this filter. Esc shows all of them again."))
        lines = [Content.styled(_("There are no customers in your care yet."), "bold")]
        if "customer.create" in self.desk_app.permissions:
            lines.append(Content(_("^N takes down the first one.")))
        if "import.run" in self.desk_app.permissions:
            lines.append(Content(_("Shift+F2 brings in a file of them.")))
        return Content("\n").join(lines)

    def _ask(self, asked: Asked, *, cursor: int = 0) -> None:
        if asked == self._asked:
            return
        if asked.narrowed != self._asked.narrowed:
            self._total = None
        self._asked = asked
        self._show_choice()
        self.load(cursor=cursor)

    @on(Input.Changed, "#customers-text")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._ask(replace(self._asked, text=plain(event.value).strip(), offset=0))

    @on(Input.Submitted, "#customers-text")
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(TurningTable).focus()

    @on(TurningTable.Turned)
    def _turned(self, event: TurningTable.Turned) -> None:
        event.stop()
        self._turn(event.way, cursor=0 if event.way > 0 else -1)

    def _turn(self, way: int, cursor: int = 0) -> None:
        page = self._page
        if page is None or (way > 0 and not page.more) or (way < 0 and page.offset == 0):
            return
        self._ask(replace(self._asked, offset=max(page.offset + way * PAGE, 0)), cursor=cursor)

    def action_next_page(self) -> None:
        """The next page of the list."""
        self._turn(1)

    def action_previous_page(self) -> None:
        """The page before."""
        self._turn(-1)

    def action_filter(self) -> None:
        """Narrow the list by text."""
        self.query_one("#customers-text").focus()

    def action_next_kind(self) -> None:
        """All kinds, then each of them."""
        self._ask(replace(self._asked, kind=_after(KINDS, self._asked.kind), offset=0))

    def action_next_tier(self) -> None:
        """All tiers, then each of them."""
        tiers = ("", *tier_codes())
        self._ask(replace(self._asked, tier=_after(tiers, self._asked.tier), offset=0))

    def action_next_sort(self) -> None:
        """The next order."""
        self._ask(replace(self._asked, sort=_after(tuple(SORTS), self._asked.sort), offset=0))

    def action_clear(self) -> None:
        """Back to the list; without a filter when one is already there."""
        table, text = self.query_one(TurningTable), self.query_one("#customers-text", LineInput)
        if text.has_focus and table.display:
            table.focus()
            return
        with text.prevent(Input.Changed):
            text.value = ""
        self._ask(Asked(sort=self._asked.sort))
        table.display = True
        table.focus()

    def action_refresh(self) -> None:
        """Read the page again."""
        self._total = None
        self.load(cursor=None)

    def action_open(self) -> None:
        """Everything about the customer under the cursor."""
        table = self.query_one(TurningTable)
        if table.current_key is not None and self._page is not None:
            among = tuple(one.id for one in self._page.rows)
            self.desk_app.open_customer(int(table.current_key), among)

    def action_call_sheet(self) -> None:
        """Take down a contact with the customer under the cursor."""
        key = self.query_one(TurningTable).current_key
        if key is not None:
            self.desk_app.open_call_sheet(int(key))

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self._page is not None:
            self.load(cursor=None)

    def refresh_language(self) -> None:
        super().refresh_language()
        self._show_choice()
        if self._page is not None:
            self._show(self._page, None)


def row(one: CustomerRow) -> Row:
    """A customer as a line of the table."""
    cells = (
        one.name,
        word("kind", one.kind),
        tier_word(one.tier),
        one.phone,
        day(one.last_contact_on),
        day(one.next_due_on),
        amount(one.balance, compact=True) if one.balance else "-",
        one.owner_name,
    )
    return Row(str(one.id), cells)


def _after(values: tuple[str, ...], value: str) -> str:
    return values[(values.index(value) + 1) % len(values)]
