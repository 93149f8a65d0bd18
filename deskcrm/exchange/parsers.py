"""From text to stored values, one parser for each type of field, made for whole columns.

A parser takes the texts of a column, without blanks around them, and gives one value each, nothing
for an empty text. It raises ``FieldError`` if any text does not pass; ``one`` then tells which.
Dates are ISO text, moments ``YYYY-MM-DDTHH:MM:SS`` by the branch's clock, money minor units, rates
millionths: what the database keeps.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from deskcrm.errors import FieldError
from deskcrm.exchange.fields import TargetField, normal_word
from deskcrm.exchange.memo import Memo
from deskcrm.i18n import N_
from deskcrm.rules.identity import (
    is_credit_code,
    is_identity_number,
    parse_credit_code,
    parse_identity_number,
)
from deskcrm.rules.money import currency, parse_minor
from deskcrm.rules.phones import is_mobile, parse_phone
from deskcrm.rules.text import clean, clean_multiline, half_width, is_clean

_SCIENTIFIC = re.compile(r"[+-]?\d(?:\.\d+)?[Ee]\+\d{2,}")
# Private-use and replacement characters: a rare name's character that no other program knows, or
# one that an earlier conversion has lost.
_LOST = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")
# An apostrophe before what a spreadsheet would take for a formula; our own exports put it there.
_DEFUSED = re.compile(r"'(?=[=+\-@])")
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+")
_PLAIN_AMOUNTS = re.compile(r"(?:-?\d{1,15}\.\d\d\n)*+")
_ISO_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_DATE = re.compile(
    r"(\d{4})(?P<mark>[-/.])(\d{1,2})(?P=mark)(\d{1,2})|(\d{4})年(\d{1,2})月(\d{1,2})日?"
)
_DATE_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)")
_ISO_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d")
_TIME = re.compile(
    r"(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?|(\d\d)(\d\d)(\d\d)|(\d{1,2})时(\d{1,2})分(?:(\d{1,2})秒)?"
)
_DATE_THEN_TIME = re.compile(r"(.*?\d日?)[T ]+(\d{1,2}[:时].*)")
_SERIAL = re.compile(r"(\d{5})(\.\d+)?")
_RATE = re.compile(r"([-+]?\d+(?:\.\d+)?)\s*([%‰]?)")
_PHONE_SEPARATORS = re.compile(r"[、/;；,，\n]+")

# Day 0 of the spreadsheet calendar, which counts a 29 February 1900 that never was.
_SERIAL_EPOCH = date(1899, 12, 30)
_EARLIEST_YEAR, _LATEST_YEAR = 1800, 2200
_DOUBTFUL_RATE = Decimal("0.1")
_YES = frozenset({"是", "有", "y", "yes", "true", "1", "√", "t", "on"})
_NO = frozenset({"否", "无", "n", "no", "false", "0", "×", "f", "off"})


class Parser(ABC):
    """Texts of one column to values; see the module's description."""

    def many(self, texts: Sequence[str]) -> list[object]:
        """The values of a column; ``FieldError`` if any text does not pass."""
        one = self.one
        return [one(text) if text else None for text in texts]

    @abstractmethod
    def one(self, text: str) -> object:
        """The value of a text that is not empty; ``FieldError`` if it does not pass."""


class TextParser(Parser):
    """Free text and numbers that are names, such as account numbers."""

    def __init__(self, several_lines: bool = False) -> None:
        self._clean = clean_multiline if several_lines else clean

    def many(self, texts: Sequence[str]) -> list[object]:
        if _is_plain("".join(texts)):
            return [text or None for text in texts]
        return super().many(texts)

    def one(self, text: str) -> object:
        if _SCIENTIFIC.fullmatch(text):
            raise FieldError(
                N_(
                    "A spreadsheet has shortened this number and lost digits. Format the column as "
                    "text where the file comes from, and export again."
                )
            )
        if _LOST.search(text):
            raise FieldError(
                N_("This text holds a character that other programs cannot show. Correct it.")
            )
        return self._clean(text[bool(_DEFUSED.match(text)) :]).strip() or None


def _is_plain(joined: str) -> bool:
    """Whether the texts of a column, put together, need no look at each."""
    if "'" in joined or "E+" in joined or "e+" in joined:
        return False
    if joined.isascii():
        return joined.isprintable()
    return is_clean(joined) and not _LOST.search(joined)


class FunctionParser(Parser):
    """A function of one text, for columns without much repetition."""

    def __init__(self, parse: Callable[[str], object]) -> None:
        self._parse = parse

    def one(self, text: str) -> object:
        return self._parse(text)


class MemoParser(Parser):
    """A function of one text, for columns that repeat themselves: dates, codes."""

    def __init__(self, parse: Callable[[str], object]) -> None:
        self._parse = parse
        self._memo: Memo[object] = Memo(lambda text: parse(text) if text else None)

    def many(self, texts: Sequence[str]) -> list[object]:
        return list(map(self._memo.__getitem__, texts))

    def one(self, text: str) -> object:
        return self._parse(text)


class MoneyParser(Parser):
    """Amounts in ``code``, an ISO 4217 currency, as minor units."""

    def __init__(self, code: str) -> None:
        self.code = code
        self._has_cents = currency(code).digits == 2

    def many(self, texts: Sequence[str]) -> list[object]:
        joined = "\n".join(texts)
        if self._has_cents and _PLAIN_AMOUNTS.fullmatch(joined + "\n"):
            return list(map(int, joined.replace(".", "").split("\n")))
        return super().many(texts)

    def one(self, text: str) -> object:
        return parse_minor(text, self.code)


def make_parser(field: TargetField, today: date, from_sheet: bool, money_in: str) -> Parser:
    """The parser for a field. ``from_sheet`` lets bare day numbers pass as dates."""
    recurring: dict[str, Callable[[str], object]] = {
        "date": partial(parse_date, from_sheet=from_sheet),
        "time": parse_time,
        "enum": partial(_coded, field.values),
        "word": partial(_word, field.values),
        "bool": _bool,
        "rate": _rate,
    }
    mostly_unique: dict[str, Callable[[str], object]] = {
        "identity": partial(_identity, today=today),
        "credit_code": _credit_code,
        "phone": _phone,
        "phones": _phones,
        "email": _email,
        "moment": partial(parse_moment, from_sheet=from_sheet),
        "integer": _integer,
    }
    if field.type in recurring:
        return MemoParser(recurring[field.type])
    if field.type in mostly_unique:
        return FunctionParser(mostly_unique[field.type])
    if field.type == "money":
        return MoneyParser(money_in)
    return TextParser(several_lines=field.type == "long_text")


def parse_date(text: str, from_sheet: bool = False) -> str:
    """The ISO date of ``2024-08-19``, ``20240819``, ``2024/8/19``, ``2024年8月19日``.

    A time after it is left out. ``from_sheet`` also takes a spreadsheet's day number. Dates that
    begin with a day or month are refused, because nobody can tell which it is.
    """
    folded = half_width(text).strip()
    with_time = _DATE_THEN_TIME.fullmatch(folded)
    day = with_time[1] if with_time else folded
    found = _ISO_DATE.fullmatch(day) or _DATE_DIGITS.fullmatch(day) or _DATE.fullmatch(day)
    serial = _SERIAL.fullmatch(day) if from_sheet and not found else None
    if serial:
        return (_SERIAL_EPOCH + timedelta(days=int(serial[1]))).isoformat()
    if not found:
        raise FieldError(
            N_("This is not a date that can be read for sure. Write it as 2024-08-19.")
        )
    year, month, number = (int(part) for part in found.groups() if part and part.isdigit())
    if not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
        raise FieldError(N_("This date is too far away to be meant."))
    try:
        return date(year, month, number).isoformat()
    except ValueError:
        raise FieldError(N_("There is no such day.")) from None


def parse_time(text: str) -> str:
    """``HH:MM:SS`` of a time of day, or of a date with a time."""
    if _ISO_TIME.fullmatch(text):
        return text
    folded = half_width(text).strip()
    with_date = _DATE_THEN_TIME.fullmatch(folded)
    found = _TIME.fullmatch(with_date[2] if with_date else folded)
    if found:
        hour, minute, second = (*(int(part) for part in found.groups() if part), 0)[:3]
        if hour < 24 and minute < 60 and second < 60:
            return f"{hour:02}:{minute:02}:{second:02}"
    raise FieldError(N_("This is not a time of day. Write it as 15:30."))


def parse_moment(text: str, from_sheet: bool = False) -> str:
    """``YYYY-MM-DDTHH:MM:SS`` of a date with or without a time; midnight without."""
    folded = half_width(text).strip()
    has_time = _DATE_THEN_TIME.fullmatch(folded)
    return f"{parse_date(folded, from_sheet)}T{parse_time(folded) if has_time else '00:00:00'}"


def _identity(text: str, today: date) -> str:
    return text if is_identity_number(text) else parse_identity_number(text, today).text


def _credit_code(text: str) -> str:
    return text if is_credit_code(text) else parse_credit_code(text).text


def _phone(text: str) -> str:
    return text if is_mobile(text) else parse_phone(text).text


def _phones(text: str) -> str:
    """One or several numbers in a cell, parted by a blank."""
    if is_mobile(text):
        return text
    return " ".join(_phone(part.strip()) for part in _PHONE_SEPARATORS.split(text) if part.strip())


def _email(text: str) -> str:
    folded = half_width(text).strip()
    if not _EMAIL.fullmatch(folded):
        raise FieldError(N_("This is not an e-mail address."))
    return clean(folded)


def _coded(codes: Mapping[str, str], text: str) -> str:
    code = codes.get(normal_word(text))
    if code is None:
        raise FieldError(
            N_("This word is not known here. Known are: {known}."),
            known=", ".join(dict.fromkeys(codes.values())),
        )
    return code


def _word(codes: Mapping[str, str], text: str) -> str | None:
    return codes.get(normal_word(text)) or clean(text).strip() or None


def _integer(text: str) -> int:
    folded = half_width(text).strip().replace(",", "")
    if not re.fullmatch(r"[-+]?\d{1,18}", folded):
        raise FieldError(N_("This is not a whole number."))
    return int(folded)


def _bool(text: str) -> bool:
    word = normal_word(text)
    if word not in _YES and word not in _NO:
        raise FieldError(N_("This is neither yes nor no."))
    return word in _YES


def _rate(text: str) -> int:
    """A yearly rate in millionths: ``1.75%``, ``17.5‰``, or bare in percent as banks write it.

    A bare number under 0.1 is refused: it may be a fraction or a very low percentage.
    """
    found = _RATE.fullmatch(half_width(text).strip())
    if not found:
        raise FieldError(N_("This is not a rate. Write it as 1.75%."))
    number, unit = Decimal(found[1]), found[2]
    if not unit and 0 < abs(number) < _DOUBTFUL_RATE:
        raise FieldError(N_("This may be a fraction or a percentage. Write it as 1.75%."))
    return int((number * (1_000 if unit == "‰" else 10_000)).to_integral_value())
