"""The order of the queue: the same for every limit.

A row keeps the part of its rank that stands still. What being late and a promise coming near add
to it is worked out in the statement that sorts, with the formula of ``rules/ranking.py``, so that
all that is due is compared as of now and only what is shown is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlmodel import Session, select

from deskcrm.errors import NotFoundError
from deskcrm.models import Officer
from deskcrm.models.base import to_milliseconds
from deskcrm.rules.ranking import Rank, Term, TermCode, load_weights
from deskcrm.services.authority import allow, authority_of
from deskcrm.services.desk import Desk
from deskcrm.services.ranks import stale_ranks, standing_ranks
from deskcrm.services.reference import rules_on

_MINUTE = 60_000
_DAY_SECONDS = 86_400
_CANDIDATES = """
    SELECT f.id, f.due_on, f.due_at, f.score, max(f.minutes, 1) AS minutes,
      CAST(:chances ->> f.rule_code AS INTEGER) AS chance
    FROM followup AS f
    WHERE f.state = 'open' AND f.owner_id IS {owner} AND f.due_on <= :until
      AND (f.defer_until IS NULL OR f.defer_until <= :today)
      AND (f.snooze_until IS NULL OR f.snooze_until <= :now)
      AND (
        f.rule_code NOT IN (SELECT value FROM json_each(:calls))
        OR f.customer_id NOT IN (SELECT id FROM customer WHERE do_not_call = 1)
      )
"""
_TOTALS = """
    SELECT
      count(*) AS total,
      coalesce(sum(q.due_on < :today OR q.due_at < :now), 0) AS overdue,
      coalesce(sum(q.minutes), 0) AS minutes
    FROM ({candidates}) AS q
"""
_SHARE = "(2 * ({points}) * q.chance + q.minutes) / (2 * q.minutes)"
_POINTS_LATE = f"""
    :per_day_late * min(
      max(unixepoch(:today) - unixepoch(q.due_on), 0) / {_DAY_SECONDS}, :days_late_at_most
    )
"""
_PLACES = """
    SELECT q.id, q.score, q.due_on, q.due_at, {late} AS late, {promise} AS promise
    FROM ({candidates}) AS q
    WHERE (NOT :only_now OR q.due_at IS NULL OR q.due_at <= :now)
      AND (q.id IN (SELECT value FROM json_each(:stale))) = :of_stale
    ORDER BY
      q.score + {late} + {promise} DESC, q.due_on, q.due_at IS NULL, q.due_at, q.id
    LIMIT :limit
"""


class Totals(NamedTuple):
    """How many follow-ups are to be considered, how many are late, and their minutes."""

    total: int
    overdue: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Place:
    """A follow-up in the queue with its score as of now.

    ``timed`` are the terms that change with time. ``standing`` are the others if they had to be
    worked out anew; else they are on the row.
    """

    id: int
    score: int
    timed: tuple[Term, ...]
    standing: tuple[Term, ...] | None


@dataclass(frozen=True, slots=True)
class Scope:
    """The statement of the follow-ups that are to be considered, and its values."""

    candidates: str
    values: dict[str, Any]


def scope_of(desk: Desk, session: Session, login: str | None, upcoming_days: int) -> Scope:
    """What is in the queue of the officer, or of the one with ``login``."""
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
    today = desk.today()
    rules = rules_on(session, today)
    values = {
        "owner": owner_id,
        "until": str(today + timedelta(days=upcoming_days)),
        "today": str(today),
        "now": to_milliseconds(desk.now()),
        "calls": json.dumps([code for code, rule in rules.items() if rule.needs_call]),
        "chances": json.dumps({code: rule.probability_permille for code, rule in rules.items()}),
    }
    return Scope(candidates, values)


def totals(session: Session, scope: Scope) -> Totals:
    """All that is in the queue, without a limit."""
    statement = text(_TOTALS.format(candidates=scope.candidates))
    return Totals(*session.connection().execute(statement, scope.values).one())


def best_places(
    desk: Desk, session: Session, scope: Scope, limit: int, *, only_now: bool = False
) -> list[Place]:
    """The first ``limit`` of the queue in order; ``only_now`` without promises for later today."""
    weights = load_weights()
    now = scope.values["now"]
    stale = stale_ranks(session, desk.today())
    values = {
        **scope.values,
        "per_day_late": weights.per_day_late,
        "days_late_at_most": weights.days_late_at_most,
        "only_now": only_now,
        "stale": json.dumps(stale),
        "of_stale": False,
        "limit": limit,
    }
    for n, band in enumerate(weights.promise):
        values |= {f"band_{n}": now + (band.within_minutes + 1) * _MINUTE, f"p_{n}": band.points}
    statement = text(_places_sql(scope.candidates, len(weights.promise)))
    connection = session.connection()
    rows = connection.execute(statement, values).all()
    anew: dict[int, Rank] = {}
    if stale:
        found = connection.execute(statement, {**values, "of_stale": True, "limit": -1}).all()
        anew = standing_ranks(session, [row.id for row in found], desk.today())
        rows = sorted([*rows, *found], key=lambda row: _order(row, anew))[:limit]
    return [_place(row, anew.get(row.id)) for row in rows]


def _order(row: Any, anew: Mapping[int, Rank]) -> tuple[Any, ...]:
    """The order of ``_PLACES``, with ranks that were made anew."""
    place = _place(row, anew.get(row.id))
    return -place.score, row.due_on, row.due_at is None, row.due_at, row.id


def _place(row: Any, anew: Rank | None) -> Place:
    shares = ((TermCode.DAYS_LATE, row.late), (TermCode.PROMISE, row.promise))
    return Place(
        id=row.id,
        score=(anew.score if anew else row.score) + row.late + row.promise,
        timed=tuple(Term(code, points) for code, points in shares if points),
        standing=anew.terms if anew else None,
    )


@cache
def _places_sql(candidates: str, bands: int) -> str:
    cases = " ".join(f"WHEN q.due_at < :band_{n} THEN :p_{n}" for n in range(bands))
    promised = f"CASE WHEN q.due_at IS NULL THEN 0 {cases} ELSE 0 END"
    return _PLACES.format(
        candidates=candidates,
        late=_SHARE.format(points=_POINTS_LATE),
        promise=_SHARE.format(points=promised),
    )
