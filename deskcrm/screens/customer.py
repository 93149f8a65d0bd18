"""Customer 360: who it is, what to know first, and ten tabs with all that is on file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize

from deskcrm.actions import bindings
from deskcrm.errors import DeskError
from deskcrm.i18n import N_, _, translate
from deskcrm.models import CustomerStatus
from deskcrm.rules.text import cell_width
from deskcrm.screens.customer_actions import CustomerActions
from deskcrm.screens.customer_tabs.base import Hidden, Tab
from deskcrm.screens.customer_tabs.contacts import CasesTab, FollowupsTab, TimelineTab
from deskcrm.screens.customer_tabs.insight import InsightTab
from deskcrm.screens.customer_tabs.money import AccountsTab, TransactionsTab
from deskcrm.screens.customer_tabs.overview import OverviewTab, in_days
from deskcrm.screens.customer_tabs.papers import DocumentsTab, HistoryTab, RelationsTab
from deskcrm.services.customer_360 import Customer360, customer_360
from deskcrm.services.customer_alerts import Alert
from deskcrm.widgets.alerts import AlertBanner
from deskcrm.widgets.customer_line import day, word
from deskcrm.widgets.tab_strip import TabStrip
from deskcrm.widgets.text import SafeStatic, plain, show

TABS: Sequence[tuple[str, Callable[[int], Tab]]] = (
    (N_("Overview"), OverviewTab),
    (N_("Accounts"), AccountsTab),
    (N_("Transactions"), TransactionsTab),
    (N_("Timeline"), TimelineTab),
    (N_("Follow-ups"), FollowupsTab),
    (N_("Cases"), CasesTab),
    (N_("Documents"), DocumentsTab),
    (N_("Relations"), RelationsTab),
    (N_("Insight"), InsightTab),
    (N_("History"), HistoryTab),
)
GAP = "   "


class CustomerScreen(CustomerActions):
    """One customer. ``among`` are the customers of the list one came from, in its order."""

    SCOPE = "customer"
    TITLE_ID = N_("Customer")
    CSS_PATH = "customer.tcss"
    BINDINGS = bindings("customer")

    def __init__(self, customer_id: int, among: Sequence[int] = (), tab: int = 0) -> None:
        super().__init__(customer_id)
        self._among = tuple(among)
        self._open = tab
        self._drawn_for = 0
        self._tabs: dict[int, Tab] = {}

    def compose_body(self) -> ComposeResult:
        yield SafeStatic(id="customer-who")
        yield AlertBanner(id="customer-alerts")
        yield SafeStatic(id="customer-clear")
        yield TabStrip([title for title, _make in TABS], id="customer-tabs")
        self._tabs[self._open] = TABS[self._open][1](self.customer_id)
        yield Vertical(self._tabs[self._open], id="customer-tab")

    def on_mount(self) -> None:
        self.query_one("#customer-clear").display = False
        self.query_one(TabStrip).show_open(self._open)
        self._show_at_once()

    def _show_at_once(self) -> None:
        """Read on the spot: a few milliseconds, far less than painting an empty frame first."""
        try:
            view = customer_360(self.desk, self.customer_id)
        except DeskError as error:
            self._gone(error)
        else:
            self._show(view)

    @property
    def alerts(self) -> Sequence[Alert]:
        """What the banner shows, and what it has no room for."""
        return self.view.alerts if self.view is not None else ()

    def _load(self) -> None:
        self.call(
            customer_360, self.customer_id, then=self._show, failed=self._gone, group="customer"
        )

    def _gone(self, error: DeskError) -> None:
        self.query_one("#customer-who", SafeStatic).update(show(str(error), style="bold"))
        self.query_one("#customer-tab").display = False

    def _show(self, view: Customer360) -> None:
        if view.header.id != self.customer_id:
            return
        self.view = view
        self.query_one(AlertBanner).show_alerts(view.alerts)
        self._show_who()
        overview = self._tabs.get(0)
        if isinstance(overview, OverviewTab):
            overview.show(view)

    def _show_who(self) -> None:
        if self.view is not None:
            self._drawn_for = self.app.size.width
            shown = who(self.view, self.desk.today(), self._drawn_for - 2)
            self.query_one("#customer-who", SafeStatic).update(shown)

    def reload(self) -> None:
        self._load()
        for number, tab in list(self._tabs.items()):
            if number == self._open:
                tab.load()
            elif number != 0:
                tab.remove()
                del self._tabs[number]

    def open_tab(self, number: int) -> None:
        """Show a tab; it is made, and fetches what it shows, when it is first opened."""
        self._open = number
        self.query_one(TabStrip).show_open(number)
        new = number not in self._tabs
        if new:
            self._tabs[number] = TABS[number][1](self.customer_id)
        for place, tab in self._tabs.items():
            tab.display = place == number
        if new:
            self.query_one("#customer-tab").mount(self._tabs[number])
        else:
            self._tabs[number].take_focus()

    def hidden_values(self) -> Sequence[Hidden]:
        here = self._tabs[self._open].hidden_values()
        overview = self._tabs.get(0)
        return here or (overview.hidden_values() if overview is not None else ())

    @on(TabStrip.Clicked)
    def _clicked(self, event: TabStrip.Clicked) -> None:
        event.stop()
        self.open_tab(event.number)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("next_customer", "previous_customer") and not self._among:
            return False
        return super().check_action(action, parameters)

    def action_next_tab(self) -> None:
        """The tab to the right, round the end."""
        self.open_tab((self._open + 1) % len(TABS))

    def action_previous_tab(self) -> None:
        """The tab to the left, round the beginning."""
        self.open_tab((self._open - 1) % len(TABS))

    def action_tab_overview(self) -> None:
        self.open_tab(0)

    def action_tab_accounts(self) -> None:
        self.open_tab(1)

    def action_tab_transactions(self) -> None:
        self.open_tab(2)

    def action_tab_timeline(self) -> None:
        self.open_tab(3)

    def action_tab_followups(self) -> None:
        self.open_tab(4)

    def action_tab_cases(self) -> None:
        self.open_tab(5)

    def action_tab_documents(self) -> None:
        self.open_tab(6)

    def action_tab_relations(self) -> None:
        self.open_tab(7)

    def action_tab_insight(self) -> None:
        self.open_tab(8)

    def action_tab_history(self) -> None:
        self.open_tab(9)

    def action_open_entry(self) -> None:
        """What Enter does on the row under the cursor."""
        self._tabs[self._open].open_entry()

    def action_next_customer(self) -> None:
        """The next customer of the list one came from."""
        self._go(1)

    def action_previous_customer(self) -> None:
        """The one before."""
        self._go(-1)

    def _go(self, by: int) -> None:
        if self.customer_id not in self._among:
            return
        place = self._among.index(self.customer_id) + by
        if not 0 <= place < len(self._among):
            self.desk_app.toast(_("The list ends here."))
            return
        self.customer_id, self.view = self._among[place], None
        for tab in self._tabs.values():
            tab.remove()
        self._tabs = {}
        self.hide_clear()
        self._show_at_once()
        self.open_tab(self._open)

    def action_refresh(self) -> None:
        """Read everything again."""
        self.reload()

    def action_close(self) -> None:
        """Back to where one came from."""
        self.dismiss()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.covered:
            self.covered = False
            self.reload()

    def data_changed(self) -> None:
        """Something was taken back or raised: read it again, now or when this is uncovered."""
        if self.is_current:
            self.reload()
        else:
            self.covered = True

    def on_resize(self, event: Resize) -> None:
        super().on_resize(event)
        if event.size.width != self._drawn_for:
            self._show_who()

    def refresh_language(self) -> None:
        super().refresh_language()
        self._show_who()


def who(view: Customer360, today: date, width: int) -> Content:
    """The name and what it stands for, then who looks after them and when; broken where needed."""
    lines = [Content.styled(plain(view.header.name, width), "bold")]
    used = cell_width(lines[0].plain)
    for group, parts in enumerate((_standing(view), _care(view, today))):
        for place, part in enumerate(parts):
            fits = used + len(GAP) + cell_width(part) <= width
            if fits and (place > 0 or group == 0):
                lines[-1] = Content.assemble(lines[-1], GAP, part)
                used += len(GAP) + cell_width(part)
            else:
                lines.append(Content(part))
                used = cell_width(part)
    return Content("\n").join(lines)


def _standing(view: Customer360) -> Iterator[str]:
    header = view.header
    if header.status is not CustomerStatus.ACTIVE:
        yield word("status", header.status)
    yield word("kind", header.kind)
    yield translate(header.tier_label)
    if header.number:
        yield plain(header.number)
    if header.age is not None:
        yield _("{n} years old", n=header.age)
    facts = view.overview.facts
    founded = next((fact.value for fact in facts if fact.name == "founded_on"), None)
    if isinstance(founded, date):
        yield _("founded {day}", day=day(founded))


def _care(view: Customer360, today: date) -> Iterator[str]:
    last, due = view.overview.last_contact_on, view.overview.next_due_on
    yield _("owner {name}", name=plain(view.header.owner_name) or _("nobody"))
    if last is None:
        yield _("never contacted")
    else:
        yield _("last contact {distance}", distance=in_days(last, today))
    if due is None:
        yield _("nothing due")
    else:
        yield _("due {day}, {distance}", day=day(due), distance=in_days(due, today))
