"""People and companies around a customer, on our books or only by name."""

from __future__ import annotations

from deskcrm.errors import FieldError, InvalidError
from deskcrm.i18n import N_
from deskcrm.models import Relation
from deskcrm.rules.customer_words import known_word
from deskcrm.rules.phones import parse_phone
from deskcrm.rules.text import clean
from deskcrm.services.authority import allow, visible_customer
from deskcrm.services.desk import Desk
from deskcrm.vault.session import ChangeSet


def add_relation(
    desk: Desk,
    customer_id: int,
    kind: str,
    *,
    other_customer_id: int | None = None,
    other_name: str = "",
    role: str = "",
    share_percent: int | None = None,
    phone: str = "",
    note: str = "",
) -> ChangeSet:
    """Put somebody around a customer: one of our customers, or a name.

    Raises ``InvalidError`` for an unknown kind, nobody named, the customer themselves, a share
    outside 0 to 100 or a wrong phone, and ``NotFoundError`` for a customer this officer may not
    see.
    """
    allow(desk, "customer.edit")
    known_word("relation", "kind", kind)
    name = clean(other_name).strip()
    if other_customer_id is None and not name:
        raise InvalidError({"other_name": FieldError(N_("Name the person or company."))})
    if other_customer_id == customer_id:
        raise InvalidError({"other_name": FieldError(N_("This is the customer themselves."))})
    if share_percent is not None and not 0 <= share_percent <= 100:
        raise InvalidError({"share_percent": FieldError(N_("A share is 0 to 100 percent."))})
    try:
        number = parse_phone(phone).text if phone.strip() else ""
    except FieldError as error:
        raise InvalidError({"phone": error}) from error
    with desk.write("relation.add") as work:
        customer = visible_customer(desk, work.session, customer_id)
        other = None
        if other_customer_id is not None:
            other = visible_customer(desk, work.session, other_customer_id)
        work.add(
            Relation(
                customer_id=customer.id,
                other_customer_id=other_customer_id,
                other_name=name or (other.name if other else ""),
                kind=kind,
                role=clean(role).strip(),
                share_percent=share_percent,
                phone=number,
                note=clean(note).strip(),
            )
        )
    return work.change_set
