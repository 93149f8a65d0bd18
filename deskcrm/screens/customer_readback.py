"""What the form says about a value while it is typed: how it is read, never that it is true."""

from __future__ import annotations

from datetime import date

from deskcrm.errors import FieldError
from deskcrm.i18n import N_, _, language
from deskcrm.rules.customer_checks import CHECKED_DOCUMENTS, FormField, Today
from deskcrm.rules.identity import IdentityNumber, parse_credit_code, parse_identity_number
from deskcrm.rules.money import Money, format_money, parse_minor
from deskcrm.rules.phones import parse_phone
from deskcrm.rules.search_tokens import plain_number
from deskcrm.rules.spoken_dates import read_date
from deskcrm.widgets.forms import Value

NUMBER_LENGTH = 18
REMOVED = "-"
"""Typed into a field whose stored value is masked, it takes that value off the file."""

FORM_ONLY = N_("format valid, identity not verified")
CODE_FORM_ONLY = N_("format valid, registration not verified")

DOCUMENTS = {
    "resident": "resident_id",
    "residence-permit": "hk_macau_taiwan_permit",
    "foreign-permanent": "foreign_permanent",
}


def read_back(field: FormField, text: str, today: Today) -> str:
    """The value in full and in the language in force; empty where there is nothing to add."""
    try:
        return _READ_BACK[field.type](field, text, today) if field.type in _READ_BACK else ""
    except FieldError:
        return ""


def is_incomplete(field: FormField, text: str) -> bool:
    """Is this the beginning of a number that somebody is still typing?"""
    return field.type in {"identity", "credit_code"} and len(plain_number(text)) < NUMBER_LENGTH


def known_from(number: str, document: str, today: date) -> dict[str, Value]:
    """Kind of document, birth date and gender as an identity number has them; nothing if it is not
    complete, not well formed, or of a document without a check digit."""
    if document not in CHECKED_DOCUMENTS or len(plain_number(number)) != NUMBER_LENGTH:
        return {}
    try:
        parsed: IdentityNumber = parse_identity_number(number, today)
    except FieldError:
        return {}
    return {
        "id_type": document or DOCUMENTS[parsed.kind],
        "born_on": parsed.born_on.isoformat(),
        "gender": parsed.gender,
    }


def _money(_field: FormField, text: str, _today: Today) -> str:
    return f"= {format_money(Money(parse_minor(text)), language())}"


def _date(field: FormField, text: str, today: Today) -> str:
    spoken = read_date(text, today.now, today.calendar, future_only=False)
    if spoken is None:
        return ""
    parts = [f"= {spoken.day.isoformat()}"] if spoken.day.isoformat() != text else []
    if field.name == "born_on":
        parts.append(_("{n} years old", n=_age(spoken.day, today.now.date())))
    return " · ".join(parts)


def _age(born_on: date, today: date) -> int:
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def _phone(_field: FormField, text: str, _today: Today) -> str:
    phone = parse_phone(text)
    return f"= {phone.text}" if phone.text != text else ""


def _identity(_field: FormField, text: str, today: Today) -> str:
    if len(plain_number(text)) < NUMBER_LENGTH:
        return _progress(text)
    parse_identity_number(text, today.now.date())
    return _(FORM_ONLY)


def _credit_code(_field: FormField, text: str, _today: Today) -> str:
    if len(plain_number(text)) < NUMBER_LENGTH:
        return _progress(text)
    parse_credit_code(text)
    return _(CODE_FORM_ONLY)


def _progress(text: str) -> str:
    return _("{n} of {length} characters", n=len(plain_number(text)), length=NUMBER_LENGTH)


_READ_BACK = {
    "money": _money,
    "date": _date,
    "past_date": _date,
    "phone": _phone,
    "identity": _identity,
    "credit_code": _credit_code,
}
