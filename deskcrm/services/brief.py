"""The brief beside the queue: why now, what to say, what happened last, what to mind."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from deskcrm.errors import FieldError, NotFoundError
from deskcrm.i18n import N_, translate
from deskcrm.models import (
    Account,
    Case,
    CaseKind,
    CaseState,
    Customer,
    CustomerKind,
    CustomerStatus,
    Followup,
    FollowupState,
    Interaction,
    InteractionChannel,
    Officer,
    Product,
)
from deskcrm.rules.cadence import working_policy
from deskcrm.rules.text import clean
from deskcrm.services.authority import allow, visible_customer
from deskcrm.services.desk import Desk
from deskcrm.services.dispositions import disposition_of
from deskcrm.services.followups import FollowupView, in_care, views
from deskcrm.services.queue import Phone, Telling, phones_of
from deskcrm.services.ranks import Reason, rank_rows

CONTACTS = 3
PROMISES = 10


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to mind before the call; ``text`` is in the language in force."""

    code: str
    message: str
    values: dict[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return translate(self.message, **self.values)


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact or attempt that lies behind. ``outcome_id`` is a message id."""

    at: datetime
    contact_on: date
    channel: InteractionChannel
    outcome_id: str
    reached: bool
    notes: str
    satisfaction: int | None
    officer_name: str


@dataclass(frozen=True, slots=True)
class Brief:
    """What an officer wants to know in the moment before a call.

    ``followup`` is the one asked about, ``why`` its reasons with the largest first, ``script_id``
    the message id of what to say; all three are empty for a customer with nothing open.
    ``contacts`` has the latest first, ``promises`` what else is open, ``products`` what is held.
    """

    customer_id: int
    customer_name: str
    customer_kind: CustomerKind
    tier_label_id: str
    phone: Phone | None
    pinned_note: str
    followup: FollowupView | None
    why: tuple[Reason, ...]
    script_id: str
    contacts: tuple[Contact, ...]
    promises: tuple[FollowupView, ...]
    alerts: tuple[Alert, ...]
    products: tuple[str, ...]


def brief(desk: Desk, followup_id: int) -> Brief:
    """The brief for a follow-up. Raises ``NotFoundError``."""
    allow(desk, "customer.view")
    with desk.read() as session:
        row = session.exec(
            select(Followup)
            .join(Customer, col(Customer.id) == Followup.customer_id)
            .where(Followup.id == followup_id, in_care(desk))
        ).first()
        if row is None:
            raise NotFoundError
        return _brief(desk, session, session.get_one(Customer, row.customer_id), row)


def brief_for_customer(desk: Desk, customer_id: int) -> Brief:
    """The brief for a customer's most pressing open follow-up, or without one."""
    allow(desk, "customer.view")
    with desk.read() as session:
        customer = visible_customer(desk, session, customer_id)
        return _brief(desk, session, customer, _most_pressing(desk, session, customer_id))


def _most_pressing(desk: Desk, session: Session, customer_id: int) -> Followup | None:
    """The customer's open follow-up to work first: what is due by today, then by its rank."""
    rows = session.exec(
        select(Followup).where(
            Followup.customer_id == customer_id, Followup.state == FollowupState.OPEN
        )
    ).all()
    ranks = rank_rows(session, rows, today=desk.today(), now=desk.now())
    return min(
        rows, key=lambda row: (row.due_on > desk.today(), -ranks[row.id].score), default=None
    )


def alerts_for(desk: Desk, session: Session, customer: Customer) -> tuple[Alert, ...]:
    """What to mind with a customer, the gravest first."""
    found = []
    if customer.do_not_call:
        found.append(Alert("do-not-call", N_("Must not be called.")))
    if customer.status == CustomerStatus.RESTRICTED:
        found.append(Alert("restricted", N_("The customer is restricted.")))
    complaints = session.scalar(
        select(func.count())
        .select_from(Case)
        .where(Case.customer_id == customer.id, Case.kind == CaseKind.COMPLAINT)
        .where(Case.state != CaseState.CLOSED)
    )
    if complaints:
        found.append(Alert("complaint", N_("A complaint is open.")))
    expires = customer.id_expires_on
    if expires is not None and expires < desk.today():
        message = N_("The identity document expired on {day}.")
        found.append(Alert("identity-expired", message, {"day": expires}))
    elif expires is not None and expires <= desk.today() + _identity_notice():
        message = N_("The identity document expires on {day}.")
        found.append(Alert("identity-expires", message, {"day": expires}))
    if customer.special_care:
        found.append(Alert("special-care", N_("Mind: {care}"), {"care": customer.special_care}))
    return tuple(found)


def _brief(desk: Desk, session: Session, customer: Customer, row: Followup | None) -> Brief:
    telling = Telling(desk, session)
    others = session.exec(
        select(Followup)
        .where(Followup.customer_id == customer.id, Followup.state == FollowupState.OPEN)
        .where(Followup.id != (row.id if row else 0))
        .order_by(col(Followup.due_on), col(Followup.id))
        .limit(PROMISES)
    ).all()
    return Brief(
        customer_id=customer.id,
        customer_name=customer.name,
        customer_kind=customer.kind,
        tier_label_id=telling.tier_label(customer.tier),
        phone=phones_of(session, [customer.id]).get(customer.id),
        pinned_note=customer.pinned_note,
        followup=views(session, [row])[0] if row else None,
        why=_reasons(desk, session, telling, customer, row) if row else (),
        script_id=telling.script(row) if row else "",
        contacts=_contacts(session, customer.id),
        promises=views(session, others),
        alerts=alerts_for(desk, session, customer),
        products=_products(session, customer.id),
    )


def _reasons(
    desk: Desk, session: Session, telling: Telling, customer: Customer, row: Followup
) -> tuple[Reason, ...]:
    ranked = rank_rows(session, [row], today=desk.today(), now=desk.now())[row.id]
    terms = sorted(ranked.terms, key=lambda term: -term.points)
    return tuple(telling.reason(term, row, customer.tier) for term in terms)


def _contacts(session: Session, customer_id: int) -> tuple[Contact, ...]:
    rows = session.exec(
        select(Interaction, Officer.name)
        .join(Officer, col(Officer.id) == Interaction.officer_id, isouter=True)
        .where(Interaction.customer_id == customer_id)
        .order_by(col(Interaction.at).desc(), col(Interaction.id).desc())
        .limit(CONTACTS)
    )
    return tuple(
        Contact(
            at=row.at,
            contact_on=row.contact_on,
            channel=row.channel,
            outcome_id=_outcome_id(row.outcome),
            reached=row.reached,
            notes=row.notes,
            satisfaction=row.satisfaction,
            officer_name=officer or "",
        )
        for row, officer in rows
    )


def _outcome_id(code: str) -> str:
    """An outcome's message id; one that came in from elsewhere stands for itself."""
    try:
        return disposition_of(code).label_id
    except FieldError:
        return clean(code)


def _products(session: Session, customer_id: int) -> tuple[str, ...]:
    held = func.coalesce(Product.name, Account.type)
    rows = session.exec(
        select(held, func.count())
        .select_from(Account)
        .join(Product, col(Product.id) == Account.product_id, isouter=True)
        .where(Account.customer_id == customer_id, Account.status == "open")
        .group_by(held)
        .order_by(held)
    )
    return tuple(name if count == 1 else f"{name} ×{count}" for name, count in rows)


def _identity_notice() -> timedelta:
    return timedelta(days=working_policy().identity_notice_days)
