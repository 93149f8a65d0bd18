"""Interactions: history with its own date and officer, and what a contact changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from deskcrm.exchange.columns import Batch, Reject
from deskcrm.exchange.loading import (
    Changes,
    Known,
    Loading,
    Misfit,
    column_of,
    customers_by,
)
from deskcrm.i18n import N_
from deskcrm.models import InteractionChannel, Way
from deskcrm.models.base import to_milliseconds
from deskcrm.services.dispositions import Disposition, dispositions
from deskcrm.services.interactions import SATISFACTION

WITHOUT_OUTCOME = "done"
"""The outcome of a note that says none: somebody was talked to."""

_COLUMNS = (
    "id",
    "customer_id",
    "officer_id",
    "channel",
    "way",
    "at",
    "contact_on",
    "subject",
    "notes",
    "outcome",
    "reached",
    "satisfaction",
    "recorded_at",
    "form_key",
    "batch_id",
    "batch_line",
)
_FORM_KEY, _ID, _CUSTOMER, _CONTACT_ON, _REACHED = 13, 0, 1, 6, 10
_CONTENT = ("customer_number", "id_number", "phone", "at", "channel", "way", "subject", "notes")
_MATCHED_BY = {"customer_number": "number", "id_number": "id_number", "phone": "phone"}
_CHUNK = 5_000

_STORED = """
    SELECT i.form_key, i.id
      FROM json_each(?) AS wanted
      CROSS JOIN interaction AS i ON i.form_key = wanted.value
"""
_CONTACTS = """
    SELECT c.id, c.last_contact_on, c.contact_count, c.cadence_anchor_on, c.batch_id,
           c.revision, c.updated_at
      FROM json_each(?) AS wanted
      CROSS JOIN customer AS c ON c.id = wanted.value
"""


class _Contacts(NamedTuple):
    """The real contacts of a customer in a file: how many, and the day of the last one."""

    number: int
    last_on: str


class InteractionLoader:
    """Writes interactions, each once, and moves the cadence of customers that were reached."""

    def __init__(self, loading: Loading) -> None:
        self._loading = loading
        self._outcomes: dict[str, Disposition] = {one.code: one for one in dispositions()}
        self._seen: Counter[bytes] = Counter()
        self._contacts: dict[int, _Contacts] = {}
        self._now = loading.work.now
        self._zone = loading.desk.clock.zone

    def load(self, batch: Batch) -> list[Reject]:
        found = {
            name: customers_by(self._loading, column, column_of(batch, name))
            for name, column in _MATCHED_BY.items()
        }
        rejects: list[Reject] = []
        rows: list[tuple[Any, ...]] = []
        ids = self._loading.work.new_ids(len(batch.lines)) if batch.lines else range(0)
        names = list(batch.values)
        for place, cells in enumerate(zip(*batch.values.values(), strict=True)):
            values = dict(zip(names, cells, strict=True))
            try:
                customer = self._customer(values, found)
                rows.append(self._row(ids[place], customer, values, batch.lines[place]))
            except Misfit as misfit:
                rejects.append(self._loading.refuse(batch, place, misfit))
        self._write(rows)
        return rejects

    def finish(self) -> None:
        """Move the last contact and the cadence forward; the rules look again at the end."""
        loading = self._loading
        customers = sorted(self._contacts)
        for start in range(0, len(customers), _CHUNK):
            stored = loading.rows(_CONTACTS, customers[start : start + _CHUNK])
            loading.update("customer", [(row.id, self._contacted(row)) for row in stored])
        for customer_id in customers:
            loading.work.touch("customer", customer_id)

    def _customer(
        self, values: dict[str, Any], found: dict[str, dict[str, tuple[Known, ...]]]
    ) -> Known:
        """Whom the row is about, by the first of its fields that says it."""
        for name in _MATCHED_BY:
            value = values.get(name)
            if value is not None:
                return self._loading.only_one(found[name].get(value, ()), name)
        raise Misfit("customer_number", N_("This must be filled in."))

    def _row(
        self, interaction_id: int, customer: Known, values: dict[str, Any], line: int
    ) -> tuple[Any, ...]:
        loading = self._loading
        at = datetime.fromisoformat(values["at"]).replace(tzinfo=self._zone)
        if at > self._now:
            raise Misfit("at", N_("A contact cannot lie in the future."))
        outcome = self._outcomes.get(values.get("outcome") or WITHOUT_OUTCOME)
        if outcome is None:
            raise Misfit(
                "outcome",
                N_("This word is not known here. Known are: {known}."),
                known=", ".join(self._outcomes),
            )
        satisfaction = values.get("satisfaction")
        if satisfaction is not None and satisfaction not in SATISFACTION:
            raise Misfit("satisfaction", N_("Satisfaction goes from 1 to 5."))
        return (
            interaction_id,
            customer.id,
            loading.officer(values.get("officer") or ""),
            values.get("channel") or InteractionChannel.OTHER.value,
            values.get("way") or Way.OUTGOING.value,
            to_milliseconds(at),
            values["at"][:10],
            values.get("subject") or "",
            values.get("notes") or "",
            outcome.code,
            int(outcome.reached),
            satisfaction,
            to_milliseconds(self._now),
            self._key(values),
            loading.batch_id,
            line,
        )

    def _key(self, values: dict[str, Any]) -> str:
        """What the row is known by when it comes again: its content, and how often it came."""
        content = repr([values.get(name) for name in _CONTENT])
        digest = blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        self._seen[digest] += 1
        return f"~{digest.hex()}-{self._seen[digest]}"

    def _write(self, rows: Sequence[tuple[Any, ...]]) -> None:
        loading = self._loading
        count = loading.insert("interaction", _COLUMNS, rows, "ON CONFLICT (form_key) DO NOTHING")
        loading.created += count
        loading.unchanged += len(rows) - count
        if count < len(rows):
            stored = dict(map(tuple, loading.rows(_STORED, [row[_FORM_KEY] for row in rows])))
            rows = [row for row in rows if stored[row[_FORM_KEY]] == row[_ID]]
        for row in rows:
            if row[_REACHED]:
                before = self._contacts.get(row[_CUSTOMER], _Contacts(0, ""))
                last_on = max(before.last_on, row[_CONTACT_ON])
                self._contacts[row[_CUSTOMER]] = _Contacts(before.number + 1, last_on)

    def _contacted(self, row: Any) -> Changes:
        """What the contacts change on a customer; older ones move nothing back.

        A customer that an import brought in and nobody has contacted yet counts from the day of
        the import only for want of a better one.
        """
        contacts = self._contacts[row.id]
        last_on = max(row.last_contact_on or "", contacts.last_on)
        placeholder = row.batch_id is not None and row.last_contact_on is None
        anchor = contacts.last_on if placeholder else max(row.cadence_anchor_on, contacts.last_on)
        changes: Changes = {
            "contact_count": (row.contact_count, row.contact_count + contacts.number)
        }
        if last_on != row.last_contact_on:
            changes["last_contact_on"] = (row.last_contact_on, last_on)
        if anchor != row.cadence_anchor_on:
            changes["cadence_anchor_on"] = (row.cadence_anchor_on, anchor)
        changes["revision"] = (row.revision, row.revision + 1)
        changes["updated_at"] = (row.updated_at, to_milliseconds(self._now))
        return changes
