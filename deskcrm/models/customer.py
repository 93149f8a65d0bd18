"""The customer: one table for individuals, companies and prospects, and what hangs on it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from deskcrm.models.base import Code, Record, big, coded, instant, json_value, reference


class CustomerKind(Code):
    INDIVIDUAL = "individual"
    CORPORATE = "corporate"
    PROSPECT = "prospect"


class Gender(Code):
    MALE = "male"
    FEMALE = "female"


class CustomerStatus(Code):
    DRAFT = "draft"
    ACTIVE = "active"
    RESTRICTED = "restricted"
    CLOSED = "closed"
    MERGED = "merged"


class IdentityDocument(Code):
    """Kinds of identity document; the number's rule depends on it."""

    RESIDENT_ID = "resident_id"
    HK_MACAU_TAIWAN_PERMIT = "hk_macau_taiwan_permit"
    FOREIGN_PERMANENT = "foreign_permanent"
    PASSPORT = "passport"
    MILITARY = "military"
    OTHER = "other"


class RiskClass(Code):
    """Due-diligence risk class of the customer."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class RiskTolerance(Code):
    """Result of the suitability assessment, conservative to aggressive."""

    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"
    C5 = "C5"


class Tier(Record, table=True):
    """A service tier with its contact cadence; seeded from ``data/tiers.toml``."""

    __tablename__ = "tier"
    __table_args__ = (UniqueConstraint("code", "valid_from"),)

    code: str
    label_id: str
    order: int
    cadence_days: int
    minimum_assets_minor: int = big(default=0, nullable=False)
    points: int = 0
    source: str = ""
    valid_from: date


class Customer(Record, table=True):
    """Who the branch knows: the fields of every kind in one row.

    ``tier`` is a tier code. ``cadence_anchor_on`` is the last real contact or, before the first
    one, the day the relationship was taken up; the quarterly update counts from it. Settling an
    update without a contact moves it too: the next round counts from that day.
    ``name_sort``, ``cadence_anchor_on``, ``data_completeness`` are derived.
    """

    __tablename__ = "customer"
    __table_args__ = (
        Index(
            "ix_customer_cadence",
            "tier",
            "cadence_anchor_on",
            "owner_id",
            "status",
            "do_not_call",
            "cadence_days",
            sqlite_where=text("status = 'active' AND do_not_call = 0 AND cadence_days IS NULL"),
        ),
        Index(
            "ix_customer_own_cadence",
            "cadence_anchor_on",
            "cadence_days",
            "owner_id",
            "status",
            "do_not_call",
            sqlite_where=text("status = 'active' AND do_not_call = 0 AND cadence_days IS NOT NULL"),
        ),
        Index("ix_customer_do_not_call", "owner_id", sqlite_where=text("do_not_call = 1")),
        Index("ix_customer_owner", "owner_id", "status", "name_sort"),
        Index("ix_customer_sort", "status", "name_sort"),
        Index("ix_customer_contact", "status", "last_contact_on"),
        Index("ix_customer_batch", "batch_id"),
    )

    derived: ClassVar[frozenset[str]] = frozenset({"name_sort"})

    kind: CustomerKind = coded(CustomerKind)
    number: str | None = Field(default=None, unique=True)
    name: str
    name_sort: str = ""
    other_name: str = ""
    status: CustomerStatus = coded(CustomerStatus, default=CustomerStatus.ACTIVE)
    branch_id: int = reference("branch.id")
    owner_id: int | None = reference("officer.id", nullable=True)
    tier: str = "standard"
    segment: str = ""
    opened_on: date | None = None
    source: str = ""
    collected_via: str = ""
    pinned_note: str = Field(default="", repr=False)
    special_care: str = ""
    do_not_call: bool = False
    language: str = ""

    gender: Gender | None = coded(Gender, nullable=True)
    born_on: date | None = Field(default=None, repr=False)
    id_type: IdentityDocument | None = coded(IdentityDocument, nullable=True)
    id_number: str | None = Field(default=None, index=True, repr=False)
    id_expires_on: date | None = Field(default=None, index=True)
    nationality: str = ""
    marital_status: str = ""
    education: str = ""
    occupation: str = ""
    employer: str = ""
    income_band: str = ""
    annual_income_minor: int | None = big()
    division_code: str = ""
    address: str = Field(default="", repr=False)
    postal_code: str = ""

    credit_code: str | None = Field(default=None, index=True)
    legal_representative: str = ""
    legal_representative_id: str | None = Field(default=None, repr=False)
    registered_capital_minor: int | None = big()
    founded_on: date | None = None
    industry: str = ""
    employee_count: int | None = None
    business_scope: str = ""
    operating_notes: str = Field(default="", repr=False)
    cooperation_since: date | None = None

    prospect_interest: str = ""
    prospect_feedback: str = Field(default="", repr=False)

    risk_class: RiskClass | None = coded(RiskClass, nullable=True)
    risk_tolerance: RiskTolerance | None = coded(RiskTolerance, nullable=True)
    risk_assessed_on: date | None = None
    reviewed_on: date | None = None
    data_as_of: date | None = None

    last_contact_on: date | None = None
    contact_count: int = 0
    cadence_days: int | None = None
    cadence_anchor_on: date
    value_score: int | None = None
    loyalty_score: int | None = None

    created_at: datetime = instant()
    updated_at: datetime = instant()
    revision: int = 1
    batch_id: int | None = big()
    batch_line: int | None = None
    merged_into_id: int | None = big()


class ChannelKind(Code):
    MOBILE = "mobile"
    LANDLINE = "landline"
    EMAIL = "email"
    WECHAT = "wechat"
    POST = "post"
    OTHER = "other"


class ContactChannel(Record, table=True):
    """A way to reach a customer. ``normalized`` is what searching and matching compare."""

    __tablename__ = "contact_channel"
    __table_args__ = (
        Index("ix_channel_customer", "customer_id", "kind", "preferred", "normalized"),
        Index("ix_channel_normalized", "normalized", "customer_id"),
    )

    customer_id: int = reference("customer.id")
    kind: ChannelKind = coded(ChannelKind)
    value: str = Field(repr=False)
    normalized: str = Field(repr=False)
    label: str = ""
    preferred: bool = False
    do_not_use: bool = False
    batch_id: int | None = big()


class DateCalendar(Code):
    SOLAR = "solar"
    LUNAR = "lunar"


class ImportantDate(Record, table=True):
    """A yearly date of a customer. ``key`` is ``S02-29`` or ``L08-15``."""

    __tablename__ = "important_date"
    __table_args__ = (
        Index("ix_important_date_customer", "customer_id"),
        Index("ix_important_date_key", "key", "customer_id"),
    )

    customer_id: int = reference("customer.id")
    kind: str = "birthday"
    calendar: DateCalendar = coded(DateCalendar, default=DateCalendar.SOLAR)
    month: int
    day: int
    year: int | None = None
    key: str
    label: str = ""


class FinancialStatement(Record, table=True):
    """A company's figures for one period, in minor units."""

    __tablename__ = "financial_statement"
    __table_args__ = (UniqueConstraint("customer_id", "period"),)

    customer_id: int = reference("customer.id")
    period: str
    currency: str = "CNY"
    revenue_minor: int | None = big()
    profit_minor: int | None = big()
    assets_minor: int | None = big()
    liabilities_minor: int | None = big()
    source: str = ""


class BalanceItem(Record, table=True):
    """Something a customer owns or owes outside the bank."""

    __tablename__ = "balance_item"
    __table_args__ = (Index("ix_balance_item_customer", "customer_id"),)

    customer_id: int = reference("customer.id")
    side: str
    category: str
    amount_minor: int = big(nullable=False)
    currency: str = "CNY"
    as_of: date
    note: str = ""


class Relation(Record, table=True):
    """A person or company around a customer; on our books or only by name."""

    __tablename__ = "relation"
    __table_args__ = (
        Index("ix_relation_customer", "customer_id"),
        Index("ix_relation_other", "other_customer_id"),
    )

    customer_id: int = reference("customer.id")
    other_customer_id: int | None = reference("customer.id", nullable=True)
    other_name: str = ""
    kind: str
    role: str = ""
    share_percent: int | None = None
    phone: str = Field(default="", repr=False)
    note: str = ""


class Consent(Record, table=True):
    """One statement of consent or refusal, by purpose and channel; the latest counts."""

    __tablename__ = "consent"
    __table_args__ = (
        Index("ix_consent_customer", "customer_id", "purpose", "channel", "stated_at"),
    )

    customer_id: int = reference("customer.id")
    purpose: str
    channel: str = ""
    granted: bool
    stated_at: datetime = instant()
    source: str = ""
    expires_on: date | None = None


class Tag(Record, table=True):
    """A label officers put on customers, or a rule does."""

    __tablename__ = "tag"

    name: str = Field(unique=True)
    made_by_rule: bool = False


class CustomerTag(Record, table=True):
    """A tag on a customer."""

    __tablename__ = "customer_tag"
    __table_args__ = (
        UniqueConstraint("customer_id", "tag_id"),
        Index("ix_customer_tag_tag", "tag_id"),
    )

    customer_id: int = reference("customer.id")
    tag_id: int = reference("tag.id")


class CustomField(Record, table=True):
    """A field a branch added to a kind of customer."""

    __tablename__ = "custom_field"
    __table_args__ = (UniqueConstraint("customer_kind", "key"),)

    customer_kind: CustomerKind = coded(CustomerKind)
    key: str
    label: str
    value_type: str
    choices: Any = json_value()
    required: bool = False
    active: bool = True


class CustomValue(Record, table=True):
    """The value of a custom field, as text in the field's canonical form."""

    __tablename__ = "custom_value"
    __table_args__ = (UniqueConstraint("customer_id", "field_id"),)

    customer_id: int = reference("customer.id")
    field_id: int = reference("custom_field.id")
    value: str = Field(repr=False)
