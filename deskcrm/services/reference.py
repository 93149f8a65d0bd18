"""Reference rows as they are in force on a day: rules and tiers, and the officers of the branch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from sqlmodel import Session, col, select

from deskcrm.models import FollowupRule, Officer, Tier
from deskcrm.services.authority import allow, authority_of
from deskcrm.services.desk import Desk


class _Dated(Protocol):
    code: str
    valid_from: date


_Row = TypeVar("_Row", bound=_Dated)


@dataclass(frozen=True, slots=True)
class OfficerChoice:
    """An officer who may be given work."""

    id: int
    login: str
    name: str


def rules_on(session: Session, day: date) -> dict[str, FollowupRule]:
    """The version of each rule in force on ``day``, by code; also those switched off."""
    rows = session.exec(select(FollowupRule).where(col(FollowupRule.valid_from) <= day))
    return _newest(rows)


def tiers_on(session: Session, day: date) -> dict[str, Tier]:
    """The version of each tier in force on ``day``, by code."""
    return _newest(session.exec(select(Tier).where(col(Tier.valid_from) <= day)))


def working_officers(session: Session) -> list[OfficerChoice]:
    """The active officers whose role sees customers, by name."""
    rows = session.exec(select(Officer).where(col(Officer.active)).order_by(col(Officer.name)))
    return [
        OfficerChoice(row.id, row.login, row.name)
        for row in rows
        if authority_of(row.role).scope != "none"
    ]


def colleagues(desk: Desk) -> tuple[OfficerChoice, ...]:
    """The officers to whom this one may hand work."""
    allow(desk, "followup.transfer")
    with desk.read() as session:
        return tuple(one for one in working_officers(session) if one.id != desk.officer.id)


def _newest(rows: Iterable[_Row]) -> dict[str, _Row]:
    return {row.code: row for row in sorted(rows, key=lambda row: row.valid_from)}
