"""What was said and done with a customer: interactions, cases, documents."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field

from deskcrm.models.base import Code, Record, big, coded, instant, json_value, reference


class InteractionChannel(Code):
    PHONE = "phone"
    COUNTER = "counter"
    VISIT = "visit"
    SMS = "sms"
    WECHAT = "wechat"
    MAIL = "mail"
    APP = "app"
    OTHER = "other"


class Way(Code):
    """Who took the first step."""

    OUTGOING = "outgoing"
    INCOMING = "incoming"


class NextStep(Code):
    """What was promised; a promise raises a follow-up."""

    CALLBACK = "callback"
    VISIT = "visit"
    SEND = "send"
    OTHER = "other"


class Interaction(Record, table=True):
    """One contact or attempt. ``outcome`` is a disposition code of ``data/dispositions.toml``.

    ``reached`` says that it was a real contact, which resets the cadence from ``contact_on``.
    Either a next step with its date, or ``no_next_reason``, is filled in; after an attempt that
    keeps its follow-up open, ``next_on`` alone says when it is tried again. ``form_key`` names the
    form it was saved from, so that saving twice takes it down once.
    """

    __tablename__ = "interaction"
    __table_args__ = (
        Index("ix_interaction_customer", "customer_id", "at"),
        Index("ix_interaction_officer", "officer_id", "at"),
        Index(
            "ix_interaction_promise",
            "next_kind",
            "next_on",
            "customer_id",
            sqlite_where=text("next_kind IS NOT NULL"),
        ),
        Index("ix_interaction_batch", "batch_id"),
    )

    customer_id: int = reference("customer.id")
    officer_id: int | None = reference("officer.id", nullable=True)
    channel: InteractionChannel = coded(InteractionChannel)
    way: Way = coded(Way, default=Way.OUTGOING)
    at: datetime = instant()
    contact_on: date
    subject: str = ""
    notes: str = Field(default="", repr=False)
    outcome: str
    reached: bool = False
    satisfaction: int | None = None
    needs: Any = json_value()
    minutes: int | None = None
    next_kind: NextStep | None = coded(NextStep, nullable=True)
    next_on: date | None = None
    next_at: datetime | None = instant(nullable=True)
    next_note: str = Field(default="", repr=False)
    no_next_reason: str = ""
    followup_id: int | None = big()
    case_id: int | None = big()
    recorded_at: datetime = instant()
    form_key: str | None = Field(default=None, unique=True)
    batch_id: int | None = big()
    batch_line: int | None = None


class CaseKind(Code):
    COMPLAINT = "complaint"
    ENQUIRY = "enquiry"
    SUGGESTION = "suggestion"
    PRAISE = "praise"


class CaseState(Code):
    """The four steps of a complaint, in order."""

    RECORDED = "recorded"
    CONTACTED = "contacted"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Case(Record, table=True):
    """A complaint, enquiry or suggestion with its clock."""

    __tablename__ = "service_case"
    __table_args__ = (
        Index("ix_case_customer", "customer_id", "opened_on"),
        Index("ix_case_state", "state", "due_on"),
    )

    customer_id: int = reference("customer.id")
    kind: CaseKind = coded(CaseKind)
    channel: str = ""
    subject: str
    description: str = Field(default="", repr=False)
    state: CaseState = coded(CaseState, default=CaseState.RECORDED)
    handler_id: int | None = reference("officer.id", nullable=True)
    opened_on: date
    due_on: date | None = None
    contacted_on: date | None = None
    resolved_on: date | None = None
    closed_on: date | None = None
    root_cause: str = ""
    prevention: str = ""
    apology_given: bool = False
    compensation_minor: int | None = big()
    satisfaction: int | None = None


class Document(Record, table=True):
    """A document a customer showed; where the copy is and until when it is good."""

    __tablename__ = "document"
    __table_args__ = (
        Index("ix_document_customer", "customer_id"),
        Index("ix_document_expiry", "expires_on", "customer_id"),
    )

    customer_id: int = reference("customer.id")
    kind: str
    number: str | None = Field(default=None, repr=False)
    issued_on: date | None = None
    expires_on: date | None = None
    copy_held_at: str = ""
    seen_by_id: int | None = reference("officer.id", nullable=True)
    seen_on: date | None = None
    note: str = ""
