"""Telephone numbers of China as people write them, and how they are kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from deskcrm.errors import FieldError
from deskcrm.i18n import N_
from deskcrm.resources import load_toml
from deskcrm.rules.text import half_width

PhoneKind = Literal["mobile", "landline", "service", "foreign"]

UNALLOCATED = N_("No operator is known to use this prefix; please check the number.")
NO_AREA_CODE = N_("There is no area code; please add it.")

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
# Local numbers have eight digits after 010 and 02x, seven or eight after the other area codes.
_LANDLINE = re.compile(
    r"(?P<area>010|02[0-9]|0[3-9][0-9]{2})?"
    r"(?P<local>[2-8][0-9]{6,7})"
    r"(?:x(?P<extension>[0-9]{1,6}))?"
)
# Operators 100xx, public services 12xxx, nation-wide 95xxx and local 96xxx lines, 400 and 800.
_SERVICE = re.compile(r"100[0-9]{2}|12[0-9]{3}|95[0-9]{3,6}|96[0-9]{3,4}|[48]00[0-9]{7}")
_FOREIGN = re.compile(r"\+[1-9][0-9]{6,14}")

_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#|(?<=[0-9]{7})-(?=[0-9]{1,6}$))", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s\-./()·‐‑‒–—−]+")
_CHINA = re.compile(r"(?:\+|00)86(?:0(?=[1-9]))?|86(?=1[3-9][0-9]{9}$)")


@dataclass(frozen=True, slots=True)
class Phone:
    """A well-formed number; ``text`` is how it is kept.

    ``13800138000``, ``010-62345678``, ``0755-26881234-801`` with an extension, ``95588``,
    ``+85291234567``. ``warnings`` are translated sentences for the officer.
    """

    text: str = field(repr=False)
    kind: PhoneKind
    warnings: tuple[FieldError, ...] = ()


def parse_phone(text: str) -> Phone:
    """The telephone number that ``text`` holds, with or without +86, separators, full width.

    Mobile, landline and service numbers of China; a number of another country after ``+`` or
    ``00`` is kept in the form of E.164. Raises ``FieldError``, whose message never holds the
    number. Whether anybody answers there is not known here.
    """
    folded = half_width(text).strip()
    number = _SEPARATORS.sub("", _EXTENSION.sub("x", folded))
    home = _CHINA.sub("", number, count=1) if _CHINA.match(number) else number
    mobile = home.removeprefix("0")
    if _MOBILE.fullmatch(mobile):
        known = mobile[:3] in _allocated()
        return Phone(mobile, "mobile", () if known else (FieldError(UNALLOCATED),))
    if _SERVICE.fullmatch(home):
        return Phone(home, "service")
    abroad = "+" + number[2:] if number.startswith("00") else number
    if home == number and _FOREIGN.fullmatch(abroad):
        return Phone(abroad, "foreign")
    landline = _landline(home) or (_landline("0" + home) if home != number else None)
    if landline is None:
        raise FieldError(
            N_(
                "This is not a telephone number; write a mobile number of 11 digits, a landline"
                " like 010-62345678, or + and the country for another country."
            )
        )
    return landline


def is_mobile(text: str) -> bool:
    """Whether ``text`` is a mobile number of China in the stored form: 11 digits from 13 to 19."""
    return _MOBILE.fullmatch(text) is not None


def _landline(number: str) -> Phone | None:
    match = _LANDLINE.fullmatch(number)
    if match is None:
        return None
    area, local, extension = match["area"], match["local"], match["extension"]
    if area and len(area) == 3 and len(local) != 8:
        return None
    text = "-".join(part for part in (area, local, extension) if part)
    return Phone(text, "landline", () if area else (FieldError(NO_AREA_CODE),))


@cache
def _allocated() -> frozenset[str]:
    return frozenset(load_toml("phones.toml")["mobile"])
