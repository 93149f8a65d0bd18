"""Masks for sensitive values. What they show is set in data/masks.toml, after JR/T 0171-2020."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from deskcrm.resources import load_toml
from deskcrm.rules.text import clean

STAR = "*"

# A domain that is only a domain: what follows the @ is shown, so it must not hide a number.
_DOMAIN = re.compile(r"(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")
_LONG_NUMBER = re.compile(r"[0-9]{5}")


class MaskKind(StrEnum):
    """Kinds of sensitive values, one for each table of data/masks.toml."""

    PHONE = "phone"
    CARD = "card"
    ACCOUNT = "account"
    IDENTITY = "identity"
    CREDIT_CODE = "credit_code"
    NAME = "name"
    EMAIL = "email"
    ADDRESS = "address"
    BIRTH_DATE = "birth_date"
    OTHER = "other"


_SPACED = frozenset({MaskKind.NAME, MaskKind.ADDRESS, MaskKind.OTHER})


@dataclass(frozen=True, slots=True)
class Masked:
    """A sensitive value as it may be shown: it holds the masked text and nothing else."""

    text: str

    def __str__(self) -> str:
        return self.text


class Mask(NamedTuple):
    """How much of a value is shown; the words are explained in data/masks.toml."""

    first: int
    last: int
    hidden: int
    stars: int | None = None
    keep: str | None = None


def mask(kind: MaskKind, value: str) -> Masked:
    """``value`` masked as the rule for its kind says; a short value shows less, an empty nothing.

    Numbers are masked without the spaces they are written with.
    """
    text = clean(value) if kind in _SPACED else "".join(clean(value).split())
    rule = rule_for(kind)
    if rule.keep == "domain":
        text, domain = _split_domain(text)
        return Masked(_masked(text, rule) + domain)
    return Masked(_masked(text.strip(), rule))


@cache
def rule_for(kind: MaskKind) -> Mask:
    """The rule in force for a kind of value."""
    row: dict[str, Any] = load_toml("masks.toml")[kind.value]
    return Mask(**{name: row[name] for name in Mask._fields if name in row})


def _masked(text: str, rule: Mask) -> str:
    if not text:
        return ""
    first, last = rule.first, rule.last
    if len(text) < first + last + rule.hidden:
        first, last = 0, min(last, len(text) // 4)
    hidden = len(text) - first - last
    stars = STAR * (hidden if rule.stars is None else min(rule.stars, hidden))
    return text[:first] + stars + text[len(text) - last :]


def _split_domain(text: str) -> tuple[str, str]:
    """The part of an e-mail address to mask, and the domain to show if it is nothing but one."""
    local, at, domain = text.rpartition("@")
    shown = at and _DOMAIN.fullmatch(domain) and not _LONG_NUMBER.search(domain)
    return (local, at + domain) if shown else (text, "")
