"""The accounts and transactions of a customer, and what comes in and goes out by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from deskcrm.models import Direction
from deskcrm.rules.masking import Masked, MaskKind, mask
from deskcrm.rules.money import Money
from deskcrm.services.customer_360 import as_date
from deskcrm.services.customer_tabs import reading
from deskcrm.services.desk import Desk
from deskcrm.services.pages import PAGE_SIZE, Page, page_of

_ACCOUNTS = text("""
    SELECT a.id, a.number, a.type, a.account_class, coalesce(p.name, '') AS product, a.currency,
           a.balance_minor, a.rate_ppm, a.opened_on, a.matures_on, a.status, a.data_as_of,
           mine.role, coalesce(c.name, '') AS owner_name
      FROM (SELECT id AS account_id, 'owner' AS role FROM account WHERE customer_id = :id
            UNION ALL
            SELECT account_id, role FROM account_holder WHERE customer_id = :id) mine
      JOIN account a ON a.id = mine.account_id
      LEFT JOIN product p ON p.id = a.product_id
      LEFT JOIN customer c ON c.id = a.customer_id AND mine.role <> 'owner'
     ORDER BY mine.role <> 'owner', a.status <> 'open', a.opened_on, a.id
""")
_TRANSACTIONS = text("""
    SELECT t.id, t.booked_on, t.booked_time, t.direction, t.amount_minor, t.currency,
           t.balance_after_minor, t.kind, t.category, t.counterparty, t.channel, t.memo,
           a.number AS account
      FROM account a CROSS JOIN account_transaction t ON t.account_id = a.id
     WHERE a.customer_id = :id
     ORDER BY t.booked_on DESC, t.booked_time DESC, t.id DESC LIMIT :limit OFFSET :offset
""")
_FLOWS = text("""
    SELECT substr(t.booked_on, 1, 7) AS month, t.currency, count(*),
           sum(CASE t.direction WHEN 'credit' THEN t.amount_minor ELSE 0 END),
           sum(CASE t.direction WHEN 'debit' THEN t.amount_minor ELSE 0 END)
      FROM account a CROSS JOIN account_transaction t ON t.account_id = a.id
     WHERE a.customer_id = :id AND t.booked_on >= :since
     GROUP BY 1, 2 ORDER BY 1 DESC, 2
""")


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account of the customer's own (``role`` owner), or one of ``owner_name`` they may use.

    ``rate_ppm`` is the yearly rate in millionths.
    """

    id: int
    number: Masked
    type: str
    account_class: str
    product: str
    balance: Money
    rate_ppm: int | None
    opened_on: date | None
    matures_on: date | None
    status: str
    data_as_of: date | None
    role: str
    owner_name: str


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """A booking on one of the customer's own accounts; the amount is positive."""

    id: int
    booked_on: date
    booked_time: str
    direction: Direction
    amount: Money
    balance_after: Money | None
    kind: str
    category: str
    counterparty: str
    channel: str
    memo: str
    account: Masked


@dataclass(frozen=True, slots=True)
class MonthFlow:
    """What came in and went out in a month (``2026-11``) in one currency."""

    month: str
    money_in: Money
    money_out: Money
    bookings: int


def accounts(desk: Desk, customer_id: int) -> tuple[AccountRow, ...]:
    """All accounts: the customer's own, then those they may use, open ones first."""
    with reading(desk, customer_id) as connection:
        rows = connection.execute(_ACCOUNTS, {"id": customer_id}).mappings()
        return tuple(_account(dict(row)) for row in rows)


def transactions(
    desk: Desk, customer_id: int, *, offset: int = 0, limit: int = PAGE_SIZE
) -> Page[TransactionRow]:
    """The bookings on the customer's own accounts, the latest first."""
    bound = {"id": customer_id, "offset": offset, "limit": limit + 1}
    with reading(desk, customer_id) as connection:
        rows = connection.execute(_TRANSACTIONS, bound).mappings()
        return page_of([_transaction(dict(row)) for row in rows], offset, limit)


def monthly_flows(desk: Desk, customer_id: int, since: date) -> tuple[MonthFlow, ...]:
    """Totals in and out per month and currency from ``since`` on, the latest month first."""
    with reading(desk, customer_id) as connection:
        return flows(connection, customer_id, since)


def flows(connection: Connection, customer_id: int, since: date) -> tuple[MonthFlow, ...]:
    """As ``monthly_flows``, on an open connection."""
    bound = {"id": customer_id, "since": since.isoformat()}
    return tuple(
        MonthFlow(month, Money(money_in, currency), Money(money_out, currency), count)
        for month, currency, count, money_in, money_out in connection.execute(_FLOWS, bound)
    )


def _account(row: dict[str, Any]) -> AccountRow:
    row["balance"] = Money(row.pop("balance_minor"), row.pop("currency"))
    row["number"] = mask(MaskKind.ACCOUNT, row["number"])
    for name in ("opened_on", "matures_on", "data_as_of"):
        row[name] = as_date(row[name])
    return AccountRow(**row)


def _transaction(row: dict[str, Any]) -> TransactionRow:
    currency, after = row.pop("currency"), row.pop("balance_after_minor")
    row |= {
        "booked_on": as_date(row["booked_on"]),
        "booked_time": row["booked_time"] or "",
        "direction": Direction(row["direction"]),
        "amount": Money(row.pop("amount_minor"), currency),
        "balance_after": None if after is None else Money(after, currency),
        "account": mask(MaskKind.ACCOUNT, row["account"]),
    }
    return TransactionRow(**row)
