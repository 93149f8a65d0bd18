"""Numbers with check digits: resident identity numbers, credit codes, bank cards.

A number that passes here is well formed. Whether it was ever issued, or belongs to the customer,
can't be known offline, and nothing here says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from operator import mul
from typing import Literal

from deskcrm.errors import FieldError
from deskcrm.i18n import N_
from deskcrm.resources import load_json
from deskcrm.rules.text import half_width

Gender = Literal["male", "female"]
IdentityKind = Literal["resident", "residence-permit", "foreign-permanent"]

OLD_FORM = N_("This is a 15-digit number of the old form; it was extended to 18 characters.")
UNKNOWN_DIVISION = N_("The administrative division code is not in the list; please check it.")
OVER_AGE = N_("By this number the person is over {years} years old; please check it.")

PLAUSIBLE_AGE = 120

_IDENTITY_SHAPE = re.compile(r"[1-9][0-9]{16}[0-9X]")
_OLD_SHAPE = re.compile(r"[1-9][0-9]{14}")
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_CHECKS = "10X98765432"
_ASCII_ZEROS = ord("0") * sum(_IDENTITY_WEIGHTS)
# Sequence numbers that the old form, which has no century, keeps for people born before 1900.
_CENTENARIANS = frozenset({"996", "997", "998", "999"})

_CREDIT_SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT_SHAPE = re.compile(rf"[1-9ANY][{_CREDIT_SYMBOLS}][0-9]{{6}}[{_CREDIT_SYMBOLS}]{{10}}")
_CREDIT_VALUES = {symbol: value for value, symbol in enumerate(_CREDIT_SYMBOLS)}
_CREDIT_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))

_LUHN_DOUBLED = str.maketrans("0123456789", "0246813579")


@dataclass(frozen=True, slots=True)
class IdentityNumber:
    """A well-formed identity number and what its digits say.

    ``text`` has 18 characters with an upper-case X. ``division`` is the six-digit GB/T 2260 code
    (for a foreign permanent resident's card the issuing province, as ``110000``). ``warnings`` are
    translated sentences for the officer; they hold nothing of the number.
    """

    text: str = field(repr=False)
    division: str
    born_on: date = field(repr=False)
    gender: Gender
    kind: IdentityKind = "resident"
    warnings: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A well-formed unified social credit code; ``division`` is that of the registering office."""

    text: str
    division: str
    warnings: tuple[FieldError, ...] = ()


def parse_identity_number(text: str, today: date) -> IdentityNumber:
    """The identity number that ``text`` holds, as written on the card or typed carelessly.

    GB 11643-1999: 17 digits and a check character; also residence permits of Hong Kong, Macau and
    Taiwan residents (81, 82, 83) and the foreign permanent resident's card (18 characters from 9).
    The 15-digit old form is extended. Raises ``FieldError``, whose message never holds the value.
    """
    number = _compact(text)
    old = len(number) == 15
    if old:
        number = upgrade_identity_number(number)
    if len(number) != 18:
        raise FieldError(
            N_("An identity number has 18 characters, the old form 15; this one has {n}."),
            n=len(number),
        )
    if not _IDENTITY_SHAPE.fullmatch(number):
        raise FieldError(N_("An identity number is 17 digits and a last digit or X."))
    born_on = _date(number[6:14])
    if born_on is None or born_on > today:
        raise FieldError(N_("The birth date in this identity number cannot be right."))
    if number[17] != identity_check_digit(number[:17]):
        raise FieldError(
            N_("The last character does not fit the rest; one of the characters is wrong.")
        )
    kind = _identity_kind(number)
    division = f"{number[1:3]}0000" if kind == "foreign-permanent" else number[:6]
    return IdentityNumber(
        text=number,
        division=division,
        born_on=born_on,
        gender="male" if int(number[16]) % 2 else "female",
        kind=kind,
        warnings=tuple(_identity_warnings(division, born_on, today, old)),
    )


def identity_check_digit(first17: str) -> str:
    """The last character of an identity number from its first 17 digits (ISO 7064 MOD 11-2)."""
    total = sum(map(mul, _IDENTITY_WEIGHTS, first17.encode("ascii"))) - _ASCII_ZEROS
    return _IDENTITY_CHECKS[total % 11]


def upgrade_identity_number(old: str) -> str:
    """The 18-character form of a 15-digit number (GB 11643-1989 to 1999).

    The century is 19 but for the sequence numbers 996 to 999, kept for those born before 1900.
    Raises ``FieldError`` if ``old`` isn't 15 digits; the birth date is not looked at.
    """
    if not _OLD_SHAPE.fullmatch(old):
        raise FieldError(N_("An identity number of the old form is 15 digits."))
    century = "18" if old[12:] in _CENTENARIANS else "19"
    first17 = old[:6] + century + old[6:]
    return first17 + identity_check_digit(first17)


def is_identity_number(text: str) -> bool:
    """Whether ``text`` is well formed and in the stored form: 18 characters, upper-case X.

    For one value after another in an import: without a clock, so a birth date yet to come passes,
    and without warnings.
    """
    return (
        _IDENTITY_SHAPE.fullmatch(text) is not None
        and identity_check_digit(text[:17]) == text[17]
        and _date(text[6:14]) is not None
    )


def parse_credit_code(text: str) -> CreditCode:
    """The unified social credit code (GB 32100-2015) that ``text`` holds.

    Raises ``FieldError`` for a wrong length, symbol or check character; a division that is not in
    the list is only a warning.
    """
    code = _compact(text)
    if len(code) != 18:
        raise FieldError(
            N_("A unified social credit code has 18 characters; this one has {n}."), n=len(code)
        )
    if not _CREDIT_SHAPE.fullmatch(code):
        raise FieldError(
            N_(
                "A unified social credit code is digits and capital letters without I, O, S, V, Z;"
                " the third to eighth are digits."
            )
        )
    if code[17] != credit_code_check(code[:17]):
        raise FieldError(
            N_("The last character does not fit the rest; one of the characters is wrong.")
        )
    division = code[2:8]
    known = division_name(division) is not None or division.endswith("0000")
    return CreditCode(code, division, () if known else (FieldError(UNKNOWN_DIVISION),))


def credit_code_check(first17: str) -> str:
    """The last character of a credit code from its first 17; ``KeyError`` on a foreign symbol."""
    total = sum(map(mul, _CREDIT_WEIGHTS, map(_CREDIT_VALUES.__getitem__, first17)))
    return _CREDIT_SYMBOLS[-total % 31]


def is_credit_code(text: str) -> bool:
    """Whether ``text`` is a well-formed credit code in the stored form: 18 upper-case symbols."""
    return _CREDIT_SHAPE.fullmatch(text) is not None and credit_code_check(text[:17]) == text[17]


def card_check_digit(payload: str) -> str:
    """The Luhn check digit (ISO/IEC 7812-1) that follows the digits ``payload``."""
    return str(-_luhn_sum(payload + "0") % 10)


def is_luhn(digits: str) -> bool:
    """Whether ``digits`` (ASCII digits only, at least two) end in their Luhn check digit."""
    return len(digits) > 1 and digits.isascii() and digits.isdigit() and _luhn_sum(digits) % 10 == 0


def division_name(code: str) -> str | None:
    """The name of a six-digit division code, current or historic; ``None`` if in neither list."""
    return _divisions().get(code)


@cache
def _divisions() -> dict[str, str]:
    data = load_json("divisions.json")
    return {**data["historic"], **data["current"]}


def _identity_kind(number: str) -> IdentityKind:
    if number[0] == "9":
        return "foreign-permanent"
    return "residence-permit" if number[:2] in {"81", "82", "83"} else "resident"


def _identity_warnings(division: str, born_on: date, today: date, old: bool) -> list[FieldError]:
    warnings = []
    if old:
        warnings.append(FieldError(OLD_FORM))
    if division_name(division) is None:
        warnings.append(FieldError(UNKNOWN_DIVISION))
    if today.year - born_on.year > PLAUSIBLE_AGE:
        warnings.append(FieldError(OVER_AGE, years=PLAUSIBLE_AGE))
    return warnings


@lru_cache(maxsize=1 << 16)
def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _luhn_sum(digits: str) -> int:
    doubled = digits[-2::-2].translate(_LUHN_DOUBLED)
    return sum(map(int, digits[-1::-2])) + sum(map(int, doubled))


def _compact(text: str) -> str:
    return "".join(half_width(text).split()).upper()
