"""Tabs of the customer view: follow-ups, cases, documents, relations; in pages, from indexes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, text

from deskcrm.models import CaseKind, CaseState, FollowupState
from deskcrm.models.base import from_milliseconds
from deskcrm.rules.customer_words import label
from deskcrm.rules.masking import Masked, MaskKind, mask
from deskcrm.services.authority import allow, visible_customer, visible_sql
from deskcrm.services.customer_360 import as_date
from deskcrm.services.desk import Desk
from deskcrm.services.pages import PAGE_SIZE, Page, page_of

_FOLLOWUPS = text("""
    SELECT f.id, f.rule_code,
           coalesce((SELECT r.title_id FROM followup_rule r WHERE r.code = f.rule_code
                      ORDER BY r.valid_from DESC LIMIT 1), f.rule_code) AS title_id,
           f.title, f.note, f.state, f.due_on, f.due_at, f.defer_until,
           coalesce(o.name, '') AS owner_name, f.attempts, f.disposition, f.closing_reason,
           f.closed_at
      FROM followup f LEFT JOIN officer o ON o.id = f.owner_id
     WHERE f.customer_id = :id
     ORDER BY f.state <> 'open', CASE f.state WHEN 'open' THEN f.due_on END,
              coalesce(f.closed_at, 0) DESC, f.id DESC
     LIMIT :limit OFFSET :offset
""")
_CASES = text("""
    SELECT k.id, k.kind, k.subject, k.description, k.channel, k.state, k.opened_on, k.due_on,
           k.closed_on, coalesce(o.name, '') AS handler_name
      FROM service_case k LEFT JOIN officer o ON o.id = k.handler_id
     WHERE k.customer_id = :id ORDER BY k.opened_on DESC, k.id DESC LIMIT :limit OFFSET :offset
""")
_DOCUMENTS = text("""
    SELECT d.id, d.kind, d.number, d.issued_on, d.expires_on, d.copy_held_at,
           coalesce(o.name, '') AS seen_by, d.seen_on, d.note
      FROM document d LEFT JOIN officer o ON o.id = d.seen_by_id
     WHERE d.customer_id = :id ORDER BY d.id DESC LIMIT :limit OFFSET :offset
""")
_RELATIONS = """
    SELECT r.id, r.kind, iif({scope}, c.id, NULL) AS customer_id,
           coalesce(c.name, r.other_name) AS name, r.role, r.share_percent, r.phone, r.note,
           0 AS incoming
      FROM relation r LEFT JOIN customer c ON c.id = r.other_customer_id
     WHERE r.customer_id = :id
    UNION ALL
    SELECT r.id, r.kind, iif({scope}, c.id, NULL), c.name, r.role, r.share_percent, '', '', 1
      FROM relation r JOIN customer c ON c.id = r.customer_id
     WHERE r.other_customer_id = :id
     ORDER BY 9, 1 LIMIT :limit OFFSET :offset
"""


@dataclass(frozen=True, slots=True)
class FollowupRow:
    """A duty, open or closed; ``title_id`` is its rule's message id, ``title`` its own words."""

    id: int
    rule_code: str
    title_id: str
    title: str
    note: str
    state: FollowupState
    due_on: date
    due_at: datetime | None
    defer_until: date | None
    owner_name: str
    attempts: int
    disposition: str
    closing_reason: str
    closed_at: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A complaint, enquiry, suggestion or praise."""

    id: int
    kind: CaseKind
    subject: str
    description: str
    channel: str
    state: CaseState
    opened_on: date
    due_on: date | None
    closed_on: date | None
    handler_name: str
    late: bool


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document that was seen; ``label_id`` is a message id."""

    id: int
    kind: str
    label_id: str
    number: Masked | None
    issued_on: date | None
    expires_on: date | None
    expired: bool
    copy_held_at: str
    seen_by: str
    seen_on: date | None
    note: str


@dataclass(frozen=True, slots=True)
class RelationRow:
    """Somebody around the customer.

    ``customer_id`` is theirs if they are on our books and the officer may see them. ``incoming``
    rows were written down at the other one: they call this customer their ``kind``.
    """

    id: int
    kind: str
    label_id: str
    customer_id: int | None
    name: str
    role: str
    share_percent: int | None
    phone: Masked | None
    note: str
    incoming: bool


@contextmanager
def reading(desk: Desk, customer_id: int) -> Iterator[Connection]:
    """A connection for reading about a customer whom the officer may see."""
    allow(desk, "customer.view")
    with desk.read() as session:
        visible_customer(desk, session, customer_id)
        yield session.connection()


def followups(
    desk: Desk, customer_id: int, *, offset: int = 0, limit: int = PAGE_SIZE
) -> Page[FollowupRow]:
    """Open duties by due date, then closed ones, the latest first."""
    today = desk.today()
    with reading(desk, customer_id) as connection:
        rows = _page(connection, _FOLLOWUPS, customer_id, offset, limit)
    return page_of([_followup(row, today) for row in rows], offset, limit)


def cases(
    desk: Desk, customer_id: int, *, offset: int = 0, limit: int = PAGE_SIZE
) -> Page[CaseRow]:
    """Complaints and the like, the latest first."""
    today = desk.today()
    with reading(desk, customer_id) as connection:
        rows = _page(connection, _CASES, customer_id, offset, limit)
    return page_of([_case(row, today) for row in rows], offset, limit)


def documents(
    desk: Desk, customer_id: int, *, offset: int = 0, limit: int = PAGE_SIZE
) -> Page[DocumentRow]:
    """Documents that were seen, the latest first."""
    today = desk.today()
    with reading(desk, customer_id) as connection:
        rows = _page(connection, _DOCUMENTS, customer_id, offset, limit)
    return page_of([_document(row, today) for row in rows], offset, limit)


def relations(
    desk: Desk, customer_id: int, *, offset: int = 0, limit: int = PAGE_SIZE
) -> Page[RelationRow]:
    """People and companies around the customer, in both directions."""
    scope, values = visible_sql(desk)
    statement = text(_RELATIONS.format(scope=scope))
    with reading(desk, customer_id) as connection:
        rows = _page(connection, statement, customer_id, offset, limit, **values)
    return page_of([_relation(row) for row in rows], offset, limit)


def _page(
    connection: Connection, statement: Any, customer_id: int, offset: int, limit: int, **more: Any
) -> list[dict[str, Any]]:
    bound = {**more, "id": customer_id, "offset": offset, "limit": limit + 1}
    return [dict(row) for row in connection.execute(statement, bound).mappings()]


def _followup(row: dict[str, Any], today: date) -> FollowupRow:
    due_on, closed_at, due_at = as_date(row["due_on"]), row["closed_at"], row["due_at"]
    row |= {
        "state": FollowupState(row["state"]),
        "due_on": due_on,
        "due_at": None if due_at is None else from_milliseconds(due_at),
        "defer_until": as_date(row["defer_until"]),
        "closed_at": None if closed_at is None else from_milliseconds(closed_at),
        "late": row["state"] == FollowupState.OPEN and due_on is not None and due_on < today,
    }
    return FollowupRow(**row)


def _case(row: dict[str, Any], today: date) -> CaseRow:
    due_on = as_date(row["due_on"])
    row |= {
        "kind": CaseKind(row["kind"]),
        "state": CaseState(row["state"]),
        "opened_on": as_date(row["opened_on"]),
        "due_on": due_on,
        "closed_on": as_date(row["closed_on"]),
        "late": row["state"] != CaseState.CLOSED and due_on is not None and due_on < today,
    }
    return CaseRow(**row)


def _document(row: dict[str, Any], today: date) -> DocumentRow:
    expires_on = as_date(row["expires_on"])
    row |= {
        "label_id": label("document", row["kind"]),
        "number": mask(MaskKind.IDENTITY, row["number"]) if row["number"] else None,
        "issued_on": as_date(row["issued_on"]),
        "expires_on": expires_on,
        "expired": expires_on is not None and expires_on < today,
        "seen_on": as_date(row["seen_on"]),
    }
    return DocumentRow(**row)


def _relation(row: dict[str, Any]) -> RelationRow:
    row |= {
        "label_id": label("relation", row["kind"]),
        "phone": mask(MaskKind.PHONE, row["phone"]) if row["phone"] else None,
        "incoming": bool(row["incoming"]),
    }
    return RelationRow(**row)
