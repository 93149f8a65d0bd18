"""Customers: new ones in bulk, known ones brought up to date without losing anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from deskcrm.exchange.columns import Batch, Reject
from deskcrm.exchange.customer_matching import find_matches, keys_of
from deskcrm.exchange.loading import (
    UNKNOWN_OFFICER,
    Changes,
    Loading,
    Misfit,
    differences,
    first_of_each,
)
from deskcrm.i18n import N_
from deskcrm.models import ChannelKind, Customer, CustomerKind, IdentityDocument
from deskcrm.models.base import to_milliseconds
from deskcrm.rules.names import sort_key
from deskcrm.rules.phones import is_mobile
from deskcrm.services.customer_form import normal_channel
from deskcrm.services.reference import tiers_on

LONGEST_REMARK = 500
CHANNELS = ("mobile", "landline", "email", "wechat")
_ELSEWHERE = frozenset({*CHANNELS, "owner", "remark"})
_RENAMED = {
    "annual_income": "annual_income_minor",
    "registered_capital": "registered_capital_minor",
}
_MADE = {
    name: field.default
    for name, field in Customer.model_fields.items()
    if isinstance(field.default, str | bool | int)
}
_COLUMNS = tuple(Customer.model_fields)
_CHANNEL_COLUMNS = (
    "id",
    "customer_id",
    "kind",
    "value",
    "normalized",
    "preferred",
    "batch_id",
)
_CHANNELS = """
    SELECT p.customer_id, p.kind, p.normalized
      FROM json_each(?) AS wanted
      CROSS JOIN contact_channel AS p ON p.customer_id = wanted.value
"""

_EMPTY = N_("This must be filled in.")
_ANOTHER_KIND = N_("Only a prospect can become another kind.")
_FOR_COLLEAGUES = N_("Only a supervisor may bring in customers for colleagues.")

_Row = dict[str, Any]


class CustomerLoader:
    """Writes new customers and what changed on known ones, with the ways to reach them."""

    def __init__(self, loading: Loading) -> None:
        self._loading = loading
        desk, work = loading.desk, loading.work
        now = to_milliseconds(work.now)
        self._tiers = tiers_on(work.session, work.today)
        self._made = _MADE | {
            "branch_id": desk.officer.branch_id,
            "owner_id": desk.officer.id,
            # The cadence starts with the day the desk took the relationship up.
            "cadence_anchor_on": str(work.today),
            "data_as_of": str(work.today),
            "created_at": now,
            "updated_at": now,
            "batch_id": loading.batch_id,
        }

    def load(self, batch: Batch) -> list[Reject]:
        names = list(batch.values)
        rows = [
            {name: value for name, value in zip(names, values, strict=True) if value is not None}
            for values in zip(*batch.values.values(), strict=True)
        ]
        keys = [keys_of(row) for row in rows]
        rejects: list[Reject] = []
        waiting: Sequence[int] = range(len(rows))
        while waiting:
            now, waiting = first_of_each(keys, waiting)
            rejects += self._write(batch, rows, now)
        return rejects

    def finish(self) -> None:
        """Nothing follows from all customers together."""

    def _write(self, batch: Batch, rows: Sequence[_Row], places: Sequence[int]) -> list[Reject]:
        loading = self._loading
        matches = find_matches(loading, [rows[place] for place in places])
        rejects: list[Reject] = []
        new: list[tuple[int, _Row, _Row]] = []
        known: list[tuple[Any, _Row, Changes]] = []
        ids = iter(loading.work.new_ids(len(places)))
        for place in places:
            row = rows[place]
            try:
                values = self._values(row)
                customer = matches.of(row)
                if customer is None:
                    values = self._new(values, batch.lines[place])
                    new.append((next(ids), row, values))
                else:
                    known.append((customer, row, self._changes(customer, values)))
            except Misfit as misfit:
                rejects.append(loading.refuse(batch, place, misfit))
        self._insert(new)
        self._update(known)
        return rejects

    def _values(self, row: _Row) -> _Row:
        """The columns of ``customer`` that the row fills."""
        values = {
            _RENAMED.get(name, name): value for name, value in row.items() if name not in _ELSEWHERE
        }
        if "remark" in row:
            if len(row["remark"]) > LONGEST_REMARK:
                raise Misfit("remark", N_("A remark has at most {n} characters."), n=LONGEST_REMARK)
            values["pinned_note"] = row["remark"]
        if values.get("tier", "standard") not in self._tiers:
            raise Misfit(
                "tier",
                N_("This word is not known here. Known are: {known}."),
                known=", ".join(self._tiers),
            )
        if "owner" in row:
            values["owner_id"] = self._owner(row["owner"])
        if "do_not_call" in values:
            values["do_not_call"] = int(values["do_not_call"])
        return values

    def _owner(self, text: str) -> int:
        owner_id = self._loading.officer(text)
        if owner_id is None:
            raise Misfit("owner", UNKNOWN_OFFICER)
        if owner_id != self._loading.desk.officer.id and not self._loading.may_assign:
            raise Misfit("owner", _FOR_COLLEAGUES)
        return owner_id

    def _new(self, values: _Row, line: int) -> _Row:
        """All columns of a new customer; what the identity number says is filled in."""
        if "name" not in values:
            raise Misfit("name", _EMPTY)
        company = "credit_code" in values
        kind = CustomerKind.CORPORATE if company else CustomerKind.INDIVIDUAL
        identity = values.get("id_number")
        if identity and values.get("id_type", "resident_id") == IdentityDocument.RESIDENT_ID:
            values = {
                "id_type": IdentityDocument.RESIDENT_ID.value,
                "born_on": f"{identity[6:10]}-{identity[10:12]}-{identity[12:14]}",
                "gender": "male" if int(identity[16]) % 2 else "female",
            } | values
        return (
            self._made
            | {"kind": kind.value, "name_sort": sort_key(values["name"]), "batch_line": line}
            | values
        )

    def _changes(self, customer: Any, values: _Row) -> Changes:
        if customer.pinned_note:
            values = {name: value for name, value in values.items() if name != "pinned_note"}
        changes = differences(customer._mapping, values)
        if "kind" in changes and customer.kind != CustomerKind.PROSPECT:
            raise Misfit("kind", _ANOTHER_KIND)
        if "name" in changes:
            changes["name_sort"] = (customer.name_sort, sort_key(values["name"]))
        return changes

    def _insert(self, new: Sequence[tuple[int, _Row, _Row]]) -> None:
        loading = self._loading
        for customer_id, _row, values in new:
            values["id"] = customer_id
            loading.work.touch("customer", customer_id)
        rows = [[values.get(name) for name in _COLUMNS] for _id, _row, values in new]
        loading.created += loading.insert("customer", _COLUMNS, rows)
        self._add_channels(
            [
                (customer_id, kind, value, first)
                for customer_id, row, _values in new
                for kind, value, first in channels_of(row)
            ]
        )

    def _update(self, known: Sequence[tuple[Any, _Row, Changes]]) -> None:
        """Write changes; a new way to reach somebody is one too."""
        loading = self._loading
        stored: dict[int, set[tuple[str, str]]] = {}
        for customer_id, kind, value in loading.rows(_CHANNELS, [one.id for one, *_ in known]):
            stored.setdefault(customer_id, set()).add((kind, value))
        changed, added = [], []
        for customer, row, changes in known:
            mine = stored.get(customer.id, set())
            fresh = [
                (kind, value, first)
                for kind, value, first in channels_of(row)
                if (kind, normal_channel(ChannelKind(kind), value)) not in mine
            ]
            if not changes and not fresh:
                loading.unchanged += 1
                continue
            kinds = {kind for kind, _value in mine}
            added += [
                (customer.id, kind, value, first and kind not in kinds)
                for kind, value, first in fresh
            ]
            changes["revision"] = (customer.revision, customer.revision + 1)
            changes["updated_at"] = (customer.updated_at, self._made["updated_at"])
            if customer.data_as_of != self._made["data_as_of"]:
                changes["data_as_of"] = (customer.data_as_of, self._made["data_as_of"])
            changed.append((customer.id, changes))
            loading.work.touch("customer", customer.id)
        loading.update("customer", changed)
        loading.updated += len(changed)
        self._add_channels(added)

    def _add_channels(self, channels: Sequence[tuple[int, str, str, bool]]) -> None:
        loading = self._loading
        ids = loading.work.new_ids(len(channels)) if channels else ()
        rows = [
            (
                channel_id,
                customer_id,
                kind,
                value,
                normal_channel(ChannelKind(kind), value),
                int(preferred),
                loading.batch_id,
            )
            for channel_id, (customer_id, kind, value, preferred) in zip(ids, channels, strict=True)
        ]
        loading.insert("contact_channel", _CHANNEL_COLUMNS, rows)


def channels_of(row: _Row) -> Iterator[tuple[str, str, bool]]:
    """Kind and value of each way to reach somebody; whether it is the first of its kind."""
    seen: set[tuple[str, str]] = set()
    kinds: set[str] = set()
    for name in CHANNELS:
        text = row.get(name) or ""
        for value in text.split() if name in ("mobile", "landline") else [text] * bool(text):
            kind = _kind(name, value)
            if (kind, value) not in seen:
                yield kind, value, kind not in kinds
            seen.add((kind, value))
            kinds.add(kind)


def _kind(name: str, value: str) -> str:
    """What a number is counts for more than which column it stands in."""
    if name in ("mobile", "landline"):
        return (ChannelKind.MOBILE if is_mobile(value) else ChannelKind.LANDLINE).value
    return name
