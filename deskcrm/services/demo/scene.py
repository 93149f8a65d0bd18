"""What the makers of the demo branch share: chance, the date, the officers, the working days."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from deskcrm.models import CustomerKind, Gender
from deskcrm.rules.working_days import WorkingCalendar
from deskcrm.services.demo.dice import Deck, Dice, Weighted
from deskcrm.services.demo.rows import Rows

HISTORY_DAYS = 730
_INTEREST_MONTHS = (3, 6, 9, 12)
_INTEREST_DAY = 21
_REMEMBERED = 40


class Days:
    """The two years before ``today``. Day 0 is the oldest; ``HISTORY_DAYS`` is today."""

    def __init__(self, today: date, calendar: WorkingCalendar) -> None:
        self.today = today
        self.start = today - timedelta(days=HISTORY_DAYS)
        days = [self.start + timedelta(days=n) for n in range(HISTORY_DAYS + 1)]
        self.iso = [day.isoformat() for day in days]
        self.working = [day for day in days if calendar.is_working(day) and day < today]
        self.interest = [
            n
            for n, day in enumerate(days)
            if day.day == _INTEREST_DAY and day.month in _INTEREST_MONTHS
        ]
        self.of_month: dict[int, list[int]] = {n: [] for n in range(1, 32)}
        for n, day in enumerate(days[:-1]):
            self.of_month[day.day].append(n)

    def number(self, day: date) -> int:
        """Which day of the history this is; negative before it."""
        return (day - self.start).days

    def working_on_or_before(self, day: date) -> date:
        """The last working day of the history up to ``day``, or its first one."""
        return self.working[max(bisect_right(self.working, day) - 1, 0)]

    def working_on_or_after(self, day: date) -> date:
        """The first working day of the history from ``day`` on, or its last one."""
        return self.working[min(bisect_left(self.working, day), len(self.working) - 1)]


@dataclass(frozen=True, slots=True)
class Step:
    """A service tier: from which assets on, and how often its customers are contacted."""

    code: str
    minimum_minor: int
    cadence_days: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A product of the branch."""

    id: int
    rate_ppm: int | None
    term_days: int | None


@dataclass(frozen=True, slots=True)
class Branch:
    """What the database knows before the first customer: officers, tiers, products, labels."""

    id: int
    owners: Weighted[int]
    supervisor_id: int
    tiers: list[Step]
    products: dict[str, Offer]
    tags: dict[str, int]
    custom_fields: dict[str, int]


@dataclass(slots=True)
class Client:
    """A customer in the making. ``fields`` is the row; the rest is what others need to know."""

    id: int
    serial: int
    kind: CustomerKind
    name: str
    owner_id: int
    opened_on: date
    gender: Gender | None = None
    born_on: date | None = None
    married: bool = False
    monthly_minor: int = 0
    assets_minor: int = 0
    phone: str = ""
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Scene:
    """The stage that customers are put on. Every unit of work brings its own ``rows``.

    ``met`` are the last persons, from whom spouses and legal representatives are taken.
    """

    dice: Dice
    days: Days
    branch: Branch
    zone: ZoneInfo
    standings: Deck[str]
    rows: Rows = field(init=False)
    met: deque[Client] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    accounts: int = 0
    companies: int = 0

    @property
    def today(self) -> date:
        return self.days.today

    def at(self, day: date, hour: int, minute: int) -> datetime:
        """An instant of the branch's wall clock."""
        return datetime.combine(day, time(hour, minute), tzinfo=self.zone).astimezone(UTC)

    def office_hours(self, day: date) -> datetime:
        """Some instant while the branch is open."""
        return self.at(day, self.dice.between(9, 16), self.dice.between(0, 59))

    def tier_of(self, assets_minor: int) -> Step:
        """The highest tier that these assets reach."""
        reached = [step for step in self.branch.tiers if step.minimum_minor <= assets_minor]
        return reached[-1] if reached else self.branch.tiers[0]
