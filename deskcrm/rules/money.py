"""Money as an integer number of minor units; reading and writing amounts. Never a float."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from deskcrm.errors import DeskError, FieldError
from deskcrm.i18n import N_
from deskcrm.resources import load_toml
from deskcrm.rules.text import half_width

HOME_CURRENCY = "CNY"
MAX_MINOR = 2**63 - 1  # what an INTEGER column of SQLite holds
MAX_LENGTH = 64  # characters of a written amount, with its sign, currency and zeros

UNREADABLE = N_("This cannot be read as one amount; write it like 1,234.50, -500 or 1.2万.")

_PLAIN = re.compile(r"(-?[0-9]{1,15})(?:\.([0-9]{2}))?")  # what exports of banks mostly hold
_AMOUNT = re.compile(
    r"""
    (?P<whole> [1-9][0-9]{0,2} (?:,[0-9]{3})+ | [0-9]+ )?
    (?: \. (?P<part> [0-9]+ ) )?
    \s* (?P<unit> 万亿 | 千万 | 百万 | [千万亿] )?
    """,
    re.VERBOSE,
)
# The words before and after an amount.
_AROUND = re.compile(r"([^-+0-9.()]*)(.*[-+0-9.()千百万亿])?([^-+0-9.()千百万亿]*)", re.DOTALL)
# What a unit multiplies by, as a number of zeros.
_UNITS = {"千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8, "万亿": 12}
_COMPACT = {
    "zh_CN": ((0, ""), (4, "万"), (8, "亿"), (12, "万亿")),
    "en": ((0, ""), (3, "K"), (6, "M"), (9, "B"), (12, "T")),
}
_SIGNS = str.maketrans("−–", "--")


class CurrencyError(DeskError):
    """An unknown currency, or a calculation with two different ones."""

    code = "currency"
    message = N_("Amounts in different currencies cannot be combined. Nothing was changed.")


class Currency(NamedTuple):
    """A currency of ISO 4217: its code, minor digits, and how it is printed and read."""

    code: str
    digits: int
    symbol: str
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Money:
    """``minor`` units (fen, cents; yen for JPY) of ``currency``, an ISO 4217 code.

    Adding, subtracting and comparing need the same currency, else ``CurrencyError``.
    """

    minor: int
    currency: str = HOME_CURRENCY

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __abs__(self) -> Money:
        return Money(abs(self.minor), self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyError
        return other.minor


def currency(code: str) -> Currency:
    """The currency of an ISO 4217 code; ``CurrencyError`` if data/currencies.toml has none."""
    found = _currencies().get(code)
    if found is None:
        raise CurrencyError(
            N_("The currency {code} is not in the list of currencies."), code=code[:3]
        )
    return found


def parse_money(text: str, currency: str = HOME_CURRENCY) -> Money:
    """The amount that ``text`` holds, exactly.

    Reads ``¥1,234.50``, ``1.2万``, ``3亿元``, ``USD 100``, full-width digits, and a minus before or
    after or brackets for less than zero. A currency code or a symbol of one currency only says
    which currency; ``$`` or a bare number is in ``currency``. Refuses with ``FieldError`` what can
    be read two ways (``1.234,50``, ``1,23``, two signs), more decimals than the currency has, and
    amounts beyond 63 bits; nothing is rounded.
    """
    rest = half_width(text).translate(_SIGNS).strip()
    if len(rest) > MAX_LENGTH:
        raise FieldError(UNREADABLE)
    rest, sign = _take_sign(rest)
    rest, found = _take_currency(rest, currency)
    if not sign:
        rest, sign = _take_sign(rest)
    match = _AMOUNT.fullmatch(rest)
    if match is None or not (match["whole"] or match["part"]):
        raise FieldError(UNREADABLE)
    minor = _minor(
        (match["whole"] or "").replace(",", ""),
        match["part"] or "",
        _UNITS.get(match["unit"] or "", 0) + found.digits,
    )
    return Money(-minor if sign == "-" else minor, found.code)


def parse_minor(text: str, currency: str = HOME_CURRENCY) -> int:
    """The amount of ``text`` in minor units of ``currency``; as ``parse_money``, made for imports.

    Raises ``FieldError`` if the amount is given in another currency.
    """
    plain = _PLAIN.fullmatch(text)
    if plain is not None and currency == HOME_CURRENCY:
        whole, part = plain.groups("00")
        return int(whole + part)
    money = parse_money(text, currency)
    if money.currency != currency:
        raise FieldError(
            N_("This amount is in {found}, where {wanted} is expected."),
            found=money.currency,
            wanted=currency,
        )
    return money.minor


def format_money(money: Money, language: str, compact: bool = False) -> str:
    """``¥1,234.50``; compact for tables and tiles ``123.5万`` (zh_CN) or ``1.24M`` (en).

    Compact rounds half away from zero to about three figures and names the currency only if it
    isn't the home currency; the full form is exact.
    """
    kind = currency(money.currency)
    sign = "-" if money.minor < 0 else ""
    amount = abs(money.minor)
    if compact:
        symbol = "" if kind.code == HOME_CURRENCY else _prefix(kind)
        return sign + symbol + _compact(amount, kind.digits, language)
    return sign + _prefix(kind) + _grouped(amount, kind.digits)


@cache
def _currencies() -> dict[str, Currency]:
    return {
        code: Currency(code, row["digits"], row["symbol"], tuple(row["also"]))
        for code, row in load_toml("currencies.toml").items()
        if isinstance(row, dict)
    }


@cache
def _names(expected: str) -> dict[str, Currency]:
    """What names a currency where ``expected`` is meant; a shared name is that of ``expected``."""
    everything = _currencies().values()
    names: dict[str, Currency] = {}
    shared: set[str] = set()
    for kind in everything:
        for name in kind.also:
            if names.setdefault(name, kind) is not kind:
                shared.add(name)
    names = {name: kind for name, kind in names.items() if name not in shared}
    names |= {name: kind for kind in everything for name in (kind.code, kind.symbol)}
    own = currency(expected)
    names |= dict.fromkeys((own.code, own.symbol, *own.also), own)
    return {name.casefold(): kind for name, kind in names.items()}


def _take_currency(text: str, expected: str) -> tuple[str, Currency]:
    """``text`` without the names of its currency, and that currency."""
    match = _AROUND.fullmatch(text)
    if match is None:
        raise FieldError(UNREADABLE)
    before, rest, after = match.groups("")
    known = _names(expected)
    named = set()
    for name in f"{before} {after}".casefold().split():
        if name not in known:
            raise FieldError(UNREADABLE)
        named.add(known[name])
    if len(named) > 1:
        raise FieldError(N_("This amount names two currencies."))
    return rest, named.pop() if named else currency(expected)


def _take_sign(text: str) -> tuple[str, str]:
    """``text`` without its sign, and the sign: ``-`` (also for brackets), ``+`` or nothing."""
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), "-"
    if text.endswith("-"):
        return text[:-1].rstrip(), "-"
    if text.startswith(("-", "+")):
        return text[1:].lstrip(), text[0]
    return text, ""


def _minor(whole: str, part: str, shift: int) -> int:
    """``whole.part`` times ten to the ``shift``, if that is a whole number."""
    part = part.rstrip("0")
    if len(part) > shift:
        raise FieldError(N_("This amount has more decimals than its currency."))
    digits = (whole + part.ljust(shift, "0")).lstrip("0")
    if len(digits) > len(str(MAX_MINOR)) or int(digits or "0") > MAX_MINOR:
        raise FieldError(N_("This amount is too large to be kept."))
    return int(digits or "0")


def _prefix(kind: Currency) -> str:
    return f"{kind.symbol} " if kind.symbol[-1].isalpha() else kind.symbol


def _grouped(minor: int, digits: int) -> str:
    whole, part = divmod(minor, 10**digits)
    return f"{whole:,}.{part:0{digits}}" if digits else f"{whole:,}"


def _compact(minor: int, digits: int, language: str) -> str:
    if minor < 10**digits:
        return _grouped(minor, digits)
    units = _COMPACT[language]
    zeros, name = units[0]
    for above, above_name in units[1:]:
        # Rounded in the smaller unit, so that 9,999.6万 becomes 1亿 and not 10,000万.
        if _rounded(minor, 10 ** (digits + zeros)) < 10 ** (above - zeros):
            break
        zeros, name = above, above_name
    scale = 10 ** (digits + zeros)
    return (_three_figures(minor, scale) if zeros else f"{_rounded(minor, scale):,}") + name


def _three_figures(minor: int, scale: int) -> str:
    """``minor / scale`` with two decimals below ten, one below a thousand, none above."""
    whole = minor // scale
    places = 2 if whole < 10 else 1 if whole < 1000 else 0
    digits = _grouped(_rounded(minor * 10**places, scale), places)
    return digits.rstrip("0").rstrip(".") if places else digits


def _rounded(minor: int, scale: int) -> int:
    """``minor / scale`` to the nearest whole number, halves up."""
    return (2 * minor + scale) // (2 * scale)
