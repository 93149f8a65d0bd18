"""Which stored customer a row of a file is about.

By customer number; else by identity number or credit code; else by a telephone number together
with the name. What speaks for two customers, or against the one that was found, is put aside for a
person to decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deskcrm.exchange.loading import (
    SEVERAL_CUSTOMERS,
    Known,
    Loading,
    Misfit,
    customers_by,
)
from deskcrm.i18n import N_

STRONG = ("number", "id_number", "credit_code")
"""What names a customer by itself, the most reliable first."""

_OUT_OF_CARE = N_("This customer exists already, but is not in your care.")
_TWO_CUSTOMERS = N_("The numbers in this row are of different customers.")
_OTHER_VALUE = N_(
    "The customer has another value here. Correct the file or the customer, then import again."
)

_STORED = """
    SELECT c.*
      FROM json_each(?) AS wanted
      CROSS JOIN customer AS c ON c.id = wanted.value
"""

Values = Mapping[str, Any]


def phones_of(row: Values) -> list[str]:
    """The telephone numbers of a row."""
    return [phone for name in ("mobile", "landline") for phone in (row.get(name) or "").split()]


def keys_of(row: Values) -> list[tuple[str, ...]]:
    """What the row can be recognised by; rows that share one are about the same customer."""
    keys = [(name, row[name]) for name in STRONG if row.get(name)]
    name = row.get("name")
    return [*keys, *(("phone", phone, name) for phone in phones_of(row) if name)]


@dataclass
class Matches:
    """The stored customers that rows of a batch may be about; ``stored`` has them by id."""

    loading: Loading
    found: dict[str, dict[str, tuple[Known, ...]]]
    stored: dict[int, Any]

    def of(self, row: Values) -> Any | None:
        """The stored customer that a row is about, or nothing for a new one; else ``Misfit``."""
        customer = self._by_number(row) or self._by_phone(row)
        if customer is None:
            return None
        for name in STRONG:
            if row.get(name) and getattr(customer, name) not in (None, row[name]):
                raise Misfit(name, _OTHER_VALUE)
        if not self.loading.in_scope(customer.owner_id):
            raise Misfit(next((name for name in STRONG if row.get(name)), "mobile"), _OUT_OF_CARE)
        return customer

    def _by_number(self, row: Values) -> Any | None:
        customer = None
        for name in STRONG:
            candidates = self.found[name].get(row.get(name, ""), ())
            if len(candidates) > 1:
                raise Misfit(name, SEVERAL_CUSTOMERS)
            for candidate in candidates:
                if customer is not None and customer.id != candidate.id:
                    raise Misfit(name, _TWO_CUSTOMERS)
                customer = self.stored[candidate.id]
        return customer

    def _by_phone(self, row: Values) -> Any | None:
        """The only customer with one of the phones, the same name, and no other number."""
        fitting = {}
        for phone in phones_of(row):
            for candidate in self.found["phone"].get(phone, ()):
                customer = self.stored[candidate.id]
                if customer.name == row.get("name") and not _contradicts(customer, row):
                    fitting[customer.id] = customer
        if len(fitting) > 1:
            raise Misfit("mobile", SEVERAL_CUSTOMERS)
        return next(iter(fitting.values()), None)


def find_matches(loading: Loading, rows: Sequence[Values]) -> Matches:
    """Look up every stored customer that one of ``rows`` may be about."""
    found = {name: customers_by(loading, name, [row.get(name) for row in rows]) for name in STRONG}
    phones = [phone for row in rows for phone in phones_of(row)]
    found["phone"] = customers_by(loading, "phone", phones)
    ids = {one.id for by_value in found.values() for known in by_value.values() for one in known}
    stored = {row.id: row for row in loading.rows(_STORED, sorted(ids))}
    return Matches(loading, found, stored)


def _contradicts(customer: Any, row: Values) -> bool:
    return any(
        row.get(name) and getattr(customer, name) not in (None, row[name]) for name in STRONG
    )
