"""How a customer is named in lists and headings: words for kind and tier, dates, money."""

from __future__ import annotations

from datetime import date
from functools import cache

from deskcrm.i18n import language, translate
from deskcrm.resources import load_toml
from deskcrm.rules.money import Money, format_money
from deskcrm.widgets.text import plain

DASH = "-"


def word(group: str, code: str | None) -> str:
    """A coded word in the language in force; itself where it is not ours, a dash for none."""
    return _named(words_of(group), code)


@cache
def words_of(group: str) -> dict[str, str]:
    """The codes of a group, each with its message id."""
    files = (load_toml("customer_words.toml"), load_toml("record_words.toml"))
    return {row["code"]: row["label_id"] for file in files for row in file.get(group, ())}


def tier_word(code: str | None) -> str:
    """The name of a tier in the language in force."""
    return _named(_tiers(), code)


def day(value: date | None) -> str:
    """A day as ``2026-11-23``; a dash for none."""
    return value.isoformat() if value else DASH


def amount(money: Money | None, *, compact: bool = False) -> str:
    """An amount in the language in force; a dash for none."""
    return DASH if money is None else format_money(money, language(), compact)


def tier_codes() -> tuple[str, ...]:
    """The codes of all tiers, the plainest first."""
    return tuple(_tiers())


def _named(words: dict[str, str], code: str | None) -> str:
    """A code that is not ours may be anything, so it is cleaned and never translated."""
    if not code:
        return DASH
    return translate(words[code]) if code in words else plain(code)


@cache
def _tiers() -> dict[str, str]:
    return {row["code"]: row["label_id"] for row in load_toml("tiers.toml")["tier"]}
