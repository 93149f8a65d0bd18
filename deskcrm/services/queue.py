"""Today's queue: what an officer does next, ranked, each with its reasons."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from deskcrm.clock import local
from deskcrm.errors import NotFoundError
from deskcrm.models import ChannelKind, ContactChannel, Customer, CustomerKind, Followup
from deskcrm.models.base import from_milliseconds
from deskcrm.rules.cadence import working_policy
from deskcrm.rules.masking import Masked, MaskKind, mask
from deskcrm.rules.ranking import Rank, Term, TermCode, top_terms
from deskcrm.services.authority import allow
from deskcrm.services.desk import Desk
from deskcrm.services.followups import in_care
from deskcrm.services.queue_order import Place, best_places, scope_of, totals
from deskcrm.services.ranks import Reason, rank_rows
from deskcrm.services.reference import rules_on, tiers_on

SHOWN_TERMS = 3
_CALLABLE = (ChannelKind.MOBILE, ChannelKind.LANDLINE)
_ITEMS = """
    SELECT
      f.id, f.customer_id, f.rule_code, f.title, f.due_on, f.due_at, f.attempts,
      f.maximum_attempts, f.minutes, f.statutory, f.terms, c.name, c.kind, c.tier,
      c.last_contact_on,
      (
        SELECT p.value FROM contact_channel AS p
        WHERE p.customer_id = c.id AND p.kind IN ('mobile', 'landline') AND NOT p.do_not_use
        ORDER BY p.preferred DESC, p.id LIMIT 1
      ) AS phone
    FROM json_each(:ids) AS wanted
    CROSS JOIN followup AS f ON f.id = wanted.value
    CROSS JOIN customer AS c ON c.id = f.customer_id
    ORDER BY wanted.key
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
    ``terms`` are the largest of the score; ``reasons`` tells them. ``phone`` is masked, and nothing
    without one.
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
    terms: tuple[Term, ...]
    promised_for: str
    phone: Masked | None
    last_contact_on: date | None

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why the item stands where it does, the largest reason first."""
        return tuple(
            Reason(
                term,
                self.title,
                self.tier_label_id,
                self.days_late,
                self.attempts,
                self.promised_for,
            )
            for term in self.terms
        )

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
        scope = scope_of(desk, session, officer_login, include_upcoming_days)
        total, overdue, minutes = totals(session, scope)
        items = _items(desk, session, best_places(desk, session, scope, limit))
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
    scope = scope_of(desk, session, None, 0)
    best = best_places(desk, session, scope, 2, only_now=True)
    return next((place.id for place in best if place.id != after), None)


class Telling:
    """Tells reasons with the titles of rules and tiers in force today."""

    def __init__(self, desk: Desk, session: Session) -> None:
        self._clock = desk.clock
        self._today = desk.today()
        self._rules = rules_on(session, desk.today())
        self._tiers = tiers_on(session, desk.today())

    def reason(self, term: Term, row: Followup, tier: str) -> Reason:
        """A term of the rank of ``row``, whose customer is of ``tier``."""
        return Reason(
            term=term,
            rule_title_id=self.title(row),
            tier_label_id=self.tier_label(tier),
            days_late=(self._today - row.due_on).days,
            attempts=row.attempts,
            promised_for=self.promised_for(row.due_at),
        )

    def promised_for(self, due_at: datetime | None) -> str:
        """The promised minute as it is told, with its day unless that is today."""
        if due_at is None:
            return ""
        at = local(due_at, self._clock)
        return f"{at:%H:%M}" if at.date() == self._today else f"{at:%Y-%m-%d %H:%M}"

    def title(self, row: Any) -> str:
        """The message id of the rule's title, or a person's own words."""
        return row.title or self._rules[row.rule_code].title_id

    def tier_label(self, code: str) -> str:
        """The message id of a tier's name; an unknown code stands for itself."""
        return self._tiers[code].label_id if code in self._tiers else code

    def script(self, row: Followup) -> str:
        """The message id of what to say."""
        return self._rules[row.rule_code].script_id


def _items(desk: Desk, session: Session, places: Sequence[Place]) -> tuple[QueueItem, ...]:
    """The lines to show, in the order of ``places``: one statement, and plain rows."""
    rows = session.connection().execute(
        text(_ITEMS), {"ids": json.dumps([place.id for place in places])}
    )
    telling = Telling(desk, session)
    today = desk.today()
    items = []
    for row, place in zip(rows, places, strict=True):
        due_on = date.fromisoformat(row.due_on)
        due_at = None if row.due_at is None else from_milliseconds(row.due_at)
        items.append(
            QueueItem(
                id=row.id,
                customer_id=row.customer_id,
                customer_name=row.name,
                customer_kind=CustomerKind(row.kind),
                tier=row.tier,
                tier_label_id=telling.tier_label(row.tier),
                rule_code=row.rule_code,
                title=telling.title(row),
                due_on=due_on,
                due_at=due_at,
                days_late=(today - due_on).days,
                attempts=row.attempts,
                maximum_attempts=row.maximum_attempts,
                minutes=row.minutes,
                statutory=bool(row.statutory),
                score=place.score,
                terms=_shown_terms(place, row.terms),
                promised_for=telling.promised_for(due_at),
                phone=mask(MaskKind.PHONE, row.phone) if row.phone is not None else None,
                last_contact_on=row.last_contact_on and date.fromisoformat(row.last_contact_on),
            )
        )
    return tuple(items)


def _shown_terms(place: Place, kept: str | None) -> tuple[Term, ...]:
    standing = place.standing
    if standing is None:
        standing = tuple(Term(TermCode(code), points) for code, points in json.loads(kept or "[]"))
    return top_terms(Rank(place.score, standing + place.timed), SHOWN_TERMS)


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
