"""Accounts and transactions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from textual.content import Content

from deskcrm.i18n import N_, _
from deskcrm.screens.customer_tabs.base import PAGE, Hidden, TableTab, whole
from deskcrm.services.customer_accounts import (
    AccountRow,
    MonthFlow,
    TransactionRow,
    accounts,
    monthly_flows,
    transactions,
)
from deskcrm.services.desk import Desk
from deskcrm.services.pages import Page
from deskcrm.widgets.customer_line import DASH, amount, day, word
from deskcrm.widgets.tables import Column, Row
from deskcrm.widgets.text import plain

OWNER = "owner"


class AccountsTab(TableTab[AccountRow]):
    """All accounts; Enter goes to the bookings."""

    COLUMNS = (
        Column("number", N_("Account"), 19),
        Column("type", N_("Type"), 14, grow=True),
        Column("balance", N_("Balance"), 16, justify="right"),
        Column("matures", N_("Matures"), 10),
        Column("rate", N_("Rate"), 7, justify="right", optional=True),
        Column("opened", N_("Opened"), 10, optional=True),
        Column("status", N_("Status"), 8, optional=True),
    )
    EMPTY = N_("No account on file.")
    HINT = N_("Accounts come in with a file of the core system: Shift+F2 imports it.")
    PREVIEW = True

    def fetch(self) -> Callable[[Desk], Page[AccountRow]]:
        return lambda desk: whole(accounts(desk, self.customer_id))

    def row(self, view: AccountRow) -> Row:
        mine = view.role == OWNER
        kind = plain(view.product) or word("account_type", view.type)
        shown = kind if mine else f"{word('holder_role', view.role)}: {kind}"
        cells = (
            view.number,
            (shown, "" if mine else "italic"),
            (amount(view.balance), "" if view.balance.minor >= 0 else "$error"),
            day(view.matures_on),
            DASH if view.rate_ppm is None else f"{view.rate_ppm / 10_000:.2f} %",
            day(view.opened_on),
            word("account_status", view.status),
        )
        return Row(str(view.id), cells)

    def preview(self, view: AccountRow) -> Content:
        kind = [word("account_type", view.type), plain(view.account_class)]
        kind += [word("account_status", view.status), _("opened {day}", day=day(view.opened_on))]
        kind.append(_("data as of {time}", time=day(view.data_as_of)))
        first = Content("  ".join(part for part in kind if part))
        if view.role == OWNER:
            return first
        whose = _(
            "Belongs to {name}; this customer may only use it.", name=plain(view.owner_name, 40)
        )
        return Content("\n").join([Content.styled(whose, "$text-warning"), first])

    def hidden_values(self) -> Sequence[Hidden]:
        own = [view for view in self._views.values() if view.role == OWNER]
        own.sort(key=lambda view: view is not self.current)
        return [Hidden("account", f"{_('Account')}  {plain(view.number)}", view.id) for view in own]

    def open_view(self, view: AccountRow) -> None:
        self.owner.open_tab(2)


@dataclass(frozen=True, slots=True)
class Bookings(Page[TransactionRow]):
    """A page of bookings with the totals of its months."""

    flows: tuple[MonthFlow, ...] = ()


class TransactionsTab(TableTab[TransactionRow]):
    """The bookings, with what came in and went out in the month under the cursor."""

    COLUMNS = (
        Column("date", N_("Date"), 10),
        Column("amount", N_("Amount"), 15, justify="right"),
        Column("what", N_("Booking"), 12),
        Column("who", N_("Counterparty"), 14, grow=True),
        Column("balance", N_("Balance after"), 15, justify="right", optional=True),
        Column("account", N_("Account"), 19, optional=True),
    )
    EMPTY = N_("No booking on file.")
    HINT = N_("Bookings come in with a file of the core system: Shift+F2 imports it.")
    PREVIEW = True

    def fetch(self) -> Callable[[Desk], Page[TransactionRow]]:
        return partial(_bookings, customer_id=self.customer_id, offset=self.first)

    def row(self, view: TransactionRow) -> Row:
        incoming = view.direction == "credit"
        cells = (
            day(view.booked_on),
            (("+" if incoming else "-") + amount(view.amount), "$success" if incoming else ""),
            word("category", view.category) if view.category else word("booking", view.kind),
            plain(view.counterparty) or plain(view.memo) or DASH,
            amount(view.balance_after),
            view.account,
        )
        return Row(str(view.id), cells)

    def preview(self, view: TransactionRow) -> Content:
        month = f"{view.booked_on:%Y-%m}"
        lines = []
        if isinstance(self.page, Bookings):
            lines = [_month(flow) for flow in self.page.flows if flow.month == month]
        details = [
            f"{day(view.booked_on)} {view.booked_time[:5]}".strip(),
            word("booking", view.kind) if view.kind else "",
            plain(view.counterparty),
            plain(view.memo),
            plain(view.account),
        ]
        return Content("\n").join([*lines, Content("  ".join(part for part in details if part))])


def _month(flow: MonthFlow) -> Content:
    net = flow.money_in - flow.money_out
    figures = [
        _("in {amount}", amount=amount(flow.money_in)),
        _("out {amount}", amount=amount(flow.money_out)),
        _("net {amount}", amount=amount(net)),
        _("{n} bookings", n=flow.bookings),
    ]
    return Content.assemble((flow.month, "bold"), "  ", "  ".join(figures))


def _bookings(desk: Desk, *, customer_id: int, offset: int) -> Page[TransactionRow]:
    page = transactions(desk, customer_id, offset=offset, limit=PAGE)
    if not page.rows:
        return page
    first = page.rows[-1].booked_on.replace(day=1)
    flows = monthly_flows(desk, customer_id, first)
    return Bookings(page.rows, page.offset, page.more, flows)
