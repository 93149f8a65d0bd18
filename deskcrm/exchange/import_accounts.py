"""Accounts: to their owners by customer number or identity number, with authorised holders."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from deskcrm.exchange.columns import Batch, Reject
from deskcrm.exchange.loading import (
    UNKNOWN_ACCOUNT,
    Changes,
    Known,
    Loading,
    Misfit,
    column_of,
    customers_by,
    differences,
    first_of_each,
)
from deskcrm.i18n import N_
from deskcrm.rules.money import HOME_CURRENCY

_SEPARATORS = re.compile(r"[\s、,，;；/]+")
_FIELDS = {
    "type": "type",
    "account_class": "account_class",
    "currency": "currency",
    "balance_minor": "balance",
    "rate_ppm": "rate",
    "opened_on": "opened_on",
    "matures_on": "matures_on",
    "status": "status",
}
"""Column of the table → field of the import."""
_DEFAULTS = {
    "type": "current",
    "account_class": "",
    "currency": HOME_CURRENCY,
    "balance_minor": 0,
    "status": "open",
}
_COLUMNS = ("id", "customer_id", "number", *_FIELDS, "data_as_of", "batch_id", "batch_line")
_HOLDER_COLUMNS = ("id", "account_id", "customer_id", "batch_id")

_STORED = """
    SELECT a.number, a.id, a.customer_id, c.owner_id, a.data_as_of, a.type, a.account_class,
           a.currency, a.balance_minor, a.rate_ppm, a.opened_on, a.matures_on, a.status
      FROM json_each(?) AS wanted
      CROSS JOIN account AS a ON a.number = wanted.value
      JOIN customer AS c ON c.id = a.customer_id
"""
_HOLDERS = """
    SELECT h.account_id, h.customer_id
      FROM json_each(?) AS wanted
      CROSS JOIN account_holder AS h ON h.account_id = wanted.value
"""
_CONFIRM = """
    UPDATE account SET data_as_of = ?2
     WHERE id IN (SELECT value FROM json_each(?1)) AND coalesce(data_as_of, '') < ?2
 RETURNING id
"""


class _Owners(NamedTuple):
    by_number: dict[str, tuple[Known, ...]]
    by_identity: dict[str, tuple[Known, ...]]


class AccountLoader:
    """Writes new accounts, and what changed on those that are known."""

    def __init__(self, loading: Loading) -> None:
        self._loading = loading
        self._today = str(loading.desk.today())
        self._has_balance = "balance" in loading.mapping.sources

    def load(self, batch: Batch) -> list[Reject]:
        named = [name for text in column_of(batch, "authorised_numbers") for name in split(text)]
        owners = _Owners(
            customers_by(self._loading, "number", [*column_of(batch, "owner_number"), *named]),
            customers_by(self._loading, "id_number", column_of(batch, "owner_id_number")),
        )
        rejects: list[Reject] = []
        keys = [(number,) for number in batch.values["number"]]
        waiting: Sequence[int] = range(len(keys))
        while waiting:
            now, waiting = first_of_each(keys, waiting)
            rejects += self._write(batch, now, owners)
        return rejects

    def finish(self) -> None:
        """Nothing follows from all accounts together."""

    def _write(self, batch: Batch, places: Sequence[int], owners: _Owners) -> list[Reject]:
        loading = self._loading
        stored = {
            row.number: row
            for row in loading.rows(_STORED, [batch.values["number"][place] for place in places])
        }
        rejects: list[Reject] = []
        new: list[tuple[Any, ...]] = []
        known: list[tuple[int, Changes]] = []
        holders: list[tuple[int, int]] = []
        ids = iter(loading.work.new_ids(len(places)))
        for place in places:
            number = str(batch.values["number"][place])
            try:
                owner = self._owner(batch, place, owners)
                values = self._values(batch, place)
                authorised = self._authorised(batch, place, owners)
                if number in stored:
                    account_id = stored[number].id
                    known.append((account_id, self._changes(stored[number], owner, values)))
                else:
                    account_id = next(ids)
                    new.append(self._row(account_id, owner, number, values, batch.lines[place]))
                    loading.work.touch("customer", owner.id)
            except Misfit as misfit:
                rejects.append(loading.refuse(batch, place, misfit))
            else:
                holders += [(account_id, one) for one in authorised if one != owner.id]
        loading.created += loading.insert("account", _COLUMNS, new)
        self._update(known, self._add_holders(holders))
        return rejects

    def _owner(self, batch: Batch, place: int, owners: _Owners) -> Known:
        loading = self._loading
        number = column_of(batch, "owner_number")[place]
        identity = column_of(batch, "owner_id_number")[place]
        if number is None:
            return loading.only_one(owners.by_identity.get(identity, ()), "owner_id_number")
        owner = loading.only_one(owners.by_number.get(number, ()), "owner_number")
        if identity in owners.by_identity and owner not in owners.by_identity[identity]:
            raise Misfit(
                "owner_id_number",
                N_("The customer number and the identity number are of different customers."),
            )
        return owner

    def _authorised(self, batch: Batch, place: int, owners: _Owners) -> list[int]:
        numbers = split(column_of(batch, "authorised_numbers")[place])
        return [
            self._loading.only_one(owners.by_number.get(number, ()), "authorised_numbers").id
            for number in numbers
        ]

    def _values(self, batch: Batch, place: int) -> dict[str, Any]:
        """The columns that the row fills."""
        given = {column: column_of(batch, name)[place] for column, name in _FIELDS.items()}
        given["currency"] = given["currency"] or self._loading.currency or None
        return {column: value for column, value in given.items() if value is not None}

    def _row(
        self, account_id: int, owner: Known, number: str, values: dict[str, Any], line: int
    ) -> tuple[Any, ...]:
        filled = _DEFAULTS | values
        as_of = self._today if "balance_minor" in values else None
        columns = (filled.get(column) for column in _FIELDS)
        return account_id, owner.id, number, *columns, as_of, self._loading.batch_id, line

    def _changes(self, stored: Any, owner: Known, values: dict[str, Any]) -> Changes:
        if not self._loading.in_scope(stored.owner_id):
            raise Misfit("number", UNKNOWN_ACCOUNT)
        if stored.customer_id != owner.id:
            raise Misfit("number", N_("This account belongs to another customer here."))
        unsaid = HOME_CURRENCY if "balance_minor" in values else stored.currency
        if values.get("currency", unsaid) != stored.currency:
            raise Misfit(
                "currency",
                N_("This account is kept in {currency}. Add a column with the currency."),
                currency=stored.currency,
            )
        changes = differences(stored._mapping, values)
        if changes and "balance_minor" in values and stored.data_as_of != self._today:
            changes["data_as_of"] = (stored.data_as_of, self._today)
        return changes

    def _update(self, known: Sequence[tuple[int, Changes]], joined: set[int]) -> None:
        """Write changes; an account that only got a holder counts as updated too."""
        loading = self._loading
        changed = [(account_id, changes) for account_id, changes in known if changes]
        loading.update("account", changed)
        same = [account_id for account_id, changes in known if not changes]
        extended = sum(account_id in joined for account_id in same)
        loading.updated += len(changed) + extended
        loading.unchanged += len(same) - extended
        if self._has_balance and same:
            # No value changed, but the balances are known to be right until today now.
            confirmed = loading.rows(_CONFIRM, same, self._today)
            if confirmed:
                loading.work.record(
                    "update_many", "account", None, count=len(confirmed), data_as_of=self._today
                )

    def _add_holders(self, holders: Sequence[tuple[int, int]]) -> set[int]:
        """Add the holders that are not known yet; the accounts that got one."""
        loading = self._loading
        stored = loading.rows(_HOLDERS, [account_id for account_id, _customer in holders])
        missing = sorted(set(holders).difference((row[0], row[1]) for row in stored))
        ids = loading.work.new_ids(len(missing)) if missing else ()
        rows = [
            (holder_id, account_id, customer_id, loading.batch_id)
            for holder_id, (account_id, customer_id) in zip(ids, missing, strict=True)
        ]
        loading.insert("account_holder", _HOLDER_COLUMNS, rows)
        return {account_id for account_id, _customer in missing}


def split(text: str | None) -> list[str]:
    """The numbers in one cell, parted by blanks, commas or the like."""
    return [part for part in _SEPARATORS.split(text or "") if part]
