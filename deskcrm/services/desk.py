"""``Desk``: the one object that a service takes. Who acts, on which vault, at what time."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from sqlmodel import Session

from deskcrm.clock import Clock
from deskcrm.models import Role
from deskcrm.rules.working_days import WorkingCalendar
from deskcrm.vault.session import OpenVault, UnitOfWork


@dataclass(frozen=True, slots=True)
class Actor:
    """The officer who acts, and the branch."""

    id: int
    login: str
    name: str
    role: Role
    branch_id: int
    branch_name: str


@dataclass(frozen=True)
class Desk:
    """Everything a use case needs. Made once at unlock; a test makes one in a line."""

    officer: Actor
    vault: OpenVault
    clock: Clock
    demo: bool = False

    def read(self) -> AbstractContextManager[Session]:
        """A session on one snapshot of the database."""
        return self.vault.read()

    def write(self, action: str, *, reason: str = "") -> AbstractContextManager[UnitOfWork]:
        """A unit of work of this officer; leaving it commits, an exception rolls back."""
        return self.vault.write(
            self.clock, action=action, officer_id=self.officer.id, reason=reason
        )

    def today(self) -> date:
        """Today at the branch."""
        return self.clock.today()

    def now(self) -> datetime:
        """The present instant in UTC."""
        return self.clock.now()

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """Working days: the published calendars with what the branch added."""
        from deskcrm.services.calendars import branch_calendar

        return branch_calendar(self)

    def calendar_changed(self) -> None:
        """Read the calendar anew the next time it is asked for."""
        self.__dict__.pop("calendar", None)
