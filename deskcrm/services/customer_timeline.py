"""The timeline of a customer: contacts, cases and finished follow-ups in one order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import text

from deskcrm.models.base import from_milliseconds
from deskcrm.rules.text import clean
from deskcrm.services.customer_360 import as_date
from deskcrm.services.customer_tabs import reading
from deskcrm.services.desk import Desk
from deskcrm.services.dispositions import dispositions
from deskcrm.services.pages import PAGE_SIZE, Page, page_of

# A follow-up that an interaction closed is told by the interaction; it is left out here.
_TIMELINE = text("""
    SELECT 'interaction' AS what, i.id AS id, i.at AS at, i.channel, i.outcome AS code, i.subject,
           i.notes, i.way, i.satisfaction, i.next_kind, i.next_on,
           coalesce(o.name, '') AS officer_name
      FROM interaction i LEFT JOIN officer o ON o.id = i.officer_id
     WHERE i.customer_id = :id
    UNION ALL
    SELECT 'case', k.id, CAST(strftime('%s', k.opened_on) AS INTEGER) * 1000,
           k.channel, k.kind, k.subject, k.description, '', k.satisfaction, NULL, NULL,
           coalesce(o.name, '')
      FROM service_case k LEFT JOIN officer o ON o.id = k.handler_id
     WHERE k.customer_id = :id
    UNION ALL
    SELECT 'followup', f.id, f.closed_at, '', f.state,
           coalesce(nullif(f.title, ''),
                    (SELECT r.title_id FROM followup_rule r WHERE r.code = f.rule_code
                      ORDER BY r.valid_from DESC LIMIT 1), f.rule_code),
           f.closing_reason, '', NULL, NULL, NULL, coalesce(o.name, '')
      FROM followup f LEFT JOIN officer o ON o.id = f.closed_by_id
     WHERE f.customer_id = :id AND f.state IN ('done', 'dismissed', 'parked')
       AND f.closed_at IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM interaction i
                        WHERE i.customer_id = :id AND i.followup_id = f.id)
     ORDER BY at DESC, id DESC LIMIT :limit OFFSET :offset
""")


class Happened(StrEnum):
    """What an entry of the timeline is about."""

    INTERACTION = "interaction"
    CASE = "case"
    FOLLOWUP = "followup"


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """Something that happened.

    ``code`` is the outcome of an interaction, the kind of a case, the state of a follow-up;
    ``outcome_label`` the message id of an outcome. ``subject`` of a follow-up may be a message id.
    """

    what: Happened
    id: int
    at: datetime
    channel: str
    code: str
    outcome_label: str
    subject: str
    notes: str
    way: str
    satisfaction: int | None
    next_kind: str | None
    next_on: date | None
    officer_name: str


def timeline(
    desk: Desk, customer_id: int, *, offset: int = 0, limit: int = PAGE_SIZE
) -> Page[TimelineEntry]:
    """What happened with the customer, the latest first."""
    bound = {"id": customer_id, "offset": offset, "limit": limit + 1}
    labels = {outcome.code: outcome.label_id for outcome in dispositions()}
    with reading(desk, customer_id) as connection:
        rows = connection.execute(_TIMELINE, bound).mappings()
        return page_of([_entry(dict(row), labels) for row in rows], offset, limit)


def _entry(row: dict[str, Any], labels: dict[str, str]) -> TimelineEntry:
    what, code = Happened(row["what"]), row["code"]
    row |= {
        "what": what,
        "at": from_milliseconds(row["at"]),
        "outcome_label": labels.get(code) or clean(code) if what is Happened.INTERACTION else "",
        "next_on": as_date(row["next_on"]),
    }
    return TimelineEntry(**row)
