"""Today's queue: what an officer does next, ranked, each with its reasons."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from deskcrm.errors import NotFoundError
from deskcrm.models import (
    ChannelKind,
    ContactChannel,
    Customer,
    CustomerKind,
    Followup,
    Officer,
)
from deskcrm.models.base import to_milliseconds
from deskcrm.rules.cadence import working_policy
from deskcrm.rules.masking import Masked, MaskKind, mask
from deskcrm.rules.ranking import Rank, Term, TermCode, top_terms
from deskcrm.services.authority import allow, authority_of
from deskcrm.services.desk import Desk
from deskcrm.services.followups import in_care
from deskcrm.services.ranks import Reason, pressing, rank_rows, reason
from deskcrm.services.reference import rules_on, tiers_on

SHOWN_TERMS = 3
_PRESSING_AT_MOST = 50
_LATEST = datetime.max.replace(tzinfo=UTC)
_CALLABLE = (ChannelKind.MOBILE, ChannelKind.LANDLINE)
_CANDIDATES = """
    SELECT f.id, f.due_on, f.due_at, f.score, f.minutes
    FROM followup AS f
    WHERE f.state = 'open' AND f.owner_id IS {owner} AND f.due_on <= :until
      AND (f.defer_until IS NULL OR f.defer_until <= :today)
      AND (f.snooze_until IS NULL OR f.snooze_until <= :now)
      AND (
        f.rule_code NOT IN (SELECT value FROM json_each(:calls))
        OR f.customer_id NOT IN (SELECT id FROM customer WHERE do_not_call = 1)
      )
"""
_SUMMARY = """
    SELECT
      count(*) AS total,
      coalesce(sum(q.due_on < :today OR q.due_at < :now), 0) AS overdue,
      coalesce(sum(q.minutes), 0) AS minutes
    FROM ({candidates}) AS q
"""
_PAGE = """
    SELECT q.id FROM ({candidates}) AS q
    WHERE NOT :only_now OR q.due_at IS NULL OR q.due_at <= :now
    ORDER BY
      coalesce(q.due_at BETWEEN :since AND :until_pressing, 0) DESC, q.score DESC, q.due_on, q.id
    LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class Capacity:
    """The work of the day in minutes beside the time there is for it.

    ``fits`` is how many items, from the top, can be done today.
    """

    minutes: int
    day_minutes: int
    fits: int

    def as_json(self) -> dict[str, Any]:
        return {"minutes": self.minutes, "day_minutes": self.day_minutes, "fits": self.fits}


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One line of the queue. ``title`` is a message id of the rule, or a person's own words.

    ``days_late`` is negative before the due day. ``attempts`` of ``maximum_attempts`` were made.
    ``reasons`` are the largest terms of the score. ``phone`` is masked and nothing without one.
    """

    id: int
    customer_id: int
    customer_name: str
    customer_kind: CustomerKind
    tier: str
    tier_label_id: str
    rule_code: str
    title: str
    due_on: date
    due_at: datetime | None
    days_late: int
    attempts: int
    maximum_attempts: int
    minutes: int
    statutory: bool
    score: int
    reasons: tuple[Reason, ...]
    phone: Masked | None
    last_contact_on: date | None

    def as_json(self, rank: int) -> dict[str, Any]:
        """The object of ``queue --json``; ``rank`` is the item's place, from 1."""
        return {
            "id": str(self.id),
            "customer": {"id": str(self.customer_id), "name": self.customer_name},
            "rule": self.rule_code,
            "due_on": self.due_on.isoformat(),
            "due_at": self.due_at.isoformat() if self.due_at else None,
            "state": "open",
            "rank": rank,
            "score": self.score,
            "reasons": [
                {"term": why.term.code.value, "points": why.term.points, "text": why.text}
                for why in self.reasons
            ],
            "attempts": self.attempts,
            "maximum_attempts": self.maximum_attempts,
        }


@dataclass(frozen=True, slots=True)
class Queue:
    """The queue: at most ``limit`` items of ``total``, of which ``overdue`` are late."""

    items: tuple[QueueItem, ...]
    total: int
    overdue: int
    capacity: Capacity

    def as_json(self) -> dict[str, Any]:
        """The object that ``queue --json`` prints."""
        return {
            "items": [item.as_json(rank) for rank, item in enumerate(self.items, 1)],
            "total": self.total,
            "overdue": self.overdue,
            "capacity": self.capacity.as_json(),
        }


def queue(
    desk: Desk,
    *,
    officer_login: str | None = None,
    limit: int = 500,
    include_upcoming_days: int = 0,
) -> Queue:
    """The officer's open follow-ups due by today, best first.

    Deferred and snoozed ones are left out, and calls to customers who must not be called. Another
    officer's queue needs ``followup.view_others``. Who sees the whole branch also gets follow-ups
    that fall to nobody.
    """
    allow(desk, "customer.view")
    with desk.read() as session:
        scope = _scope(desk, session, officer_login, include_upcoming_days)
        total, overdue, minutes = (
            session.connection()
            .execute(text(_SUMMARY.format(candidates=scope.candidates)), scope.values)
            .one()
        )
        items = _items(desk, session, _best(desk, session, scope, limit))
    return Queue(items, total, overdue, _capacity(items, minutes))


def why(desk: Desk, followup_id: int) -> tuple[Reason, ...]:
    """All reasons of a follow-up's score as of now, the largest first, also those against it."""
    allow(desk, "customer.view")
    with desk.read() as session:
        found = session.exec(
            select(Followup, Customer.tier)
            .join(Customer, col(Customer.id) == Followup.customer_id)
            .where(Followup.id == followup_id, in_care(desk))
        ).first()
        if found is None:
            raise NotFoundError
        row, tier = found
        ranked = rank_rows(session, [row], today=desk.today(), now=desk.now())[row.id]
        telling = Telling(desk, session)
        terms = sorted(ranked.terms, key=lambda term: -term.points)
        return tuple(telling.reason(term, row, tier) for term in terms)


def next_in_queue(desk: Desk, session: Session, *, after: int | None = None) -> int | None:
    """The follow-up to work next: the best whose time has come, and not the one just worked."""
    scope = _scope(desk, session, None, 0)
    best = _best(desk, session, scope, 2, only_now=True)
    return next((row.id for row, _ in best if row.id != after), None)


class Telling:
    """Tells reasons with the titles of rules and tiers in force today."""

    def __init__(self, desk: Desk, session: Session) -> None:
        self._clock = desk.clock
        self._today = desk.today()
        self._rules = rules_on(session, desk.today())
        self._tiers = tiers_on(session, desk.today())

    def reason(self, term: Term, row: Followup, tier: str) -> Reason:
        """A term of the rank of ``row``, whose customer is of ``tier``."""
        return reason(
            term,
            row,
            rule_title_id=self.title(row),
            tier_label_id=self.tier_label(tier),
            clock=self._clock,
            today=self._today,
        )

    def title(self, row: Followup) -> str:
        """The message id of the rule's title, or a person's own words."""
        return row.title or self._rules[row.rule_code].title_id

    def tier_label(self, code: str) -> str:
        """The message id of a tier's name; an unknown code stands for itself."""
        return self._tiers[code].label_id if code in self._tiers else code

    def script(self, row: Followup) -> str:
        """The message id of what to say."""
        return self._rules[row.rule_code].script_id


@dataclass(frozen=True, slots=True)
class _Scope:
    candidates: str
    values: dict[str, Any]


def _scope(desk: Desk, session: Session, login: str | None, upcoming_days: int) -> _Scope:
    """The statement of the follow-ups that are to be considered, and its values."""
    owner_id, branch = desk.officer.id, authority_of(desk.officer.role).scope == "branch"
    if login is not None and login != desk.officer.login:
        allow(desk, "followup.view_others")
        owner = session.exec(select(Officer).where(Officer.login == login)).first()
        if owner is None:
            raise NotFoundError
        owner_id, branch = owner.id, False
    candidates = _CANDIDATES.format(owner=":owner")
    if branch:
        candidates += " UNION ALL " + _CANDIDATES.format(owner="NULL")
    calls = [code for code, rule in rules_on(session, desk.today()).items() if rule.needs_call]
    values = {
        "owner": owner_id,
        "until": str(desk.today() + timedelta(days=upcoming_days)),
        "today": str(desk.today()),
        "now": to_milliseconds(desk.now()),
        "calls": json.dumps(calls),
    }
    return _Scope(candidates, values)


def _best(
    desk: Desk, session: Session, scope: _Scope, limit: int, *, only_now: bool = False
) -> list[tuple[Followup, Rank]]:
    """The best follow-ups, ranked as of now.

    The order on the rows is of their last ranking. Promises that press are taken in whatever their
    place, and what is old is ranked anew here; then the order is made again.
    """
    since, until = pressing(desk.now())
    ids = session.connection().execute(
        text(_PAGE.format(candidates=scope.candidates)),
        {
            **scope.values,
            "only_now": only_now,
            "since": to_milliseconds(since),
            "until_pressing": to_milliseconds(until),
            "limit": limit + _PRESSING_AT_MOST,
        },
    )
    rows = session.exec(select(Followup).where(col(Followup.id).in_(ids.scalars().all()))).all()
    today = desk.today()
    old = [row for row in rows if row.ranked_on != today or row.due_at]
    anew = rank_rows(session, old, today=today, now=desk.now()) if old else {}
    ranked = [(row, anew.get(row.id) or _kept(row)) for row in rows]
    ranked.sort(
        key=lambda pair: (-pair[1].score, pair[0].due_on, pair[0].due_at or _LATEST, pair[0].id)
    )
    return ranked[:limit]


def _kept(row: Followup) -> Rank:
    return Rank(row.score, tuple(Term(TermCode(code), points) for code, points in row.terms))


def _items(
    desk: Desk, session: Session, best: Sequence[tuple[Followup, Rank]]
) -> tuple[QueueItem, ...]:
    ids = {row.customer_id for row, _ in best}
    found = session.connection().execute(
        select(
            col(Customer.id),
            col(Customer.name),
            col(Customer.kind),
            col(Customer.tier),
        )
        .add_columns(col(Customer.last_contact_on))
        .where(col(Customer.id).in_(ids))
    )
    customers = {customer.id: customer for customer in found}
    phones = phones_of(session, ids)
    telling = Telling(desk, session)
    today = desk.today()
    items = []
    for row, ranked in best:
        customer = customers[row.customer_id]
        phone = phones.get(row.customer_id)
        items.append(
            QueueItem(
                id=row.id,
                customer_id=row.customer_id,
                customer_name=customer.name,
                customer_kind=customer.kind,
                tier=customer.tier,
                tier_label_id=telling.tier_label(customer.tier),
                rule_code=row.rule_code,
                title=telling.title(row),
                due_on=row.due_on,
                due_at=row.due_at,
                days_late=(today - row.due_on).days,
                attempts=row.attempts,
                maximum_attempts=row.maximum_attempts,
                minutes=row.minutes,
                statutory=row.statutory,
                score=ranked.score,
                reasons=tuple(
                    telling.reason(term, row, customer.tier)
                    for term in top_terms(ranked, SHOWN_TERMS)
                ),
                phone=phone.number if phone else None,
                last_contact_on=customer.last_contact_on,
            )
        )
    return tuple(items)


@dataclass(frozen=True, slots=True)
class Phone:
    """A number to call, masked, and the contact channel it stands in."""

    channel_id: int
    number: Masked

    def __str__(self) -> str:
        return str(self.number)


def phones_of(session: Session, customers: Collection[int]) -> dict[int, Phone]:
    """The number to call each customer at: the preferred one, else the first."""
    channels = session.exec(
        select(ContactChannel.customer_id, ContactChannel.id, ContactChannel.value)
        .where(col(ContactChannel.customer_id).in_(customers))
        .where(col(ContactChannel.kind).in_(_CALLABLE), ~col(ContactChannel.do_not_use))
        .order_by(col(ContactChannel.preferred), col(ContactChannel.id).desc())
    )
    return {
        customer_id: Phone(channel_id, mask(MaskKind.PHONE, value))
        for customer_id, channel_id, value in channels
    }


def _capacity(items: Sequence[QueueItem], minutes: int) -> Capacity:
    day_minutes = working_policy().day_minutes
    running = accumulate(item.minutes for item in items)
    return Capacity(minutes, day_minutes, sum(total <= day_minutes for total in running))
