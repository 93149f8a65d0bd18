"""Showing a masked value in clear: permitted, for a reason, and written down first."""

from __future__ import annotations

from typing import Any

from deskcrm.errors import FieldError, InvalidError, NotFoundError
from deskcrm.i18n import N_
from deskcrm.models import Account, ContactChannel, Customer, Document, Relation
from deskcrm.rules.text import clean
from deskcrm.services.authority import allow, visible_customer
from deskcrm.services.desk import Desk
from deskcrm.vault.session import UnitOfWork

CUSTOMER_FIELDS = frozenset(
    {"id_number", "credit_code", "legal_representative_id", "born_on", "address"}
)
ROW_FIELDS: dict[str, tuple[type[ContactChannel | Account | Document | Relation], str]] = {
    "channel": (ContactChannel, "value"),
    "account": (Account, "number"),
    "document": (Document, "number"),
    "relation_phone": (Relation, "phone"),
}


def reveal(
    desk: Desk, customer_id: int, field: str, reason: str, *, row_id: int | None = None
) -> str:
    """The clear text of one sensitive value.

    ``field`` is one of ``CUSTOMER_FIELDS``, or of ``ROW_FIELDS`` with the ``row_id`` of a channel,
    account, document or relation of the customer. That it was read, by whom and why is committed
    to the ledger before the text is returned. Raises ``InvalidError`` without a reason and
    ``NotFoundError`` when there is no such value.
    """
    allow(desk, "customer.reveal")
    why = clean(reason).strip()
    if not why:
        raise InvalidError({"reason": FieldError(N_("Say why you need to see it."))})
    with desk.write("customer.reveal", reason=why) as work:
        value = _value(desk, work, customer_id, field, row_id)
        work.record("read", "customer", customer_id, field=field, row=row_id)
    return value


def _value(desk: Desk, work: UnitOfWork, customer_id: int, field: str, row_id: int | None) -> str:
    customer: Customer = visible_customer(desk, work.session, customer_id)
    value = None
    if field in CUSTOMER_FIELDS:
        value = getattr(customer, field)
    elif field in ROW_FIELDS and row_id is not None:
        model, column = ROW_FIELDS[field]
        row: Any = work.session.get(model, row_id)
        if row is not None and row.customer_id == customer_id:
            value = getattr(row, column)
    if not value:
        raise NotFoundError
    return str(value)
