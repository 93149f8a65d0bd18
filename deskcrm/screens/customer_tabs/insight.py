"""Insight: alerts in full, the figures of a year, and a score that anybody can redo by hand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import Resize

from deskcrm.i18n import _, translate
from deskcrm.rules.text import cell_width, pad
from deskcrm.screens.customer_tabs.base import Tab
from deskcrm.screens.customer_tabs.overview import EDGE, WIDE
from deskcrm.services.customer_insight import Insight, insight
from deskcrm.widgets.alerts import alert_line
from deskcrm.widgets.customer_line import amount, day
from deskcrm.widgets.facts import Pair, Section, sections
from deskcrm.widgets.text import SafeStatic

BAR = 20
BESIDE_BAR = 30
MONTHS = 12


class InsightTab(Tab):
    """The score with its parts on one side, the months on the other."""

    DEFAULT_CSS = """
    InsightTab VerticalScroll { padding: 0 1; }
    InsightTab Horizontal { height: auto; }
    InsightTab .insight-column { width: 1fr; height: auto; padding: 0 1 1 1; }
    """

    def __init__(self, customer_id: int) -> None:
        super().__init__(customer_id)
        self._view: Insight | None = None
        self._scroll = VerticalScroll(can_focus=True)
        self._columns = (
            SafeStatic(classes="insight-column"),
            SafeStatic(classes="insight-column"),
        )

    def compose(self) -> ComposeResult:
        with self._scroll, Horizontal():
            yield from self._columns

    def load(self) -> None:
        desk = self.owner.desk
        self.owner.background(
            partial(insight, desk, self.customer_id), then=self.show, group="tab Insight"
        )

    def show(self, view: Insight) -> None:
        """Show other figures."""
        self._view = view
        self.refresh_language()

    def take_focus(self) -> None:
        self._scroll.focus()

    def on_resize(self, _event: Resize) -> None:
        self.refresh_language()

    def refresh_language(self) -> None:
        """Write everything again for the width and the language in force."""
        view = self._view
        if view is None or not self.size.width:
            return
        wide = self.screen.size.width >= WIDE
        width = (self.size.width - 2) // (2 if wide else 1) - EDGE
        left, right = self._columns
        blocks = [score(view, width), sections(figures(view), width)]
        alerts = self.owner.alerts
        if alerts:
            heading = Content.styled(_("All alerts"), "bold $primary")
            blocks.insert(0, Content("\n").join([heading, *map(alert_line, alerts)]))
        left.update(Content("\n\n").join(blocks))
        right.update(months(view))


def score(view: Insight, room: int) -> Content:
    """The value score as a sum of its parts, each with what it is counted from."""
    labels = [translate(part.label_id) for part in view.parts]
    width = max(map(cell_width, labels), default=0) + 2
    long = max(min(BAR, room - width - BESIDE_BAR), 4)
    lines = [Content.styled(_("Value score {n} of 100", n=view.score), "bold $primary")]
    for part, label in zip(view.parts, labels, strict=True):
        filled = part.points * long // part.most if part.most else 0
        bar = "#" * filled + "." * (long - filled)
        points = f"{part.points:>3} / {part.most:<3}"
        lines.append(
            Content.assemble(
                (pad(label, width), "$foreground-muted"),
                (bar, "$primary"),
                f" {points} ",
                (f"{part.value:,} / {part.full_at:,}", "$foreground-muted"),
            )
        )
    note = _("A sum of the parts above, from the records on file. Nothing is forecast.")
    return Content("\n").join([*lines, Content.styled(note, "$foreground-muted")])


def figures(view: Insight) -> Iterator[Section]:
    """Contacts and bookings of the year."""
    since = view.days_since_contact
    pairs: Sequence[Pair] = [
        Pair(_("Counted since"), day(view.since)),
        Pair(
            _("Last contact"),
            _("never yet") if since is None else _("{n} days ago", n=since),
        ),
        Pair(_("Contacts tried"), str(view.contacts)),
        Pair(_("Contacts reached"), str(view.reached)),
        Pair(_("Bookings"), f"{view.bookings:,}"),
        Pair(_("Accounts as of"), day(view.data_as_of)),
    ]
    yield Section(_("Twelve months"), pairs)


def months(view: Insight) -> Content:
    """In, out and the balance at the end of each month, the latest first."""
    heading = Content.styled(_("Month by month"), "bold $primary")
    if not view.bookings:
        empty = _("No booking in these months. Bookings come in with a file: Shift+F2.")
        return Content("\n").join([heading, Content.styled(empty, "$foreground-muted")])
    titles = (_("Month"), _("In"), _("Out"), _("Month end"))
    table = [_figures(*titles)]
    lines = [heading, Content.styled(table[0], "$foreground-muted")]
    ends = {balance.month: balance.balance for balance in view.balances}
    flows = {flow.month: flow for flow in view.flows if flow.money_in.currency == "CNY"}
    foreign = [flow for flow in view.flows if flow.money_in.currency != "CNY"]
    for month in list(ends)[:MONTHS]:
        flow = flows.get(month)
        money_in, money_out = (
            (amount(flow.money_in, compact=True), amount(flow.money_out, compact=True))
            if flow
            else ("-", "-")
        )
        lines.append(
            Content(_figures(month, money_in, money_out, amount(ends[month], compact=True)))
        )
    for flow in foreign[:MONTHS]:
        figures = (amount(flow.money_in, compact=True), amount(flow.money_out, compact=True))
        lines.append(Content(_figures(flow.month, *figures, "")))
    note = _("Month ends are counted back from today's balance by the bookings on file.")
    return Content("\n").join([*lines, Content.styled(note, "$foreground-muted")])


def _figures(month: str, money_in: str, money_out: str, end: str) -> str:
    return pad(month, 8) + "".join(pad(text, 12, right=True) for text in (money_in, money_out, end))
