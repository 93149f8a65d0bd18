"""Complaints, enquiries, suggestions and praise."""

from __future__ import annotations

from datetime import date, timedelta

from deskcrm.errors import FieldError, InvalidError
from deskcrm.i18n import N_
from deskcrm.models import Case, CaseKind, InteractionChannel
from deskcrm.resources import load_toml
from deskcrm.rules.text import clean, clean_multiline
from deskcrm.services.authority import allow, visible_customer
from deskcrm.services.desk import Desk
from deskcrm.vault.session import ChangeSet


def add_case(
    desk: Desk,
    customer_id: int,
    kind: CaseKind,
    subject: str,
    *,
    description: str = "",
    channel: InteractionChannel = InteractionChannel.COUNTER,
) -> ChangeSet:
    """Take down what a customer brought forward today; this officer handles it.

    The day by which it must be answered comes from ``data/cases.toml``; praise has none. Raises
    ``InvalidError`` without a subject.
    """
    allow(desk, "case.add")
    title = clean(subject).strip()
    if not title:
        raise InvalidError({"subject": FieldError(N_("Say in a few words what it is about."))})
    with desk.write("case.add") as work:
        customer = visible_customer(desk, work.session, customer_id)
        work.add(
            Case(
                customer_id=customer.id,
                kind=kind,
                channel=channel.value,
                subject=title,
                description=clean_multiline(description).strip(),
                handler_id=desk.officer.id,
                opened_on=desk.today(),
                due_on=answer_due(kind, desk.today()),
            )
        )
    return work.change_set


def answer_due(kind: CaseKind, opened_on: date) -> date | None:
    """The last day to answer a case opened on ``opened_on``, in calendar days."""
    days = load_toml("cases.toml")["answer_within_days"].get(kind.value)
    return None if days is None else opened_on + timedelta(days=days)
