"""When a customer is contacted again: the cadence, further tries, and rest after the last one.

The figures are in ``data/followups.toml``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from deskcrm.resources import load_toml
from deskcrm.rules.working_days import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Daypart:
    """A part of the working day, by the branch's wall clock; ``label_id`` is a message id."""

    label_id: str
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class WorkingPolicy:
    """How follow-ups are worked: minutes a day for them, days of rest, parts of the day."""

    day_minutes: int
    park_days: int
    identity_notice_days: int
    dayparts: tuple[Daypart, ...]


@cache
def working_policy() -> WorkingPolicy:
    """The policy of ``data/followups.toml``."""
    table = load_toml("followups.toml")
    parts = tuple(Daypart(row["label_id"], row["from"], row["until"]) for row in table["daypart"])
    return WorkingPolicy(
        day_minutes=table["day_minutes"],
        park_days=table["park_days"],
        identity_notice_days=table["identity_notice_days"],
        dayparts=parts,
    )


def moved_anchor(anchor: date, contact_on: date) -> date:
    """From when the cadence counts after a contact; an older contact does not move it back."""
    return max(anchor, contact_on)


def next_try(
    tried_at: datetime, dayparts: tuple[Daypart, ...], calendar: WorkingCalendar
) -> datetime:
    """When to try again after nobody answered: the next part of a working day.

    ``tried_at`` and the result are the branch's wall clock, naive. It is always another part than
    the one tried: a later one of the same day, or else the first such of the next working day.
    """
    day, tried = tried_at.date(), tried_at.time()
    if calendar.is_working(day):
        for part in dayparts:
            if part.starts > tried:
                return datetime.combine(day, part.starts)
    another = next(part for part in dayparts if not part.starts <= tried < part.ends)
    return datetime.combine(calendar.next(day), another.starts)


def parked_until(day: date, policy: WorkingPolicy) -> date:
    """The day on which a follow-up parked on ``day`` after its last try comes back."""
    return day + timedelta(days=policy.park_days)
