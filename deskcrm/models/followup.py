"""The work: follow-ups, the rules that raise them, and where each scan has got to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from deskcrm.models.base import Code, Record, big, coded, instant, json_value, reference


class FollowupState(Code):
    OPEN = "open"
    DONE = "done"
    DISMISSED = "dismissed"
    PARKED = "parked"


class FollowupRule(Record, table=True):
    """A dated row of a rule; its statement is in ``services/statements/<code>.sql``.

    Seeded from ``data/rules.toml``. ``minutes`` is the usual handling time; ``value_points`` and
    ``late_points`` feed the rank. A duty is raised ``lead_days`` ahead, and not at all when it is
    older than ``expires_after_days``. ``needs_call`` marks what do-not-call rules out.
    """

    __tablename__ = "followup_rule"
    __table_args__ = (UniqueConstraint("code", "valid_from"),)

    code: str
    title_id: str
    script_id: str = ""
    active: bool = True
    statutory: bool = False
    clock: str = "calendar"
    lead_days: int = 0
    expires_after_days: int | None = None
    minutes: int = 6
    value_points: int = 0
    late_points: int = 0
    probability_permille: int = 600
    maximum_attempts: int = 4
    single_open: bool = False
    needs_call: bool = False
    source: str = ""
    valid_from: date


class Followup(Record, table=True):
    """One duty towards one customer.

    ``due_on``/``due_at`` is the promise, ``defer_until`` hides it, ``snooze_until`` says when to
    tell again: three different things. ``rule_code`` and ``period`` make a duty unique for its
    customer, so that a scan can run any number of times. ``score`` and ``terms`` are the rank as
    of ``ranked_on``: derived, as is ``told_at``, when its officer was last told that it is due.
    """

    __tablename__ = "followup"
    __table_args__ = (
        UniqueConstraint("rule_code", "customer_id", "period"),
        Index(
            "ix_followup_queue",
            "owner_id",
            "due_on",
            "statutory",
            "score",
            "due_at",
            "defer_until",
            "snooze_until",
            "minutes",
            "rule_code",
            "customer_id",
            sqlite_where=text("state = 'open'"),
        ),
        Index(
            "ix_followup_tell",
            text("coalesce(snooze_until, due_at)"),
            "owner_id",
            sqlite_where=text("state = 'open' AND told_at IS NULL"),
        ),
        Index(
            "ix_followup_parked",
            "defer_until",
            sqlite_where=text("state = 'parked'"),
        ),
        Index(
            "ix_followup_ranked",
            "ranked_on",
            sqlite_where=text("state = 'open'"),
        ),
        Index(
            "ux_followup_single_open",
            "rule_code",
            "customer_id",
            unique=True,
            sqlite_where=text("state = 'open' AND single_open = 1"),
        ),
        Index("ix_followup_customer", "customer_id", "state", "due_on"),
    )

    derived: ClassVar[frozenset[str]] = frozenset(
        {"statutory", "score", "terms", "ranked_on", "told_at"}
    )

    customer_id: int = reference("customer.id")
    rule_code: str
    period: str
    title: str = ""
    note: str = Field(default="", repr=False)
    owner_id: int | None = reference("officer.id", nullable=True)
    state: FollowupState = coded(FollowupState, default=FollowupState.OPEN)
    single_open: bool = False
    due_on: date
    due_at: datetime | None = instant(nullable=True)
    due_revision: int = 0
    defer_until: date | None = None
    snooze_until: datetime | None = instant(nullable=True)
    minutes: int = 6
    attempts: int = 0
    maximum_attempts: int = 4
    last_attempt_at: datetime | None = instant(nullable=True)
    disposition: str = ""
    closing_reason: str = ""
    closed_at: datetime | None = instant(nullable=True)
    closed_by_id: int | None = big()
    origin_interaction_id: int | None = big()
    raised_at: datetime = instant()
    told_at: datetime | None = instant(nullable=True)
    statutory: bool = False
    score: int = 0
    terms: Any = json_value()
    ranked_on: date | None = None


class ScanState(Record, table=True):
    """What the last scan of a rule did."""

    __tablename__ = "scan_state"
    ledgered: ClassVar[bool] = False

    rule_code: str = Field(unique=True)
    through_on: date
    ran_at: datetime = instant()
    raised: int = 0
    milliseconds: int = 0
