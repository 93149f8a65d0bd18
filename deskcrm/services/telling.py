"""Telling of follow-ups whose promised or snoozed minute has come, each once; and the status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from deskcrm.clock import Clock
from deskcrm.models import ImportBatch, ScanState
from deskcrm.models.base import from_milliseconds, to_milliseconds
from deskcrm.vault.session import OpenVault

_CALLABLE = """
    AND (
      rule_code NOT IN (SELECT code FROM followup_rule WHERE needs_call = 1)
      OR customer_id NOT IN (SELECT id FROM customer WHERE do_not_call = 1)
    )
"""
_WAITING = """
    FROM followup INDEXED BY ix_followup_tell
    WHERE state = 'open' AND told_at IS NULL AND owner_id = :officer
      AND (defer_until IS NULL OR defer_until <= :today)
      AND coalesce(snooze_until, due_at) {when} :now
"""
_COMES_UP = "SELECT min(coalesce(snooze_until, due_at))" + _WAITING.format(when=">") + _CALLABLE
_HAS_COME = "SELECT id" + _WAITING.format(when="<=") + _CALLABLE
_TELL = f"UPDATE followup SET told_at = :now WHERE id IN ({_HAS_COME}) RETURNING id"
_DUE = (
    """
    SELECT count(*) FROM followup
    WHERE state = 'open' AND owner_id = :officer AND due_on <= :today
      AND (defer_until IS NULL OR defer_until <= :today)
      AND (snooze_until IS NULL OR snooze_until <= :now)
"""
    + _CALLABLE
)


@dataclass(frozen=True, slots=True)
class SchedulerStatus:
    """What the status bar says: instants in UTC, what is due by today, and the day that the
    newest file brought in speaks of."""

    last_scan_at: datetime | None
    next_callback_at: datetime | None
    due_count: int
    data_as_of: date | None = None


def tell_due(vault: OpenVault, clock: Clock, officer_id: int) -> int:
    """How many of the officer's follow-ups have come up and were not told of; now they are.

    Told is told: two programs on one vault never both get the same one.
    """
    values = _values(clock, officer_id)
    with vault.read() as session:
        if session.connection().execute(text(_HAS_COME + " LIMIT 1"), values).first() is None:
            return 0
    with vault.write(clock, action="tell") as work:
        return len(work.connection.execute(text(_TELL), values).all())


def scheduler_status(vault: OpenVault, clock: Clock, officer_id: int) -> SchedulerStatus:
    """When the last scan was, when the next follow-up comes up, and how many are due."""
    values = _values(clock, officer_id)
    with vault.read() as session:
        comes_up = session.connection().execute(text(_COMES_UP), values).scalar()
        due = session.connection().execute(text(_DUE), values).scalar_one()
        return SchedulerStatus(
            last_scan_at=_last_scan(session),
            next_callback_at=None if comes_up is None else from_milliseconds(comes_up),
            due_count=due,
            data_as_of=session.exec(select(func.max(col(ImportBatch.data_as_of)))).one(),
        )


def _last_scan(session: Session) -> datetime | None:
    return session.exec(select(func.min(col(ScanState.ran_at)))).one()


def _values(clock: Clock, officer_id: int) -> dict[str, object]:
    return {
        "officer": officer_id,
        "today": str(clock.today()),
        "now": to_milliseconds(clock.now()),
    }
