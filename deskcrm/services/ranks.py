"""The rank of open follow-ups: gathered from the data, kept on the row, brought up to date.

``score`` and ``terms`` on the row are the rank as of ``ranked_on``. A follow-up is ranked in the
transaction that touches it, and all open ones once a day; promises that press are ranked again
with every scan, because their rank changes with the hours.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from deskcrm.clock import Clock, local
from deskcrm.i18n import translate
from deskcrm.models import Followup, FollowupState
from deskcrm.models.base import to_json, to_milliseconds
from deskcrm.rules.ranking import (
    Rank,
    RankInputs,
    RankWords,
    Term,
    explain,
    load_weights,
    rank,
)
from deskcrm.services.reference import rules_on, tiers_on
from deskcrm.vault.session import OpenVault, UnitOfWork

CHUNK = 500
"""Rows a transaction, so that another writer never waits long."""

_HOOK_LIMIT = 50
"""A unit of work that touched more customers than this leaves their ranks to the next scan."""

_STANDING = """
    SELECT c.id, c.tier,
      EXISTS (
        SELECT 1 FROM service_case AS s
        WHERE s.customer_id = c.id AND s.kind = 'complaint' AND s.state <> 'closed'
      ) AS complaint_open,
      coalesce((
        SELECT sum(a.balance_minor) FROM account AS a
        WHERE a.customer_id = c.id AND a.status = 'open' AND a.currency = 'CNY'
          AND a.type NOT IN ('loan', 'credit_card')
      ), 0) AS balance_minor
    FROM customer AS c
    WHERE c.id IN (SELECT value FROM json_each(:ids))
"""
_STALE = """
    SELECT id FROM followup WHERE state = 'open' AND ranked_on IS NULL
    UNION ALL SELECT id FROM followup WHERE state = 'open' AND ranked_on < :today
    UNION ALL SELECT id FROM followup WHERE state = 'open' AND ranked_on > :today
    UNION SELECT id FROM followup WHERE state = 'open' AND due_at BETWEEN :since AND :until
"""
_RANKED_BY = (
    "id",
    "customer_id",
    "rule_code",
    "due_on",
    "due_at",
    "minutes",
    "attempts",
    "statutory",
)
_KEEP = "UPDATE followup SET score = :score, terms = :terms, ranked_on = :today WHERE id = :id"


@dataclass(frozen=True, slots=True)
class Reason:
    """One term of a rank, ready to be told in the language in force."""

    term: Term
    rule_title_id: str
    tier_label_id: str
    days_late: int
    attempts: int
    promised_for: str

    @property
    def text(self) -> str:
        words = RankWords(
            rule=translate(self.rule_title_id),
            tier=translate(self.tier_label_id),
            days_late=self.days_late,
            attempts=self.attempts,
            promised_for=self.promised_for,
        )
        return explain(self.term, words)


def pressing(now: datetime) -> tuple[datetime, datetime]:
    """Promised times between these are so near that their rank changes with the minutes."""
    bands = load_weights().promise
    widest = timedelta(minutes=max((band.within_minutes for band in bands), default=0))
    return now - timedelta(hours=2), now + widest + timedelta(hours=2)


def rank_rows(
    session: Session, rows: Sequence[Any], *, today: date, now: datetime
) -> dict[int, Rank]:
    """The rank of each follow-up (or row of ``_RANKED_BY``) as of now, by its id."""
    rules, tiers = rules_on(session, today), tiers_on(session, today)
    thresholds = sorted(tier.minimum_assets_minor for tier in tiers.values())
    customers = json.dumps(sorted({row.customer_id for row in rows}))
    standing = {
        found.id: found
        for found in session.connection().execute(text(_STANDING), {"ids": customers})
    }
    weights = load_weights()
    ranks = {}
    for row in rows:
        rule, customer = rules[row.rule_code], standing[row.customer_id]
        tier = tiers.get(customer.tier)
        inputs = RankInputs(
            statutory=row.statutory,
            value_points=rule.value_points,
            late_points=rule.late_points,
            minutes=max(row.minutes, 1),
            probability=rule.probability_permille,
            days_late=(today - row.due_on).days,
            tier_points=tier.points if tier else 0,
            minutes_to_promise=_minutes_until(row.due_at, now),
            attempts=row.attempts,
            complaint_open=bool(customer.complaint_open),
            balance_band=max(bisect_right(thresholds, customer.balance_minor) - 1, 0),
        )
        ranks[row.id] = rank(inputs, weights)
    return ranks


def reason(
    term: Term,
    row: Followup,
    *,
    rule_title_id: str,
    tier_label_id: str,
    clock: Clock,
    today: date,
) -> Reason:
    """A term of a follow-up's rank with what it is told with."""
    promised = ""
    if row.due_at is not None:
        at = local(row.due_at, clock)
        promised = f"{at:%H:%M}" if at.date() == today else f"{at:%Y-%m-%d %H:%M}"
    return Reason(
        term=term,
        rule_title_id=rule_title_id,
        tier_label_id=tier_label_id,
        days_late=(today - row.due_on).days,
        attempts=row.attempts,
        promised_for=promised,
    )


def rank_touched(work: UnitOfWork) -> None:
    """Derived data: the ranks of follow-ups that were touched, or whose customers were."""
    ids = set(work.touched.get("followup", ()))
    customers = work.touched.get("customer", set())
    if len(customers) <= _HOOK_LIMIT:
        of_customers = select(Followup.id).where(
            col(Followup.customer_id).in_(customers), Followup.state == FollowupState.OPEN
        )
        ids.update(work.session.exec(of_customers))
    for chunk in chunks(sorted(ids)):
        _rank_chunk(work, chunk)


def refresh_ranks(vault: OpenVault, clock: Clock, *, stop: Callable[[], bool]) -> int:
    """Rank all open follow-ups whose rank is not of today; how many there were."""
    since, until = pressing(clock.now())
    values = {
        "today": str(clock.today()),
        "since": to_milliseconds(since),
        "until": to_milliseconds(until),
    }
    with vault.read() as session:
        stale = list(session.connection().execute(text(_STALE), values).scalars())
    ranked = 0
    for chunk in chunks(stale):
        if stop():
            break
        with vault.write(clock, action="rank") as work:
            ranked += _rank_chunk(work, chunk)
    return ranked


def chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    """``ids`` in pieces of at most ``CHUNK``."""
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def _rank_chunk(work: UnitOfWork, ids: Sequence[int]) -> int:
    table = Followup.__table__  # type: ignore[attr-defined]
    still_open = table.select().with_only_columns(*(table.c[name] for name in _RANKED_BY))
    rows = work.connection.execute(
        still_open.where(table.c.id.in_(ids), table.c.state == FollowupState.OPEN)
    ).all()
    if not rows:
        return 0
    ranks = rank_rows(work.session, rows, today=work.today, now=work.now)
    kept = [
        {"id": key, "score": found.score, "terms": to_json(found.terms), "today": str(work.today)}
        for key, found in ranks.items()
    ]
    work.connection.execute(text(_KEEP), kept)
    return len(kept)


def _minutes_until(due_at: datetime | None, now: datetime) -> int | None:
    return None if due_at is None else (due_at - now) // timedelta(minutes=1)
