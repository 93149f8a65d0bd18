"""What can honestly be computed about a customer now: contact, flows, balances, a shown score.

Nothing is forecast. The score is a sum anybody can redo by hand from the inputs beside it; its
weights are in ``data/insight.toml``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from typing import Any

from sqlalchemy import text

from deskcrm.models.base import to_milliseconds
from deskcrm.resources import load_toml
from deskcrm.rules.money import HOME_CURRENCY, Money
from deskcrm.services.customer_360 import as_date
from deskcrm.services.customer_accounts import MonthFlow, flows
from deskcrm.services.customer_tabs import reading
from deskcrm.services.desk import Desk

_CONTACTS = text("""
    SELECT c.last_contact_on, count(i.id), coalesce(sum(i.reached), 0)
      FROM customer c LEFT JOIN interaction i ON i.customer_id = c.id AND i.at >= :since
     WHERE c.id = :id
""")
_HOLDINGS = text("""
    SELECT coalesce(sum(max(balance_minor, 0)), 0), coalesce(sum(balance_minor), 0),
           count(DISTINCT type), min(data_as_of)
      FROM account WHERE customer_id = :id AND currency = :home AND status <> 'closed'
""")


@dataclass(frozen=True, slots=True)
class MonthBalance:
    """What the customer's accounts in the home currency held at the end of a month."""

    month: str
    balance: Money


@dataclass(frozen=True, slots=True)
class ScorePart:
    """One part of the score: ``points`` of ``most``, for ``value`` out of ``full_at``."""

    code: str
    label_id: str
    value: int
    full_at: int
    points: int
    most: int


@dataclass(frozen=True, slots=True)
class Insight:
    """Recency, frequency, flows, balances and the value score (0 to 100) with its parts.

    ``balances`` are counted back from today's balance by the bookings on file, so they are right
    only as far as those are complete. ``since`` is the first day that counts; ``data_as_of`` the
    oldest state of the accounts.
    """

    since: date
    data_as_of: date | None
    last_contact_on: date | None
    days_since_contact: int | None
    contacts: int
    reached: int
    bookings: int
    flows: tuple[MonthFlow, ...]
    balances: tuple[MonthBalance, ...]
    score: int
    parts: tuple[ScorePart, ...]


def insight(desk: Desk, customer_id: int) -> Insight:
    """The figures of the last twelve months, up to and with this one."""
    table = _table()
    today = desk.today()
    months = _months(today, table["months"])
    since = date.fromisoformat(f"{months[-1]}-01")
    begins = datetime.combine(since, time(), desk.clock.zone)
    with reading(desk, customer_id) as connection:
        bound = {"id": customer_id, "home": HOME_CURRENCY, "since": to_milliseconds(begins)}
        last, contacts, reached = connection.execute(_CONTACTS, bound).one()
        assets, balance, kinds, as_of = connection.execute(_HOLDINGS, bound).one()
        moved = flows(connection, customer_id, since)
    last_contact = as_date(last)
    bookings = sum(flow.bookings for flow in moved)
    values = {
        "assets": assets // 100,
        "products": kinds,
        "bookings": bookings // len(months),
        "contacts": reached,
    }
    parts = tuple(_part(row, values[row["code"]]) for row in table["part"])
    return Insight(
        since,
        as_date(as_of),
        last_contact,
        (today - last_contact).days if last_contact else None,
        contacts,
        reached,
        bookings,
        moved,
        tuple(_balances(months, balance, moved)),
        sum(part.points for part in parts),
        parts,
    )


@cache
def _table() -> dict[str, Any]:
    return load_toml("insight.toml")


def _months(today: date, count: int) -> list[str]:
    """The last ``count`` months as ``2026-11``, this one first."""
    last = today.year * 12 + today.month - 1
    return [f"{number // 12}-{number % 12 + 1:02d}" for number in range(last, last - count, -1)]


def _balances(
    months: Sequence[str], now: int, moved: Sequence[MonthFlow]
) -> Iterator[MonthBalance]:
    """Month ends counted back from today's balance, the latest first."""
    net = {
        flow.month: (flow.money_in - flow.money_out).minor
        for flow in moved
        if flow.money_in.currency == HOME_CURRENCY
    }
    for month in months:
        yield MonthBalance(month, Money(now))
        now -= net.get(month, 0)


def _part(row: Mapping[str, Any], value: int) -> ScorePart:
    full_at, most = row["full_at"], row["points"]
    points = min(value, full_at) * most // full_at
    return ScorePart(row["code"], row["label_id"], value, full_at, points, most)
