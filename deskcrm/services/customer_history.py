"""The history of a customer's file, from the ledger: when, who, which field, before and after.

Reads of masked values are in it as well. A customer that came with an import begins with its
batch, since a whole file is one entry of the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, text

from deskcrm.i18n import N_
from deskcrm.models import CustomerKind
from deskcrm.models.base import from_milliseconds
from deskcrm.rules.customer_checks import form_fields
from deskcrm.rules.masking import Masked, MaskKind, mask
from deskcrm.services.customer_360 import channel_mask
from deskcrm.services.customer_tabs import reading
from deskcrm.services.desk import Desk
from deskcrm.services.pages import PAGE_SIZE, Page, page_of

_ENTRIES = text("""
    SELECT l.seq, l.at, coalesce(o.name, ''), l.action, l.operation, l.subject_table, l.changes,
           l.reason, p.kind
      FROM (SELECT seq FROM ledger WHERE subject_table = 'customer' AND subject_id = :id
            UNION
            SELECT e.seq FROM contact_channel h
              JOIN ledger e ON e.subject_table = 'contact_channel' AND e.subject_id = h.id
             WHERE h.customer_id = :id
            UNION
            SELECT e.seq FROM ledger mine
              JOIN ledger e ON e.change_set_id = mine.change_set_id
             WHERE mine.subject_table = 'customer' AND mine.subject_id = :id
               AND e.subject_table = 'contact_channel' AND e.operation = 'delete'
               AND json_extract(e.changes, '$.customer_id[0]') = :id) found
      JOIN ledger l ON l.seq = found.seq
      LEFT JOIN officer o ON o.id = l.officer_id
      LEFT JOIN contact_channel p ON l.subject_table = 'contact_channel' AND p.id = l.subject_id
     ORDER BY l.seq DESC
""")
_BATCH = text("""
    SELECT b.started_at, coalesce(o.name, ''), b.file_name
      FROM customer c JOIN import_batch b ON b.id = c.batch_id
      LEFT JOIN officer o ON o.id = b.officer_id
     WHERE c.id = :id
""")
_TECHNICAL = frozenset(
    {"id", "customer_id", "created_at", "updated_at", "revision", "name_sort", "batch_line"}
)
_COLUMN_FIELDS = {
    "annual_income_minor": "annual_income",
    "registered_capital_minor": "registered_capital",
}
_OTHER_LABELS = {
    "kind": N_("Customer kind"),
    "status": N_("Status"),
    "owner_id": N_("Officer in charge"),
    "pinned_note": N_("Pinned note"),
    "reviewed_on": N_("Reviewed on"),
    "data_as_of": N_("Data as of"),
    "last_contact_on": N_("Last contact"),
    "contact_count": N_("Contacts"),
    "cadence_anchor_on": N_("Contact interval counts from"),
}


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change of one field, or a whole event when ``field`` is empty.

    ``operation`` is insert, update, delete, read or import; ``label_id`` the field's message id.
    """

    at: datetime
    officer_name: str
    action: str
    operation: str
    field: str
    label_id: str
    before: str | Masked
    after: str | Masked
    reason: str


def history(
    desk: Desk, customer_id: int, *, offset: int = 0, limit: int = PAGE_SIZE
) -> Page[HistoryRow]:
    """The changes of the file, the latest first; sensitive values masked."""
    with reading(desk, customer_id) as connection:
        rows = list(_rows(connection, customer_id))
    return page_of(rows[offset : offset + limit + 1], offset, limit)


def _rows(connection: Connection, customer_id: int) -> Iterator[HistoryRow]:
    for entry in connection.execute(_ENTRIES, {"id": customer_id}):
        _seq, at, officer, action, operation, table, changes, reason, channel = entry
        moment = from_milliseconds(at)
        for field, before, after in _changes(operation, table, changes, channel):
            label_id = _labels().get(field, field)
            yield HistoryRow(
                moment, officer, action, operation, field, label_id, before, after, reason
            )
    batch = connection.execute(_BATCH, {"id": customer_id}).first()
    if batch:
        yield HistoryRow(
            from_milliseconds(batch[0]), batch[1], "import", "import", "", "", "", batch[2], ""
        )


_Change = tuple[str, str | Masked, str | Masked]


def _changes(operation: str, table: str, changes: str, channel: str | None) -> Iterator[_Change]:
    content: dict[str, Any] = json.loads(changes) if changes else {}
    if operation == "read":
        yield str(content.get("field", "")), "", ""
    elif table == "contact_channel":
        yield from _channel_changes(content, channel)
    elif operation == "update":
        for column, (before, after) in content.items():
            if column not in _TECHNICAL:
                field = _COLUMN_FIELDS.get(column, column)
                yield field, _shown(field, before), _shown(field, after)
    else:
        yield "", "", ""


def _channel_changes(content: dict[str, Any], channel: str | None) -> Iterator[_Change]:
    if "value" not in content:
        return
    kinds = content.get("kind", (None, None))
    kind = kinds[1] or kinds[0] or channel or "other"
    before, after = (channel_mask(kind, value) if value else "" for value in content["value"])
    yield kind, before, after


def _shown(field: str, value: Any) -> str | Masked:
    if value is None or value == "":
        return ""
    kind = _masks().get(field)
    return mask(kind, str(value)) if kind else str(value)


@cache
def _labels() -> dict[str, str]:
    fields = (wanted for kind in CustomerKind for wanted in form_fields(kind.value))
    return {**_OTHER_LABELS, **{wanted.name: wanted.label_id for wanted in fields}}


@cache
def _masks() -> dict[str, MaskKind]:
    fields = (wanted for kind in CustomerKind for wanted in form_fields(kind.value))
    return {wanted.name: wanted.mask for wanted in fields if wanted.mask}
