"""The first tab: how to reach the customer, what they have with us, and their file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.events import Resize

from deskcrm.i18n import _, translate
from deskcrm.rules.masking import Masked
from deskcrm.rules.money import Money
from deskcrm.screens.customer_tabs.base import Hidden, Tab
from deskcrm.services.customer_360 import Customer360, Fact, Overview
from deskcrm.services.reveal import CUSTOMER_FIELDS
from deskcrm.widgets.customer_line import amount, day, word
from deskcrm.widgets.facts import Pair, Section, sections
from deskcrm.widgets.text import SafeStatic, Shown, plain

WIDE = 110
EDGE = 4


class OverviewTab(Tab):
    """Two columns side by side, or one below the other where there is no room."""

    DEFAULT_CSS = """
    OverviewTab VerticalScroll { padding: 0 1; }
    OverviewTab Horizontal { height: auto; }
    OverviewTab .overview-column { width: 1fr; height: auto; padding: 0 1 1 1; }
    """

    def __init__(self, customer_id: int) -> None:
        super().__init__(customer_id)
        self._view: Customer360 | None = None
        self._drawn_for = 0
        self._scroll = VerticalScroll(can_focus=True)
        self._columns = (
            SafeStatic(classes="overview-column"),
            SafeStatic(classes="overview-column"),
        )

    def compose(self) -> ComposeResult:
        with self._scroll, Horizontal():
            yield from self._columns

    def load(self) -> None:
        if self.owner.view is not None:
            self.show(self.owner.view)

    def show(self, view: Customer360) -> None:
        """Show another state of the customer."""
        self._view = view
        self.refresh_language()

    def on_resize(self, _event: Resize) -> None:
        if self.app.size.width != self._drawn_for:
            self.refresh_language()

    def take_focus(self) -> None:
        self._scroll.focus()

    def refresh_language(self) -> None:
        """Write both columns again for the width and the language in force."""
        if self._view is None:
            return
        self._drawn_for = self.app.size.width
        wide = self._drawn_for >= WIDE
        width = (self._drawn_for - 2) // (2 if wide else 1) - EDGE
        today = self.owner.desk.today()
        left, right = self._columns
        left.update(sections(contact_and_money(self._view.overview, today), width))
        right.update(sections(file_of(self._view.overview), width))

    def hidden_values(self) -> Sequence[Hidden]:
        if self._view is None:
            return ()
        overview = self._view.overview
        channels = [
            Hidden("channel", channel_label(one.kind, one.value), one.id)
            for one in overview.channels
        ]
        facts = [
            Hidden(fact.name, f"{translate(fact.label_id)}  {plain(fact.value)}")
            for fact in overview.facts
            if isinstance(fact.value, Masked) and fact.name in CUSTOMER_FIELDS
        ]
        return [*channels, *facts]


def channel_label(kind: str, value: Masked) -> str:
    """A way to reach a customer, as it is offered for revealing."""
    return f"{word('contact', kind)}  {plain(value)}"


def contact_and_money(overview: Overview, today: date) -> Iterator[Section]:
    """The left column: what an officer needs while talking, and what is to be asked."""
    yield Section(
        _("Contact"),
        [*_channels(overview), *_rhythm(overview, today)],
    )
    yield Section(
        _("With us"),
        list(_balances(overview)),
        empty=_("No account on file. Accounts come in with a file: Shift+F2."),
    )
    yield Section(_("Dates"), [*_dates(overview, today)])
    yield Section(_("Consents"), [*_consents(overview)])
    missing = [translate(gap) for gap in overview.gaps]
    yield Section(
        _("Missing in the file"),
        [Pair(_("To ask"), _(", ").join(missing), "$text-warning")] if missing else [],
    )


def file_of(overview: Overview) -> Iterator[Section]:
    """The right column: the customer's file."""
    yield Section(
        _("File"),
        [Pair(translate(fact.label_id), fact_text(fact)) for fact in overview.facts],
        empty=_("The file is still empty. e fills it in."),
    )


def fact_text(fact: Fact) -> Shown:
    """The value of a fact in the language in force."""
    value = fact.value
    if isinstance(value, Masked):
        return value
    if isinstance(value, Money):
        return amount(value)
    if isinstance(value, date):
        return day(value)
    return translate(str(value)) if fact.word else str(value)


def in_days(when: date, today: date) -> str:
    """How far away a day is."""
    days = (when - today).days
    if days == 0:
        return _("today")
    return _("in {n} days", n=days) if days > 0 else _("{n} days ago", n=-days)


def _channels(overview: Overview) -> Iterator[Pair]:
    for one in overview.channels:
        notes = [plain(one.value), plain(one.label)]
        notes.append(_("preferred") if one.preferred and len(overview.channels) > 1 else "")
        notes.append(_("do not use") if one.do_not_use else "")
        yield Pair(word("contact", one.kind), "  ".join(note for note in notes if note))
    if not overview.channels:
        yield Pair(_("Phone"), _("none on file; e adds one"), "$text-warning")


def _rhythm(overview: Overview, today: date) -> Iterator[Pair]:
    last, due = overview.last_contact_on, overview.next_due_on
    yield Pair(
        _("Last contact"), f"{day(last)}  {in_days(last, today)}" if last else _("never yet")
    )
    yield Pair(_("Contacts"), str(overview.contact_count))
    yield Pair(_("Next due"), f"{day(due)}  {in_days(due, today)}" if due else _("nothing open"))
    if overview.cadence_days:
        yield Pair(_("Rhythm"), _("at least every {n} days", n=overview.cadence_days))
    if overview.reviewed_on:
        yield Pair(_("File reviewed"), day(overview.reviewed_on))
    if overview.data_as_of:
        yield Pair(_("Data as of"), day(overview.data_as_of))
    if overview.tags:
        yield Pair(_("Tags"), _(", ").join(map(plain, overview.tags)))


def _balances(overview: Overview) -> Iterator[Pair]:
    for total in overview.balances:
        yield Pair(_("Assets"), amount(total.assets), "bold")
        if total.debts:
            yield Pair(_("Debts"), amount(total.debts))
        yield Pair(_("Open accounts"), str(total.accounts))


def _consents(overview: Overview) -> Iterator[Pair]:
    for one in overview.consents:
        said = _("yes") if one.valid else _("expired") if one.granted else _("no")
        yield Pair(translate(one.label_id), f"{said}  {day(one.stated_at.date())}")


def _dates(overview: Overview, today: date) -> Iterator[Pair]:
    for one in overview.dates:
        said = f"{one.month}-{one.day:02d}"
        if one.calendar == "lunar":
            said = f"{word('calendar', 'lunar')} {said}"
        coming = _(
            "next {day}, {distance}", day=day(one.next_on), distance=in_days(one.next_on, today)
        )
        label = plain(one.label) or translate(one.label_id)
        yield Pair(label, f"{said}  {coming}")
