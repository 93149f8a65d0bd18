"""Scans: follow-ups are derived from the data, each duty exactly once.

A rule is a row of ``followup_rule`` and a statement in ``statements/<code>.sql`` that selects the
duties there are and no follow-up yet is for: customer, period, owner, due date. The unique key over
rule, customer and period makes it safe to run a scan twice, in two programs, after a crash or after
months. A scan first finds the customers concerned without a lock, then raises their follow-ups in
short transactions that look again.

What a change makes due is raised in its own transaction. So once a scan has looked at all days up
to one, which ``through_on`` says, the next looks at the days since then only, unless the rules or
tiers are others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, text
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from deskcrm.clock import Clock
from deskcrm.i18n import N_
from deskcrm.models import Customer, Followup, FollowupRule, FollowupState, ScanState
from deskcrm.models.base import from_milliseconds, to_milliseconds
from deskcrm.services.desk import Desk
from deskcrm.services.ranks import CHUNK, chunks, refresh_ranks
from deskcrm.services.reference import rules_on, tiers_on
from deskcrm.vault.ids import STEP
from deskcrm.vault.session import OpenVault, UnitOfWork

CADENCE_RULE = "quarterly_update"
CONTACTED_MEANWHILE = N_("The customer was contacted meanwhile.")
SUPERSEDED = N_("A newer follow-up of the same kind is open.")

_FEW = 50
"""Up to so many customers are looked at one by one, so that undo can take each follow-up back."""

_NEVER = date.min

_FOLDER = Path(__file__).parent / "statements"
_MARK = "/* subjects */"
_VIA = re.compile(r"/\* via (\w+), subjects (\w+) \*/")
_SUBJECTS = "AND c.id IN (SELECT value FROM json_each(:subjects))"
_RAISE = """
    INSERT INTO followup (
      id, customer_id, rule_code, period, owner_id, due_on, due_at, note, origin_interaction_id,
      single_open, statutory, minutes, maximum_attempts, raised_at
    )
    SELECT
      :first + row_number() OVER () * :step, d.customer_id, :code, d.period, d.owner_id, d.due_on,
      d.due_at, d.note, d.origin_interaction_id,
      :single_open, :statutory, :minutes, :maximum_attempts, :now
    FROM ({duties}) AS d
    WHERE TRUE
    ON CONFLICT DO NOTHING
    RETURNING id
"""
_NOTE = """
    INSERT INTO scan_state (id, rule_code, through_on, ran_at, raised, milliseconds)
    SELECT coalesce(max(id), 0) + 1, :code, coalesce(:through, :never), :now, :raised, :milliseconds
    FROM scan_state
    WHERE TRUE
    ON CONFLICT (rule_code) DO UPDATE SET
      through_on = coalesce(:through, through_on), ran_at = excluded.ran_at,
      raised = excluded.raised, milliseconds = excluded.milliseconds
"""
_LOOK_AGAIN_FROM = "UPDATE scan_state SET through_on = :day WHERE through_on > :day"
_PARKED = """
    SELECT id FROM followup WHERE state = 'parked' AND defer_until <= :today
    ORDER BY defer_until LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class RuleScan:
    """What the scan of one rule did."""

    code: str
    raised: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class ScanReport:
    """What a scan did. ``complete`` is false when it was asked to stop before its end."""

    rules: tuple[RuleScan, ...]
    complete: bool = True

    @property
    def raised(self) -> int:
        return sum(rule.raised for rule in self.rules)

    def as_json(self) -> dict[str, Any]:
        """The object that ``scheduler run --once --json`` prints."""
        rules = [
            {"rule": rule.code, "raised": rule.raised, "ms": rule.milliseconds}
            for rule in self.rules
        ]
        return {"rules": rules, "raised": self.raised}


def never() -> bool:
    """The ``stop`` of a scan that nobody stops."""
    return False


def run_scans(desk: Desk) -> ScanReport:
    """Scan now. Any officer may: a scan acts as the system and its result is the same for all."""
    return scan_vault(desk.vault, desk.clock)


def scan_vault(vault: OpenVault, clock: Clock, *, stop: Callable[[], bool] = never) -> ScanReport:
    """Raise what is due by every rule, wake what was parked, and rank what is open.

    ``stop`` is asked between two transactions; what is left then is found by the next scan.
    """
    with vault.read() as session:
        rules = [rule for rule in rules_on(session, clock.today()).values() if rule.active]
    done = []
    for rule in rules:
        if statement_of(rule.code) and not stop():
            done.append(_scan_rule(vault, clock, rule, stop))
    if not stop():
        _wake_parked(vault, clock)
    refresh_ranks(vault, clock, stop=stop)
    return ScanReport(tuple(done), complete=not stop())


def run_rules_for(work: UnitOfWork, customer_id: int) -> list[Followup]:
    """Bring one customer's follow-ups up to date inside a unit of work; returns those raised.

    An update that a contact has settled meanwhile is closed first.
    """
    work.session.flush()
    customer = work.session.get(Customer, customer_id)
    if customer is None:
        return []
    _settle(work, customer)
    work.session.flush()
    raised = []
    for rule in rules_on(work.session, work.today).values():
        if rule.active and statement_of(rule.code):
            raised += [
                work.add(_followup(work, rule, duty)) for duty in _duties(work, rule, customer_id)
            ]
    work.session.flush()
    return raised


def run_rules_for_many(work: UnitOfWork, customer_ids: Sequence[int]) -> None:
    """``run_rules_for`` of any number of customers, with a few statements for each ``CHUNK``."""
    work.session.flush()
    rules = [rule for rule in rules_on(work.session, work.today).values() if rule.active]
    for chunk in chunks(customer_ids):
        stale = _stale_updates().where(col(Followup.customer_id).in_(chunk))
        for followup in work.session.exec(stale):
            close_unworked(work, followup, CONTACTED_MEANWHILE)
        work.session.flush()
        for rule in rules:
            if statement_of(rule.code):
                _raise(work, rule, chunk, duty_bounds(rule, work.today))


def raise_for_touched(work: UnitOfWork) -> None:
    """Derived data: what a change of customers makes due, in the same transaction.

    A change of rules or tiers lets the next scan look at everything.
    """
    customers = sorted(work.touched.get("customer", ()))
    if len(customers) > _FEW:
        run_rules_for_many(work, customers)
    else:
        for customer_id in customers:
            run_rules_for(work, customer_id)
    if work.touched.keys() & {"followup_rule", "tier"}:
        work.connection.execute(text(_LOOK_AGAIN_FROM), {"day": str(_NEVER)})
    elif customers:
        # Only what is due by now was raised, and a scan may have run by a clock that was wrong.
        work.connection.execute(text(_LOOK_AGAIN_FROM), {"day": str(work.today)})


@cache
def statement_of(code: str) -> str | None:
    """The statement that selects a rule's duties, or nothing for follow-ups that people add."""
    path = _FOLDER / f"{code}.sql"
    return path.read_text(encoding="utf-8") if path.is_file() else None


def duties_sql(code: str, *, subjects: bool) -> str:
    """A rule's statement over all customers, or over the JSON array ``:subjects`` of their ids.

    The indexes named in it are taken, because SQLite cannot know how many rows there are.
    """
    statement = (statement_of(code) or "").replace(_MARK, _SUBJECTS if subjects else "")

    def index(found: re.Match[str]) -> str:
        name = found[2] if subjects else found[1]
        return "NOT INDEXED" if name == "rowid" else f"INDEXED BY {name}"

    return _VIA.sub(index, statement)


def raise_sql(code: str) -> str:
    """The statement that raises the follow-ups of the customers in ``:subjects``."""
    return _RAISE.format(duties=duties_sql(code, subjects=True))


def duty_bounds(rule: FollowupRule, today: date, *, through: date | None = None) -> dict[str, str]:
    """The days on which a duty is due that the rule raises today.

    ``through`` is the day of a scan that looked at everything before. Its own day is looked at
    again: a change that began before midnight may have been committed after that scan.
    """
    since = date.min
    if rule.expires_after_days is not None:
        since = today - timedelta(days=rule.expires_after_days)
    if through is not None:
        since = max(since, through + timedelta(days=rule.lead_days))
    until = today + timedelta(days=rule.lead_days)
    return {"today": str(today), "from_on": str(since), "to_on": str(until)}


def _scan_rule(
    vault: OpenVault, clock: Clock, rule: FollowupRule, stop: Callable[[], bool]
) -> RuleScan:
    started, today = clock.monotonic(), clock.today()
    with vault.read() as session:
        versions = _versions(session, today)
        through = _scanned_through(session, rule.code, versions, today)
        bounds = duty_bounds(rule, today, through=through)
        concerned = _concerned(session.connection(), rule, bounds)
    raised = 0
    for chunk in chunks(concerned):
        if stop():
            break
        with vault.write(clock, action="scan") as work:
            raised += _raise(work, rule, chunk, bounds)
    whole = not stop()
    scan = RuleScan(rule.code, raised, round((clock.monotonic() - started) * 1000))
    with vault.write(clock, action="scan") as work:
        whole = whole and _versions(work.session, today) == versions
        _note_scan(work, scan, through=today if whole else None)
    return scan


def _versions(session: Session, day: date) -> list[dict[str, Any]]:
    """The rules and tiers in force, to see whether they are the same as before."""
    rows = [*rules_on(session, day).values(), *tiers_on(session, day).values()]
    return [row.model_dump() for row in rows]


def _scanned_through(
    session: Session, code: str, versions: Sequence[dict[str, Any]], today: date
) -> date | None:
    """Through which day everything was looked at with the rules and tiers in force, if at all."""
    state = session.exec(select(ScanState).where(ScanState.rule_code == code)).first()
    newest = max(version["valid_from"] for version in versions)
    return state.through_on if state and newest <= state.through_on <= today else None


def _concerned(connection: Connection, rule: FollowupRule, bounds: dict[str, str]) -> list[int]:
    duties = duties_sql(rule.code, subjects=False)
    rows = connection.execute(text(f"SELECT d.customer_id FROM ({duties}) AS d"), bounds)
    return list(dict.fromkeys(rows.scalars()))


def _raise(
    work: UnitOfWork, rule: FollowupRule, customers: Sequence[int], bounds: dict[str, str]
) -> int:
    values = {
        **bounds,
        "subjects": json.dumps(customers),
        "first": work.first_bulk_id(),
        "step": STEP,
        "code": rule.code,
        "single_open": rule.single_open,
        "statutory": rule.statutory,
        "minutes": rule.minutes,
        "maximum_attempts": rule.maximum_attempts,
        "now": to_milliseconds(work.now),
    }
    raised = list(work.connection.execute(text(raise_sql(rule.code)), values).scalars())
    if raised:
        work.record_bulk(
            "insert_many",
            "followup",
            count=len(raised),
            first=min(raised),
            last=max(raised),
            rule=rule.code,
        )
    for followup_id in raised:
        work.touch("followup", followup_id)
    return len(raised)


def _note_scan(work: UnitOfWork, scan: RuleScan, *, through: date | None) -> None:
    values = {
        "code": scan.code,
        "through": through and str(through),
        "never": str(_NEVER),
        "now": to_milliseconds(work.now),
        "raised": scan.raised,
        "milliseconds": scan.milliseconds,
    }
    work.connection.execute(text(_NOTE), values)


def _duties(work: UnitOfWork, rule: FollowupRule, customer_id: int) -> list[Any]:
    values = {**duty_bounds(rule, work.today), "subjects": json.dumps([customer_id])}
    return list(work.connection.execute(text(duties_sql(rule.code, subjects=True)), values))


def _followup(work: UnitOfWork, rule: FollowupRule, duty: Any) -> Followup:
    return Followup(
        customer_id=duty.customer_id,
        rule_code=rule.code,
        period=duty.period,
        owner_id=duty.owner_id,
        due_on=date.fromisoformat(duty.due_on),
        due_at=None if duty.due_at is None else from_milliseconds(duty.due_at),
        note=duty.note,
        origin_interaction_id=duty.origin_interaction_id,
        single_open=rule.single_open,
        statutory=rule.statutory,
        minutes=rule.minutes,
        maximum_attempts=rule.maximum_attempts,
        raised_at=work.now,
    )


def _settle(work: UnitOfWork, customer: Customer) -> None:
    """Close the updates that were raised before the customer's last contact."""
    for followup in work.session.exec(_stale_updates().where(Followup.customer_id == customer.id)):
        close_unworked(work, followup, CONTACTED_MEANWHILE)


def _stale_updates() -> SelectOfScalar[Followup]:
    """The updates to do whose customer was contacted after they were raised."""
    return (
        select(Followup)
        .join(Customer, col(Customer.id) == Followup.customer_id)
        .where(
            Followup.rule_code == CADENCE_RULE,
            col(Followup.state).in_((FollowupState.OPEN, FollowupState.PARKED)),
            col(Followup.period) < func.date(Customer.cadence_anchor_on),
        )
    )


def close_unworked(work: UnitOfWork, followup: Followup, reason: str) -> None:
    """Close a follow-up that needs no work any more; ``reason`` is a message id."""
    followup.state = FollowupState.DONE
    followup.closing_reason = reason
    followup.closed_at = work.now
    followup.closed_by_id = work.officer_id


def _wake_parked(vault: OpenVault, clock: Clock) -> None:
    """Open again what was parked until today, with its attempts counted anew."""
    due = {"today": str(clock.today()), "most": CHUNK}
    with vault.read() as session:
        if session.connection().execute(text(_PARKED), due).first() is None:
            return
    with vault.write(clock, action="scan") as work:
        ids = work.connection.execute(text(_PARKED), due).scalars().all()
        for followup in work.session.exec(select(Followup).where(col(Followup.id).in_(ids))):
            if followup.single_open and _another_open(work, followup):
                close_unworked(work, followup, SUPERSEDED)
                continue
            followup.state = FollowupState.OPEN
            followup.attempts = 0
            followup.defer_until = None
            work.session.flush()


def _another_open(work: UnitOfWork, followup: Followup) -> bool:
    same = select(Followup.id).where(
        Followup.customer_id == followup.customer_id,
        Followup.rule_code == followup.rule_code,
        Followup.state == FollowupState.OPEN,
    )
    return work.session.exec(same).first() is not None
