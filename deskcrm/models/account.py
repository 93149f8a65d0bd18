"""Accounts, their holders, transactions, and the products behind them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from deskcrm.models.base import Code, Record, big, coded, json_value, reference


class Product(Record, table=True):
    """Something the bank offers; seeded from ``data/products.toml``. Risk levels R1 to R5."""

    __tablename__ = "product"

    code: str = Field(unique=True)
    name: str
    kind: str
    risk_level: str = "R1"
    currency: str = "CNY"
    rate_ppm: int | None = None
    term_days: int | None = None
    minimum_minor: int | None = big()
    audience: Any = json_value()
    on_sale_from: date | None = None
    on_sale_until: date | None = None
    source: str = ""


class Direction(Code):
    CREDIT = "credit"
    DEBIT = "debit"


class Account(Record, table=True):
    """An account or contract. ``rate_ppm`` is the yearly rate in millionths (1.5 % = 15,000)."""

    __tablename__ = "account"
    __table_args__ = (
        Index("ix_account_customer", "customer_id", "status"),
        Index("ix_account_matures", "matures_on", "customer_id"),
        Index("ix_account_batch", "batch_id"),
    )

    customer_id: int = reference("customer.id")
    number: str = Field(unique=True, repr=False)
    type: str = "current"
    account_class: str = ""
    currency: str = "CNY"
    balance_minor: int = big(default=0, nullable=False)
    rate_ppm: int | None = None
    opened_on: date | None = None
    matures_on: date | None = None
    status: str = "open"
    product_id: int | None = reference("product.id", nullable=True)
    data_as_of: date | None = None
    batch_id: int | None = big()
    batch_line: int | None = None


class AccountHolder(Record, table=True):
    """Somebody besides the owner who may use an account."""

    __tablename__ = "account_holder"
    __table_args__ = (
        UniqueConstraint("account_id", "customer_id"),
        Index("ix_account_holder_customer", "customer_id"),
    )

    account_id: int = reference("account.id")
    customer_id: int = reference("customer.id")
    role: str = "authorised"
    batch_id: int | None = big()


class Transaction(Record, table=True):
    """A booking on an account. The amount is positive; ``direction`` says which way it went.

    ``booked_time`` (HH:MM:SS) is empty when the source gave only a date.
    """

    __tablename__ = "account_transaction"
    __table_args__ = (Index("ix_transaction_account", "account_id", "booked_on"),)

    account_id: int = reference("account.id")
    reference: str | None = Field(default=None, unique=True)
    booked_on: date
    booked_time: str | None = None
    direction: Direction = coded(Direction)
    amount_minor: int = big(nullable=False)
    currency: str = "CNY"
    balance_after_minor: int | None = big()
    kind: str = ""
    category: str = ""
    counterparty: str = Field(default="", repr=False)
    channel: str = ""
    memo: str = Field(default="", repr=False)
    batch_id: int | None = big()
    batch_line: int | None = None
