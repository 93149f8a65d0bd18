"""Whether somebody is already on our books: exact matches, told without giving others away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, text

from deskcrm.errors import FieldError
from deskcrm.models.customer import CustomerKind
from deskcrm.rules.names import sort_key
from deskcrm.rules.phones import parse_phone
from deskcrm.rules.search_tokens import plain_number
from deskcrm.services.authority import allow, visible_sql
from deskcrm.services.desk import Desk

MOST = 20

_FOUND_BY = {
    "id_number": "SELECT id FROM customer WHERE id_number = :id_number",
    "credit_code": "SELECT id FROM customer WHERE credit_code = :credit_code",
    "phone": "SELECT customer_id FROM contact_channel WHERE normalized = :phone",
    "name": """
        SELECT id FROM customer
         WHERE status IN ('active', 'draft', 'restricted', 'closed')
           AND name_sort = :name_sort AND name = :name AND born_on = :born_on""",
}
_ROWS = """
    SELECT c.id, c.name, c.kind, coalesce(o.name, ''), {scope}
      FROM customer c LEFT JOIN officer o ON o.id = c.owner_id
     WHERE c.id IN ({found}) AND c.status <> 'merged' AND c.id <> :but_not
     ORDER BY c.id LIMIT :most
"""


class By(StrEnum):
    """What two customers have in common."""

    ID_NUMBER = "id_number"
    CREDIT_CODE = "credit_code"
    PHONE = "phone"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Possible:
    """Somebody who may be the same customer.

    Of a customer in another officer's care only ``by`` is told: that there is one, and what is the
    same. Then ``customer_id`` is ``None`` and the names are empty.
    """

    by: tuple[By, ...]
    customer_id: int | None = None
    name: str = ""
    kind: CustomerKind | None = None
    owner_name: str = ""


def similar(
    desk: Desk,
    *,
    id_number: str = "",
    credit_code: str = "",
    phone: str = "",
    name: str = "",
    born_on: date | None = None,
    but_not: int | None = None,
) -> tuple[Possible, ...]:
    """Customers with this identity number, credit code or phone, or this name and birth date.

    Values are compared in the form in which they are kept. ``but_not`` is the customer being
    edited. The strongest agreement comes first.
    """
    allow(desk, "customer.view")
    with desk.read() as session:
        return similar_in(
            session.connection(),
            desk,
            {
                By.ID_NUMBER: {"id_number": plain_number(id_number).upper()},
                By.CREDIT_CODE: {"credit_code": plain_number(credit_code).upper()},
                By.PHONE: {"phone": _normal_phone(phone)},
                By.NAME: {
                    "name": name.strip(),
                    "name_sort": sort_key(name.strip()),
                    "born_on": born_on.isoformat() if born_on else "",
                },
            },
            but_not,
        )


def similar_in(
    connection: Connection, desk: Desk, asked: dict[By, dict[str, str]], but_not: int | None
) -> tuple[Possible, ...]:
    """As ``similar``, on an open connection and with normal values; empty ones are not asked."""
    scope, scope_values = visible_sql(desk)
    seen: dict[int, tuple[list[By], Any]] = {}
    for by, values in asked.items():
        if not all(values.values()):
            continue
        statement = text(_ROWS.format(scope=scope, found=_FOUND_BY[by.value]))
        bound = {**values, **scope_values, "but_not": but_not or 0, "most": MOST}
        for row in connection.execute(statement, bound):
            seen.setdefault(row[0], ([], row))[0].append(by)
    found = [_possible(tuple(by), row) for by, row in seen.values()]
    return tuple(sorted(found, key=lambda possible: -len(possible.by)))


def _possible(by: tuple[By, ...], row: Any) -> Possible:
    customer_id, name, kind, owner_name, may_see = row
    if not may_see:
        return Possible(by)
    return Possible(by, customer_id, name, CustomerKind(kind), owner_name)


def _normal_phone(phone: str) -> str:
    try:
        return parse_phone(phone).text if phone.strip() else ""
    except FieldError:
        return phone.strip()
