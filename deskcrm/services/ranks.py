"""The rank of open follow-ups: gathered from the data, kept on the row, brought up to date.

``score`` and ``terms`` on the row are the *standing* rank: all but what changes with the hours and
days, which the queue adds when it is read. So a row is ranked in the transaction that changes what
its rank depends on, and again when another version of the rules or tiers comes into force.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from deskcrm.clock import Clock
from deskcrm.i18n import translate
from deskcrm.models import Followup, FollowupState
from deskcrm.models.base import to_json
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

_RENEWED_AT_MOST = 200
"""Ranks that a scan makes anew although nothing is known to be wrong with them."""

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
    UNION ALL SELECT id FROM followup WHERE state = 'open' AND ranked_on > :today
    UNION ALL SELECT id FROM followup WHERE state = 'open' AND ranked_on < (
      SELECT max(valid_from) FROM (
        SELECT valid_from FROM followup_rule UNION ALL SELECT valid_from FROM tier
      ) WHERE valid_from <= :today
    )
"""
_OLDEST = """
    SELECT id FROM followup WHERE state = 'open' AND ranked_on < :today
    ORDER BY ranked_on LIMIT :most
"""
_OPEN_OF = """
    SELECT f.id FROM json_each(:customers) AS wanted
    CROSS JOIN followup AS f ON f.customer_id = wanted.value AND f.state = 'open'
"""
_FORGET_ALL = "UPDATE followup SET ranked_on = NULL WHERE state = 'open'"
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


def rank_rows(
    session: Session, rows: Sequence[Any], *, today: date, now: datetime
) -> dict[int, Rank]:
    """The whole rank of each follow-up as of now, by its id."""
    return _ranks(session, rows, today, now)


def standing_ranks(session: Session, ids: Sequence[int], today: date) -> dict[int, Rank]:
    """What does not change with time of the ranks of those follow-ups that are open."""
    table = Followup.__table__  # type: ignore[attr-defined]
    found = table.select().with_only_columns(*(table.c[name] for name in _RANKED_BY))
    wanted = found.where(table.c.id.in_(ids), table.c.state == FollowupState.OPEN)
    rows = session.connection().execute(wanted).all()
    return _ranks(session, rows, today, None) if rows else {}


def stale_ranks(session: Session, today: date) -> list[int]:
    """The open follow-ups whose rank is missing or of other rules and tiers than are in force."""
    return list(session.connection().execute(text(_STALE), {"today": str(today)}).scalars())


def _ranks(
    session: Session, rows: Sequence[Any], today: date, now: datetime | None
) -> dict[int, Rank]:
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
            days_late=(today - row.due_on).days if now else 0,
            tier_points=tier.points if tier else 0,
            minutes_to_promise=_minutes_until(row.due_at, now) if now else None,
            attempts=row.attempts,
            complaint_open=bool(customer.complaint_open),
            balance_band=max(bisect_right(thresholds, customer.balance_minor) - 1, 0),
        )
        ranks[row.id] = rank(inputs, weights)
    return ranks


def rank_touched(work: UnitOfWork) -> None:
    """Derived data: the ranks of follow-ups that were touched, or whose customers were.

    A change of the rules or tiers leaves all ranks to the next scan, and to the queue meanwhile.
    """
    if work.touched.keys() & {"followup_rule", "tier"}:
        work.connection.execute(text(_FORGET_ALL))
    ids = set(work.touched.get("followup", ()))
    customers = {"customers": json.dumps(sorted(work.touched.get("customer", ())))}
    ids.update(work.connection.execute(text(_OPEN_OF), customers).scalars())
    for chunk in chunks(sorted(ids)):
        _rank_chunk(work, chunk)


def refresh_ranks(vault: OpenVault, clock: Clock, *, stop: Callable[[], bool]) -> int:
    """Rank the open follow-ups whose rank is stale; how many were ranked.

    Some more go with each scan, those ranked longest ago, so that nothing stays wrong for long
    whatever made it so: other weights in a new version of the program, for one.
    """
    with vault.read() as session:
        ids = stale_ranks(session, clock.today())
        oldest = {"today": str(clock.today()), "most": _RENEWED_AT_MOST}
        ids += session.connection().execute(text(_OLDEST), oldest).scalars()
    ranked = 0
    for chunk in chunks(list(dict.fromkeys(ids))):
        if stop():
            break
        with vault.write(clock, action="rank") as work:
            ranked += _rank_chunk(work, chunk)
    return ranked


def chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    """``ids`` in pieces of at most ``CHUNK``."""
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def _rank_chunk(work: UnitOfWork, ids: Sequence[int]) -> int:
    kept = [
        {"id": key, "score": found.score, "terms": to_json(found.terms), "today": str(work.today)}
        for key, found in standing_ranks(work.session, ids, work.today).items()
    ]
    if kept:
        work.connection.execute(text(_KEEP), kept)
    return len(kept)


def _minutes_until(due_at: datetime | None, now: datetime) -> int | None:
    return None if due_at is None else (due_at - now) // timedelta(minutes=1)
