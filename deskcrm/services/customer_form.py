"""The form of a customer, of the three kinds: load it, check it, save it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from deskcrm.clock import local
from deskcrm.errors import FieldError, InvalidError, StaleEditError
from deskcrm.i18n import N_
from deskcrm.models import (
    ChannelKind,
    ContactChannel,
    Customer,
    CustomerKind,
    Gender,
    IdentityDocument,
    RiskClass,
    RiskTolerance,
)
from deskcrm.rules.customer_checks import (
    WAYS_TO_REACH,
    Checked,
    FormField,
    Stored,
    Today,
    Value,
    check_customer,
    form_fields,
)
from deskcrm.rules.masking import mask
from deskcrm.rules.names import sort_key
from deskcrm.services.authority import allow, visible_customer
from deskcrm.services.desk import Desk
from deskcrm.services.duplicates import By, Possible, similar_in
from deskcrm.vault.session import ChangeSet, UnitOfWork

FORM = "customer"
REVIEWED = "reviewed"

_COLUMNS = {
    "annual_income": "annual_income_minor",
    "registered_capital": "registered_capital_minor",
}
_IN_COMMON = {
    "id_number": By.ID_NUMBER,
    "credit_code": By.CREDIT_CODE,
    "mobile": By.PHONE,
    "landline": By.PHONE,
}
_CODES: dict[str, type[StrEnum]] = {
    "gender": Gender,
    "id_type": IdentityDocument,
    "risk_class": RiskClass,
    "risk_tolerance": RiskTolerance,
}
_EMPTY: dict[str, str | bool] = {
    name: column.default
    for name, column in Customer.model_fields.items()
    if isinstance(column.default, str | bool)
}


@dataclass(frozen=True, slots=True)
class CustomerForm:
    """A customer as the form shows it; ``masked`` fields hold stars until they are typed anew.

    ``revision`` goes back with the values, so that an edit of a changed record is noticed.
    """

    customer_id: int
    kind: CustomerKind
    values: dict[str, Value]
    masked: frozenset[str]
    revision: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found: errors by field, and warnings that do not stop a save."""

    errors: dict[str, FieldError] = field(default_factory=dict)
    warnings: dict[str, tuple[FieldError, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved customer. ``change_set.entries`` is 0 when nothing was different."""

    id: int
    change_set: ChangeSet
    warnings: dict[str, tuple[FieldError, ...]]


def form_for(kind: CustomerKind) -> tuple[FormField, ...]:
    """The fields of the form for a kind of customer, in the order of the screen."""
    return form_fields(kind.value)


def load_form(desk: Desk, customer_id: int) -> CustomerForm:
    """The form filled with what the file holds; sensitive values masked."""
    allow(desk, "customer.edit")
    with desk.read() as session:
        customer = visible_customer(desk, session, customer_id)
        stored = _stored(session, customer, customer.kind)
        fields = form_for(customer.kind)
        return CustomerForm(
            customer.id,
            customer.kind,
            {"kind": customer.kind.value, **{f.name: stored[f.name].shown for f in fields}},
            frozenset(f.name for f in fields if f.mask and stored[f.name].text),
            customer.revision,
        )


def check_form(
    desk: Desk, values: Mapping[str, Value], *, customer_id: int | None = None
) -> Verdict:
    """Check what is entered so far, without saving; for errors beside the fields.

    ``values["kind"]`` says which form it is; fields that are left out keep what the file holds.
    """
    allow(desk, "customer.edit" if customer_id else "customer.create")
    with desk.read() as session:
        customer = None if customer_id is None else visible_customer(desk, session, customer_id)
        checked = _checked(desk, session, values, customer)
    return Verdict(checked.errors, checked.warnings)


def save_customer(
    desk: Desk,
    values: Mapping[str, Value],
    *,
    customer_id: int | None = None,
    revision: int | None = None,
) -> Saved:
    """Save a new customer in this officer's care, or an edit of one.

    Only a prospect may change its kind; its history stays. Raises ``InvalidError`` with the errors
    by field, and ``StaleEditError`` when the record is no longer at ``revision``.
    """
    new = customer_id is None
    allow(desk, "customer.create" if new else "customer.edit")
    with desk.write("customer.create" if new else "customer.edit") as work:
        customer = None
        if customer_id is not None:
            customer = visible_customer(desk, work.session, customer_id)
            if revision is not None and customer.revision != revision:
                raise StaleEditError
        checked = _checked(desk, work.session, values, customer)
        if checked.errors:
            raise InvalidError(checked.errors)
        kind = _kind(values)
        if customer is None:
            customer = _new(desk, kind, checked.values["name"])
        _write(work, customer, kind, checked.values, desk.today())
    return Saved(customer.id, work.change_set, checked.warnings)


def _kind(values: Mapping[str, Value]) -> CustomerKind:
    try:
        return CustomerKind(str(values.get("kind")))
    except ValueError as error:
        raise InvalidError({"kind": FieldError(N_("Choose one of the list."))}) from error


def _checked(
    desk: Desk, session: Session, values: Mapping[str, Value], customer: Customer | None
) -> Checked:
    kind = _kind(values)
    stored = {} if customer is None else _stored(session, customer, kind)
    now = local(desk.now(), desk.clock).replace(tzinfo=None)
    checked = check_customer(kind.value, values, stored, Today(now, desk.calendar))
    if customer is not None and kind != customer.kind != CustomerKind.PROSPECT:
        checked.errors["kind"] = FieldError(N_("Only a prospect can become another kind."))
    _check_others(desk, session, checked, stored, customer.id if customer else None)
    return checked


def _check_others(
    desk: Desk,
    session: Session,
    checked: Checked,
    stored: Mapping[str, Stored],
    customer_id: int | None,
) -> None:
    """A customer number is given once; other numbers in common are worth a second look."""
    new = {
        name: value
        for name, value in checked.values.items()
        if value and value != stored.get(name, Stored()).value
    }
    if "number" in new:
        taken = select(Customer.id).where(col(Customer.number) == new["number"])
        if session.exec(taken).first() not in {None, customer_id}:
            checked.errors["number"] = FieldError(N_("Another customer has this number."))
    for name, by in _IN_COMMON.items():
        if name in new:
            asked = {by: {by.value: str(new[name])}}
            for possible in similar_in(session.connection(), desk, asked, customer_id):
                known = checked.warnings.get(name, ())
                checked.warnings[name] = (*known, _told(possible))


def _told(possible: Possible) -> FieldError:
    if possible.customer_id is None:
        return FieldError(N_("A customer of another officer has the same; ask your supervisor."))
    return FieldError(N_("{name} has the same; is this the same customer?"), name=possible.name)


def _stored(session: Session, customer: Customer, kind: CustomerKind) -> dict[str, Stored]:
    channels = _channels(session, customer.id)
    found = {}
    for wanted in form_for(kind):
        if wanted.name in WAYS_TO_REACH:
            channel = channels.get(ChannelKind(wanted.name))
            value: Any = channel.value if channel else None
        else:
            value = getattr(customer, _COLUMNS.get(wanted.name, wanted.name), None)
        text = _as_text(wanted, value)
        shown = mask(wanted.mask, text).text if wanted.mask and text else text
        found[wanted.name] = Stored(value, text, shown)
    return found


def _as_text(wanted: FormField, value: Any) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    if wanted.type == "money":
        return f"{value // 100}.{value % 100:02d}"
    return value.isoformat() if isinstance(value, date) else str(value)


def _channels(session: Session, customer_id: int) -> dict[ChannelKind, ContactChannel]:
    """The channel of each kind that the form shows: the preferred one, else the oldest."""
    rows = session.exec(
        select(ContactChannel)
        .where(col(ContactChannel.customer_id) == customer_id)
        .order_by(col(ContactChannel.preferred).desc(), col(ContactChannel.id))
    )
    found: dict[ChannelKind, ContactChannel] = {}
    for row in rows:
        found.setdefault(row.kind, row)
    return found


def _new(desk: Desk, kind: CustomerKind, name: str) -> Customer:
    return Customer(
        kind=kind,
        name=name,
        branch_id=desk.officer.branch_id,
        owner_id=desk.officer.id,
        reviewed_on=desk.today(),
        cadence_anchor_on=desk.today(),
        created_at=desk.now(),
        updated_at=desk.now(),
    )


def _write(
    work: UnitOfWork, customer: Customer, kind: CustomerKind, values: Mapping[str, Any], today: date
) -> None:
    """Write what is different; ``data_as_of`` moves only with it."""
    customer.kind = kind
    for name, value in values.items():
        if name not in WAYS_TO_REACH and name != REVIEWED:
            _set(customer, name, value)
    customer.name_sort = sort_key(customer.name)
    if values.get(REVIEWED):
        customer.reviewed_on = today
    if customer.id is None:
        customer.data_as_of = today
        work.add(customer)
        work.session.flush()
        _write_channels(work, customer.id, values)
        return
    changed = work.session.is_modified(customer)
    with work.session.no_autoflush:
        moved = _write_channels(work, customer.id, values)
    if changed or moved:
        customer.data_as_of = today
    if moved and not changed:
        customer.revision += 1


def _set(customer: Customer, name: str, value: Any) -> None:
    column = _COLUMNS.get(name, name)
    if value is None:
        value = _EMPTY.get(column)
    elif name in _CODES:
        value = _CODES[name](value)
    setattr(customer, column, value)


def _write_channels(work: UnitOfWork, customer_id: int, values: Mapping[str, Any]) -> bool:
    """Bring the channels of the form up to date; whether any changed."""
    known = _channels(work.session, customer_id)
    moved = False
    for name in WAYS_TO_REACH:
        kind = ChannelKind(name)
        channel = known.get(kind)
        value: str | None = values.get(name)
        if name not in values or value == (channel.value if channel else None):
            continue
        moved = True
        if value is None:
            work.session.delete(channel)
        elif channel is not None:
            channel.value, channel.normalized = value, normal_channel(kind, value)
        else:
            normal = normal_channel(kind, value)
            work.add(
                ContactChannel(
                    customer_id=customer_id,
                    kind=kind,
                    value=value,
                    normalized=normal,
                    preferred=True,
                )
            )
    return moved


def normal_channel(kind: ChannelKind, value: str) -> str:
    """What searching and matching compare; phones are kept in one form already."""
    return value.casefold() if kind is ChannelKind.EMAIL else value
