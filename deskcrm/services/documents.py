"""Documents that customers showed: what was seen, by whom, and until when it is good."""

from __future__ import annotations

from datetime import date

from deskcrm.errors import FieldError, InvalidError
from deskcrm.i18n import N_
from deskcrm.models import Document
from deskcrm.rules.customer_words import known_word
from deskcrm.rules.text import clean, clean_multiline
from deskcrm.services.authority import allow, visible_customer
from deskcrm.services.desk import Desk
from deskcrm.vault.session import ChangeSet


def add_document(
    desk: Desk,
    customer_id: int,
    kind: str,
    *,
    number: str = "",
    issued_on: date | None = None,
    expires_on: date | None = None,
    copy_held_at: str = "",
    note: str = "",
) -> ChangeSet:
    """Write down a document that this officer saw today.

    ``copy_held_at`` says where the copy lies; the program itself holds none. Raises
    ``InvalidError`` for an unknown kind or dates that cannot be right.
    """
    allow(desk, "customer.edit")
    known_word("document", "kind", kind)
    if issued_on and issued_on > desk.today():
        raise InvalidError({"issued_on": FieldError(N_("This day is still to come."))})
    if issued_on and expires_on and expires_on <= issued_on:
        raise InvalidError({"expires_on": FieldError(N_("The end comes before the beginning."))})
    with desk.write("document.add") as work:
        customer = visible_customer(desk, work.session, customer_id)
        work.add(
            Document(
                customer_id=customer.id,
                kind=kind,
                number=clean(number).strip() or None,
                issued_on=issued_on,
                expires_on=expires_on,
                copy_held_at=clean(copy_held_at).strip(),
                seen_by_id=desk.officer.id,
                seen_on=desk.today(),
                note=clean_multiline(note).strip(),
            )
        )
    return work.change_set
