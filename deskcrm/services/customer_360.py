"""The customer view: header, alerts and overview in one read. Its tabs are in ``customer_tabs``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from deskcrm.models import Customer, CustomerKind, CustomerStatus
from deskcrm.models.base import from_milliseconds
from deskcrm.rules.customer_checks import FormField, form_fields, gaps
from deskcrm.rules.customer_words import label
from deskcrm.rules.masking import Masked, MaskKind, mask
from deskcrm.rules.money import Money
from deskcrm.rules.recurring_dates import next_occurrence
from deskcrm.rules.text import clean
from deskcrm.services.authority import allow, visible_customer
from deskcrm.services.customer_alerts import Alert, age_on, alerts_of
from deskcrm.services.desk import Desk

FactValue = str | int | date | Money | Masked

CHANNEL_MASKS = {
    "mobile": MaskKind.PHONE,
    "landline": MaskKind.PHONE,
    "email": MaskKind.EMAIL,
    "post": MaskKind.ADDRESS,
}
_NOT_FACTS = frozenset({"name", "mobile", "landline", "email", "wechat", "reviewed", "do_not_call"})
_COLUMNS = {
    "annual_income": "annual_income_minor",
    "registered_capital": "registered_capital_minor",
}

_PLACE = text("""
    SELECT coalesce(o.name, ''), b.name, t.label_id, t.cadence_days
      FROM customer c
      JOIN branch b ON b.id = c.branch_id
      LEFT JOIN officer o ON o.id = c.owner_id
      LEFT JOIN tier t ON t.code = c.tier AND t.valid_from <= :today
     WHERE c.id = :id ORDER BY t.valid_from DESC LIMIT 1""")
_CHANNELS = text("""
    SELECT id, kind, value, label, preferred, do_not_use FROM contact_channel
     WHERE customer_id = :id ORDER BY preferred DESC, kind, id""")
_DATES = text("""
    SELECT id, kind, calendar, month, day, key, label FROM important_date
     WHERE customer_id = :id ORDER BY month, day""")
_TAGS = text("""
    SELECT t.name FROM customer_tag ct JOIN tag t ON t.id = ct.tag_id
     WHERE ct.customer_id = :id ORDER BY t.name""")
_CONSENTS = text("""
    SELECT purpose, channel, granted, max(stated_at), source, expires_on FROM consent
     WHERE customer_id = :id GROUP BY purpose, channel""")
_BALANCES = text("""
    SELECT currency, count(*), sum(max(balance_minor, 0)), sum(min(balance_minor, 0))
      FROM account WHERE customer_id = :id AND status <> 'closed'
     GROUP BY currency ORDER BY currency""")
_NEXT_DUE = text("SELECT min(due_on) FROM followup WHERE customer_id = :id AND state = 'open'")


@dataclass(frozen=True, slots=True)
class Header:
    """Who the customer is, in a line or two. ``tier_label`` is a message id."""

    id: int
    name: str
    other_name: str
    kind: CustomerKind
    status: CustomerStatus
    number: str
    tier: str
    tier_label: str
    owner_name: str
    branch_name: str
    customer_since: date | None
    age: int | None
    phone: Masked | None
    identity_number: Masked | None


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of the file. ``label_id`` is a message id; so is ``value`` if it is a ``word``."""

    name: str
    label_id: str
    value: FactValue
    word: bool = False


@dataclass(frozen=True, slots=True)
class BalanceTotal:
    """The open accounts in one currency: what the customer has with us, and what they owe."""

    assets: Money
    debts: Money
    accounts: int


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A way to reach the customer."""

    id: int
    kind: str
    value: Masked
    label: str
    preferred: bool
    do_not_use: bool


@dataclass(frozen=True, slots=True)
class YearlyDateView:
    """A yearly date and when it is next observed; ``label_id`` is a message id."""

    id: int
    kind: str
    label_id: str
    calendar: str
    month: int
    day: int
    label: str
    next_on: date


@dataclass(frozen=True, slots=True)
class ConsentView:
    """The latest word on a purpose (and channel); ``valid`` says whether it is a consent today."""

    purpose: str
    label_id: str
    channel: str
    granted: bool
    valid: bool
    stated_at: datetime
    source: str
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The first tab. ``gaps`` are the message ids of expected fields that are empty."""

    facts: tuple[Fact, ...]
    gaps: tuple[str, ...]
    balances: tuple[BalanceTotal, ...]
    channels: tuple[ChannelView, ...]
    dates: tuple[YearlyDateView, ...]
    tags: tuple[str, ...]
    consents: tuple[ConsentView, ...]
    last_contact_on: date | None
    contact_count: int
    cadence_days: int | None
    next_due_on: date | None
    reviewed_on: date | None
    data_as_of: date | None


@dataclass(frozen=True, slots=True)
class Customer360:
    """A customer as one screen shows it. ``revision`` tells whether an edit is still current."""

    header: Header
    alerts: tuple[Alert, ...]
    overview: Overview
    revision: int


def customer_360(desk: Desk, customer_id: int) -> Customer360:
    """Everything on the first screen of a customer; sensitive values masked.

    Raises ``NotFoundError`` for a customer the officer may not see.
    """
    allow(desk, "customer.view")
    with desk.read() as session:
        customer = visible_customer(desk, session, customer_id)
        connection = session.connection()
        bound = {"id": customer_id, "today": desk.today().isoformat()}
        owner, branch, tier_label, cadence = connection.execute(_PLACE, bound).one()
        overview = _overview(connection, customer, desk.today(), cadence)
        header = Header(
            id=customer.id,
            name=customer.name,
            other_name=customer.other_name,
            kind=customer.kind,
            status=customer.status,
            number=customer.number or "",
            tier=customer.tier,
            tier_label=tier_label or customer.tier,
            owner_name=owner,
            branch_name=branch,
            customer_since=customer.opened_on,
            age=age_on(customer.born_on, desk.today()) if customer.born_on else None,
            phone=_phone(overview.channels),
            identity_number=_identity(customer),
        )
        alerts = alerts_of(connection, customer, desk.today())
        return Customer360(header, alerts, overview, customer.revision)


def channel_mask(kind: str, value: str) -> Masked:
    """A way to reach a customer, masked as its kind demands."""
    return mask(CHANNEL_MASKS.get(kind, MaskKind.OTHER), value)


def _phone(channels: tuple[ChannelView, ...]) -> Masked | None:
    phones = (c.value for c in channels if c.kind in {"mobile", "landline"})
    return next(phones, None)


def _identity(customer: Customer) -> Masked | None:
    if customer.kind is CustomerKind.CORPORATE:
        code = customer.credit_code
        return mask(MaskKind.CREDIT_CODE, code) if code else None
    return mask(MaskKind.IDENTITY, customer.id_number) if customer.id_number else None


def _overview(
    connection: Connection, customer: Customer, today: date, tier_cadence: int | None
) -> Overview:
    bound = {"id": customer.id}
    channels = tuple(
        ChannelView(
            row[0], row[1], channel_mask(row[1], row[2]), row[3], bool(row[4]), bool(row[5])
        )
        for row in connection.execute(_CHANNELS, bound)
    )
    kinds = {channel.kind for channel in channels}
    missing = gaps(
        customer.kind.value,
        lambda name: name in kinds or bool(getattr(customer, _COLUMNS.get(name, name), None)),
    )
    next_due = connection.execute(_NEXT_DUE, bound).scalar_one()
    return Overview(
        facts=tuple(_facts(customer)),
        gaps=tuple(wanted.label_id for wanted in missing),
        balances=tuple(
            BalanceTotal(Money(assets, currency), Money(-debts, currency), count)
            for currency, count, assets, debts in connection.execute(_BALANCES, bound)
        ),
        channels=channels,
        dates=tuple(_dates(connection, bound, today)),
        tags=tuple(connection.execute(_TAGS, bound).scalars()),
        consents=tuple(_consents(connection, bound, today)),
        last_contact_on=customer.last_contact_on,
        contact_count=customer.contact_count,
        cadence_days=customer.cadence_days or tier_cadence,
        next_due_on=as_date(next_due),
        reviewed_on=customer.reviewed_on,
        data_as_of=customer.data_as_of,
    )


def _facts(customer: Customer) -> Iterator[Fact]:
    for wanted in form_fields(customer.kind.value):
        value = getattr(customer, _COLUMNS.get(wanted.name, wanted.name), None)
        if value not in {None, ""} and wanted.name not in _NOT_FACTS:
            yield _fact(wanted, value)


def _fact(wanted: FormField, value: Any) -> Fact:
    if wanted.mask:
        return Fact(wanted.name, wanted.label_id, mask(wanted.mask, str(value)))
    if wanted.choices:
        code = str(value)
        return Fact(
            wanted.name, wanted.label_id, wanted.choices.get(code) or clean(code), word=True
        )
    return Fact(wanted.name, wanted.label_id, Money(value) if wanted.type == "money" else value)


def _dates(connection: Connection, bound: dict[str, int], today: date) -> Iterator[YearlyDateView]:
    for row in connection.execute(_DATES, bound):
        number, kind, calendar, month, day, key, name = row
        following = next_occurrence(key, today)
        words = label("yearly", kind)
        yield YearlyDateView(number, kind, words, calendar, month, day, name, following)


def _consents(connection: Connection, bound: dict[str, int], today: date) -> Iterator[ConsentView]:
    for purpose, channel, granted, stated_at, source, expires in connection.execute(
        _CONSENTS, bound
    ):
        expires_on = as_date(expires)
        yield ConsentView(
            purpose,
            label("consent", purpose),
            channel,
            bool(granted),
            bool(granted) and (expires_on is None or expires_on >= today),
            from_milliseconds(stated_at),
            source,
            expires_on,
        )


def as_date(value: str | None) -> date | None:
    """A date as a textual statement gives it."""
    return date.fromisoformat(value) if value else None
