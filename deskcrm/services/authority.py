"""Who may do what, and whose records they may see: one table in ``data/``, one door here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, false, true
from sqlmodel import Session, col, select

from deskcrm.errors import NotAllowedError, NotFoundError
from deskcrm.models import Customer, CustomerStatus, Followup, FollowupState, Role
from deskcrm.resources import load_toml
from deskcrm.services.desk import Desk


@dataclass(frozen=True, slots=True)
class Authority:
    """What a role may: the scope of records (none, own, branch) and the permitted actions."""

    scope: str
    permissions: frozenset[str]


@cache
def authority_of(role: Role) -> Authority:
    """The rights of a role, from ``data/authority.toml``."""
    table: dict[str, Any] = load_toml("authority.toml")
    row = table["roles"][role.value]
    granted = set(row.get("also", ()))
    for group in row["permissions"]:
        granted.update(table["permissions"][group])
    return Authority(row["scope"], frozenset(granted))


def may(desk: Desk, action: str) -> bool:
    """Whether the officer's role permits ``action``."""
    return action in authority_of(desk.officer.role).permissions


def allow(desk: Desk, action: str) -> None:
    """Refuse with ``NotAllowedError`` unless the officer may do ``action``."""
    if not may(desk, action):
        raise NotAllowedError


def visible(desk: Desk) -> ColumnElement[bool]:
    """The condition on ``Customer`` that keeps to the officer's record scope."""
    scope = authority_of(desk.officer.role).scope
    if scope == "branch":
        return true()
    if scope == "own":
        return col(Customer.owner_id) == desk.officer.id
    return false()


def visible_sql(desk: Desk, alias: str = "c") -> tuple[str, dict[str, Any]]:
    """The same condition for a textual statement where ``customer`` is called ``alias``."""
    scope = authority_of(desk.officer.role).scope
    if scope == "branch":
        return "1", {}
    if scope == "own":
        return f"{alias}.owner_id = :scope_officer", {"scope_officer": desk.officer.id}
    return "0", {}


def visible_customer(desk: Desk, session: Session, customer_id: int) -> Customer:
    """The customer, if it exists, is not merged away, and the officer may see it."""
    customer = session.get(Customer, customer_id)
    if customer is None or customer.status == CustomerStatus.MERGED:
        raise NotFoundError
    scope = authority_of(desk.officer.role).scope
    if scope == "branch" or (scope == "own" and customer.owner_id == desk.officer.id):
        return customer
    if scope == "own" and _in_hand(desk, session, customer_id):
        return customer
    raise NotFoundError


def _in_hand(desk: Desk, session: Session, customer_id: int) -> bool:
    """Whether the officer has an open follow-up of this customer, handed over by a colleague."""
    handed_over = select(Followup.id).where(
        Followup.customer_id == customer_id,
        Followup.owner_id == desk.officer.id,
        Followup.state == FollowupState.OPEN,
    )
    return session.exec(handed_over).first() is not None
