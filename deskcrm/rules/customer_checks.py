"""What may be entered about a customer: each field by its type, then the fields together.

A value that was not touched is not checked again, so that a file with an old mistake in it can
still be worked on. Nothing here says that a number is really the customer's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from deskcrm.errors import FieldError
from deskcrm.i18n import N_
from deskcrm.resources import load_toml
from deskcrm.rules.customer_words import words
from deskcrm.rules.identity import is_identity_number, parse_credit_code, parse_identity_number
from deskcrm.rules.masking import STAR, MaskKind
from deskcrm.rules.money import parse_minor
from deskcrm.rules.phones import parse_phone
from deskcrm.rules.spoken_dates import read_date
from deskcrm.rules.text import clean_multiline, half_width, is_clean
from deskcrm.rules.working_days import WorkingCalendar

Value = str | bool | None

LONGEST_LINE = 200
LONGEST_TEXT = 2_000
LONGEST_CADENCE = 366
WAYS_TO_REACH = ("mobile", "landline", "email", "wechat")
CHECKED_DOCUMENTS = frozenset({"", "resident_id", "hk_macau_taiwan_permit", "foreign_permanent"})

_EMAIL = re.compile(r"[^\s@<>\"(),:;\[\]\\]{1,64}@(?:[\w-]{1,63}\.)+[\w-]{2,63}")
_DOCUMENT_NUMBER = re.compile(r"[0-9A-Z-]{4,24}")
_COUNT = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of the form. ``choices`` are codes with their message ids."""

    name: str
    type: str
    label_id: str
    kinds: frozenset[str]
    required: bool = False
    expected: bool = False
    mask: MaskKind | None = None
    choices: Mapping[str, str] = field(default_factory=dict)
    longest: int = LONGEST_LINE


@dataclass(frozen=True, slots=True)
class Stored:
    """What the file holds: the value, its clear text, and the text as the form shows it."""

    value: Any = None
    text: str = field(default="", repr=False)
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Today:
    """The branch's local time, naive, and its calendar: what dates are read with."""

    now: datetime
    calendar: WorkingCalendar


@dataclass(slots=True)
class Checked:
    """Values ready to be stored, what is wrong, and what an officer should look at again."""

    values: dict[str, Any] = field(default_factory=dict, repr=False)
    errors: dict[str, FieldError] = field(default_factory=dict)
    warnings: dict[str, tuple[FieldError, ...]] = field(default_factory=dict)


_Read = tuple[Any, tuple[FieldError, ...]]
_Reader = Callable[[FormField, str, Today], _Read]


@cache
def form_fields(kind: str) -> tuple[FormField, ...]:
    """The fields of a kind of customer, in the order of ``data/customer_form.toml``."""
    rows = load_toml("customer_form.toml")["field"]
    return tuple(_form_field(row) for row in rows if kind in row["kinds"])


def check_customer(
    kind: str, entered: Mapping[str, Value], stored: Mapping[str, Stored], today: Today
) -> Checked:
    """Read and check what was entered for a customer of ``kind``.

    A field that was not entered, or is as the form showed it, keeps its stored value.
    """
    checked = Checked()
    for wanted in form_fields(kind):
        known = stored.get(wanted.name, Stored())
        text = _text(entered.get(wanted.name, known.shown))
        if text in {known.shown, known.text}:
            checked.values[wanted.name] = known.value
        elif wanted.name == "id_number":
            document = _text(entered.get("id_type", stored.get("id_type", Stored()).text))
            _read_into(checked, wanted, text, today, _document_reader(document, text))
        else:
            _read_into(checked, wanted, text, today, _READERS[wanted.type])
        if wanted.required and not text:
            checked.errors[wanted.name] = FieldError(N_("This field must be filled in."))
    changed = {
        name for name, value in checked.values.items() if value != stored.get(name, Stored()).value
    }
    _check_identity(checked, changed, today.now.date())
    _check_together(checked, kind, changed, today.now.date())
    return checked


def gaps(kind: str, filled: Callable[[str], bool]) -> tuple[FormField, ...]:
    """The expected fields of a kind that are not filled in."""
    return tuple(f for f in form_fields(kind) if f.expected and not filled(f.name))


def _form_field(row: Mapping[str, Any]) -> FormField:
    group = row.get("choices", "")
    is_text = row["type"] == "multiline"
    return FormField(
        name=row["name"],
        type=row["type"],
        label_id=row["label_id"],
        kinds=frozenset(row["kinds"]),
        required=row.get("required", False),
        expected=row.get("expected", False),
        mask=MaskKind(row["mask"]) if "mask" in row else None,
        choices=(_tiers() if group == "tier" else words(group)) if group else {},
        longest=row.get("longest", LONGEST_TEXT if is_text else LONGEST_LINE),
    )


def _tiers() -> dict[str, str]:
    return {row["code"]: row["label_id"] for row in load_toml("tiers.toml")["tier"]}


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    text = (value or "").replace("\r\n", "\n").strip()
    return "" if text == "no" else text


def _read_into(checked: Checked, wanted: FormField, text: str, today: Today, read: _Reader) -> None:
    if not text:
        checked.values[wanted.name] = None
        return
    try:
        _check_text(wanted, text)
        value, warnings = read(wanted, text, today)
    except FieldError as error:
        checked.errors[wanted.name] = error
        return
    checked.values[wanted.name] = value
    if warnings:
        checked.warnings[wanted.name] = warnings


def _check_text(wanted: FormField, text: str) -> None:
    safe = clean_multiline(text) == text if wanted.type == "multiline" else is_clean(text)
    if not safe:
        raise FieldError(
            N_("There are control or invisible characters in this; please type it again.")
        )
    if wanted.mask and STAR in text:
        raise FieldError(N_("Type the whole value; a masked one cannot be saved."))
    if len(text) > wanted.longest:
        raise FieldError(N_("At most {n} characters fit here."), n=wanted.longest)


def _read_text(_wanted: FormField, text: str, _today: Today) -> _Read:
    return text, ()


def _read_choice(wanted: FormField, text: str, _today: Today) -> _Read:
    if text not in wanted.choices:
        raise FieldError(N_("Choose one of the list."))
    return text, ()


def _read_bool(_wanted: FormField, text: str, _today: Today) -> _Read:
    return text == "yes", ()


def _read_date(_wanted: FormField, text: str, today: Today) -> _Read:
    spoken = read_date(text, today.now, today.calendar, future_only=False)
    if spoken is None:
        raise FieldError(N_("This is not understood as a date; write it like 2026-11-23."))
    return spoken.day, ()


def _read_past_date(wanted: FormField, text: str, today: Today) -> _Read:
    day, warnings = _read_date(wanted, text, today)
    if day > today.now.date():
        raise FieldError(N_("This day is still to come."))
    return day, warnings


def _read_money(_wanted: FormField, text: str, _today: Today) -> _Read:
    minor = parse_minor(text)
    if minor < 0:
        raise FieldError(N_("This amount cannot be less than zero."))
    return minor, ()


def _read_count(_wanted: FormField, text: str, _today: Today) -> _Read:
    digits = half_width(text).replace(",", "")
    if not _COUNT.fullmatch(digits) or int(digits) == 0:
        raise FieldError(N_("Write a whole number from 1."))
    return int(digits), ()


def _read_phone(_wanted: FormField, text: str, _today: Today) -> _Read:
    phone = parse_phone(text)
    return phone.text, phone.warnings


def _read_email(_wanted: FormField, text: str, _today: Today) -> _Read:
    address = half_width(text)
    if not _EMAIL.fullmatch(address):
        raise FieldError(N_("This is not an e-mail address; write it like name@example.com."))
    return address, ()


def _read_identity(_wanted: FormField, text: str, today: Today) -> _Read:
    number = parse_identity_number(text, today.now.date())
    return number.text, number.warnings


def _read_document(_wanted: FormField, text: str, _today: Today) -> _Read:
    """The number of a document that has no check digit: a passport, a military card."""
    number = "".join(half_width(text).split()).upper()
    if not _DOCUMENT_NUMBER.fullmatch(number):
        raise FieldError(N_("A document number is 4 to 24 letters and digits."))
    return number, ()


def _read_credit_code(_wanted: FormField, text: str, _today: Today) -> _Read:
    code = parse_credit_code(text)
    return code.text, code.warnings


def _document_reader(document: str, number: str) -> _Reader:
    """Old permits of Hong Kong, Macau and Taiwan residents begin with a letter, without a check."""
    old_permit = document == "hk_macau_taiwan_permit" and not number[:1].isdigit()
    return _read_identity if document in CHECKED_DOCUMENTS and not old_permit else _read_document


def _check_identity(checked: Checked, changed: set[str], today: date) -> None:
    """An identity number says when its holder was born and of which gender they are."""
    values = checked.values
    number = values.get("id_number")
    if not number or not changed & {"id_number", "born_on", "gender"}:
        return
    if not values.get("id_type"):
        values["id_type"] = "resident_id"
    if values["id_type"] not in CHECKED_DOCUMENTS or not is_identity_number(number):
        return
    parsed = parse_identity_number(number, today)
    for name, told, message in (
        ("born_on", parsed.born_on, N_("The identity number gives another date of birth.")),
        ("gender", parsed.gender, N_("The identity number gives another gender.")),
    ):
        if not values.get(name) and name not in checked.errors:
            values[name] = told
        elif name in values and values[name] != told:
            checked.errors[name] = FieldError(message)


def _check_together(checked: Checked, kind: str, changed: set[str], today: date) -> None:
    values, errors = checked.values, checked.errors
    reachable = any(values.get(way) or way in errors for way in WAYS_TO_REACH)
    if kind == "prospect" and not reachable:
        errors["mobile"] = FieldError(N_("Give at least one way to reach a prospect."))
    if (values.get("cadence_days") or 0) > LONGEST_CADENCE:
        errors["cadence_days"] = FieldError(
            N_("The interval between contacts is at most {n} days."), n=LONGEST_CADENCE
        )
    expires_on = values.get("id_expires_on")
    if expires_on and expires_on < today and "id_expires_on" in changed:
        checked.warnings["id_expires_on"] = (FieldError(N_("This document has expired.")),)


_READERS: dict[str, _Reader] = {
    "text": _read_text,
    "multiline": _read_text,
    "choice": _read_choice,
    "bool": _read_bool,
    "date": _read_date,
    "past_date": _read_past_date,
    "money": _read_money,
    "count": _read_count,
    "phone": _read_phone,
    "email": _read_email,
    "identity": _read_identity,
    "credit_code": _read_credit_code,
}
