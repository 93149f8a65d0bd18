"""What an officer must know before the first word: the banner of the customer view."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Connection, text

from deskcrm.i18n import N_
from deskcrm.models import Customer, CustomerKind, CustomerStatus, RiskClass
from deskcrm.resources import load_toml


class AlertLevel(StrEnum):
    """How loud an alert is; the banner shows the loudest first."""

    STOP = "stop"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Alert:
    """One line of the banner: ``title`` is a message id, ``values`` fill its placeholders."""

    level: AlertLevel
    code: str
    title: str
    values: dict[str, Any] = field(default_factory=dict)


_FACTS = text("""
    SELECT (SELECT count(*) FROM followup
             WHERE customer_id = :id AND state = 'open' AND due_on < :today),
           (SELECT min(due_on) FROM followup
             WHERE customer_id = :id AND state = 'open' AND due_on < :today),
           (SELECT count(*) FROM service_case
             WHERE customer_id = :id AND kind = 'complaint' AND state <> 'closed'),
           (SELECT min(due_on) FROM service_case
             WHERE customer_id = :id AND kind = 'complaint' AND state <> 'closed'),
           EXISTS (SELECT 1 FROM contact_channel
                    WHERE customer_id = :id AND kind IN ('mobile', 'landline'))
""")


def alerts_of(connection: Connection, customer: Customer, today: date) -> tuple[Alert, ...]:
    """The alerts on a customer, the loudest first."""
    found = [
        *_standing(customer, today),
        *_documents(customer, today),
        *_work(connection, customer, today),
    ]
    order = list(AlertLevel)
    return tuple(sorted(found, key=lambda alert: order.index(alert.level)))


def age_on(born_on: date, today: date) -> int:
    """Full years of age."""
    before_birthday = (today.month, today.day) < (born_on.month, born_on.day)
    return today.year - born_on.year - before_birthday


@cache
def _figures() -> dict[str, Any]:
    return load_toml("alerts.toml")


def _standing(customer: Customer, today: date) -> Iterator[Alert]:
    if customer.status is CustomerStatus.RESTRICTED:
        yield Alert(
            AlertLevel.STOP, "restricted", N_("Restricted: only what the restriction allows.")
        )
    if customer.status is CustomerStatus.CLOSED:
        yield Alert(AlertLevel.WARNING, "closed", N_("This customer has left."))
    if customer.do_not_call:
        yield Alert(AlertLevel.STOP, "do_not_call", N_("Do not call: the customer said so."))
    if customer.risk_class is RiskClass.HIGH:
        yield Alert(AlertLevel.WARNING, "risk_high", N_("High risk class: enhanced due diligence."))
    if customer.pinned_note:
        yield Alert(AlertLevel.NOTE, "pinned", "{note}", {"note": customer.pinned_note})
    if customer.special_care:
        yield Alert(
            AlertLevel.NOTE,
            "special_care",
            N_("Special care: {care}"),
            {"care": customer.special_care},
        )
    if customer.born_on and customer.kind is not CustomerKind.CORPORATE:
        age = age_on(customer.born_on, today)
        if age >= _figures()["elderly"]["from_age"]:
            yield Alert(
                AlertLevel.NOTE,
                "elderly",
                N_("{age} years old: take time, explain, involve a relative for products at risk."),
                {"age": age},
            )


def _documents(customer: Customer, today: date) -> Iterator[Alert]:
    figures = _figures()
    if customer.kind is CustomerKind.INDIVIDUAL and not customer.id_number:
        yield Alert(AlertLevel.WARNING, "no_identity", N_("No identity number on file."))
    if customer.kind is CustomerKind.CORPORATE and not customer.credit_code:
        yield Alert(AlertLevel.WARNING, "no_credit_code", N_("No credit code on file."))
    expires_on = customer.id_expires_on
    soon = timedelta(days=figures["identity_document"]["warn_days"])
    if expires_on and expires_on < today:
        title = N_("The identity document expired on {day}.")
        yield Alert(AlertLevel.WARNING, "identity_expired", title, {"day": expires_on})
    elif expires_on and expires_on <= today + soon:
        title = N_("The identity document expires on {day}.")
        yield Alert(AlertLevel.NOTE, "identity_expiring", title, {"day": expires_on})
    valid = timedelta(days=figures["risk_assessment"]["valid_days"])
    if customer.risk_assessed_on and customer.risk_assessed_on + valid < today:
        title = N_("The risk assessment of {day} is no longer valid.")
        yield Alert(AlertLevel.NOTE, "risk_assessment", title, {"day": customer.risk_assessed_on})


def _work(connection: Connection, customer: Customer, today: date) -> Iterator[Alert]:
    bound = {"id": customer.id, "today": today.isoformat()}
    overdue, since, complaints, answer_by, reachable = connection.execute(_FACTS, bound).one()
    if complaints:
        title = (
            N_("Open complaints: {n}; answer by {day}.")
            if answer_by
            else N_("Open complaints: {n}.")
        )
        yield Alert(
            AlertLevel.WARNING, "complaint", title, {"n": complaints, "day": answer_by or ""}
        )
    if overdue:
        title = N_("Overdue follow-ups: {n}, the oldest since {day}.")
        yield Alert(AlertLevel.WARNING, "overdue", title, {"n": overdue, "day": since})
    if not reachable:
        yield Alert(AlertLevel.WARNING, "no_phone", N_("No telephone number on file."))
