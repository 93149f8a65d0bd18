"""Labels that officers put on customers."""

from __future__ import annotations

from sqlmodel import Session, col, select

from deskcrm.errors import FieldError, InvalidError
from deskcrm.i18n import N_
from deskcrm.models import CustomerTag, Tag
from deskcrm.rules.text import cell_width, clean
from deskcrm.services.authority import allow, visible_customer
from deskcrm.services.desk import Desk
from deskcrm.vault.session import ChangeSet

LONGEST = 24


def add_tag(desk: Desk, customer_id: int, name: str) -> ChangeSet:
    """Put a tag on a customer, making the tag if it is new; twice is the same as once.

    Raises ``InvalidError`` for an empty name or one wider than 24 terminal cells.
    """
    allow(desk, "customer.tag")
    wanted = clean(name).strip()
    if not wanted or cell_width(wanted) > LONGEST:
        raise InvalidError(
            {"tag": FieldError(N_("A tag has 1 to {n} columns of text."), n=LONGEST)}
        )
    with desk.write("customer.tag") as work:
        customer = visible_customer(desk, work.session, customer_id)
        tag = work.session.exec(select(Tag).where(col(Tag.name) == wanted)).first()
        if tag is None:
            tag = work.add(Tag(name=wanted))
            work.session.flush()
        if _on(work.session, customer.id, tag.id) is None:
            work.add(CustomerTag(customer_id=customer.id, tag_id=tag.id))
    return work.change_set


def remove_tag(desk: Desk, customer_id: int, name: str) -> ChangeSet:
    """Take a tag off a customer; one that is not there is no error."""
    allow(desk, "customer.tag")
    with desk.write("customer.untag") as work:
        customer = visible_customer(desk, work.session, customer_id)
        tag = work.session.exec(select(Tag).where(col(Tag.name) == clean(name).strip())).first()
        put = None if tag is None else _on(work.session, customer.id, tag.id)
        if put is not None:
            work.session.delete(put)
    return work.change_set


def all_tags(desk: Desk) -> tuple[str, ...]:
    """The names of all tags of the branch, for completing while typing."""
    allow(desk, "customer.view")
    with desk.read() as session:
        return tuple(session.exec(select(Tag.name).order_by(Tag.name)))


def _on(session: Session, customer_id: int, tag_id: int) -> CustomerTag | None:
    return session.exec(
        select(CustomerTag)
        .where(col(CustomerTag.customer_id) == customer_id)
        .where(col(CustomerTag.tag_id) == tag_id)
    ).first()
