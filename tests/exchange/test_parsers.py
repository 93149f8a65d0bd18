"""Texts become stored values, or are refused with a reason."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskcrm.errors import FieldError
from deskcrm.exchange.fields import FieldType, TargetField
from deskcrm.exchange.parsers import Parser, make_parser, parse_date, parse_moment, parse_time

TODAY = date(2026, 11, 2)


def parser(kind: FieldType, from_sheet: bool = False, currency: str = "CNY") -> Parser:
    words = {"男": "male", "male": "male", "女": "female"}
    return make_parser(TargetField("x", kind, "X", frozenset(), words), TODAY, from_sheet, currency)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("text", "张三", "张三"),
        ("text", "a\x1b[31mb", "a[31mb"),
        ("text", "6222021001116245702", "6222021001116245702"),
        ("text", "'=1+1", "=1+1"),
        ("text", "O'Neil", "O'Neil"),
        ("long_text", "first\nsecond", "first\nsecond"),
        ("identity", "11010519491231002x", "11010519491231002X"),
        ("credit_code", "91350100m000100y43", "91350100M000100Y43"),
        ("phone", "+86 138-0013-8000", "13800138000"),
        ("phones", "13800138000、010-62345678", "13800138000 010-62345678"),
        ("email", "ａ@b.cn", "a@b.cn"),
        ("money", "1234.50", 123450),
        ("money", "¥1,234.5", 123450),
        ("money", "1.2万", 1_200_000),
        ("money", "(500)", -50_000),
        ("enum", " 男", "male"),
        ("word", "男", "male"),
        ("word", "其他", "其他"),
        ("integer", "1,200", 1200),
        ("bool", "是", True),
        ("bool", "N", False),
        ("rate", "1.75%", 17_500),
        ("rate", "1.75", 17_500),
        ("rate", "2‰", 2_000),
        ("rate", "0", 0),
        ("time", "9:05", "09:05:00"),
        ("date", "2024年8月19日", "2024-08-19"),
        ("moment", "2024/8/19 15:30", "2024-08-19T15:30:00"),
    ],
)
def test_a_text_becomes_its_value(kind: FieldType, text: str, value: object) -> None:
    assert parser(kind).one(text) == value
    assert parser(kind).many([text, "", text]) == [value, None, value]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text", "1.23457E+17"),
        ("text", "6.222021001116246e+18"),
        ("text", "张\ue000"),
        ("text", "张\ufffd"),
        ("identity", "110105194912310021"),
        ("identity", "1.23457E+17"),
        ("credit_code", "91350100M000100Y44"),
        ("phone", "1234"),
        ("phones", "13800138000/123"),
        ("email", "not an address"),
        ("money", "1.234,50"),
        ("money", "1.23457E+17"),
        ("enum", "？"),
        ("integer", "1.5"),
        ("bool", "maybe"),
        ("rate", "0.0175"),
        ("rate", "much"),
        ("time", "25:00"),
        ("date", "08/19/2024"),
        ("date", "19.08.2024"),
        ("date", "2023-02-29"),
        ("date", "0001-01-01"),
        ("date", "45523"),
        ("moment", "2024-08-19 24:61"),
    ],
)
def test_what_cannot_be_meant_is_refused(kind: FieldType, text: str) -> None:
    with pytest.raises(FieldError):
        parser(kind).one(text)
    with pytest.raises(FieldError):
        parser(kind).many(["", text])


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-08-19", "2024-08-19"),
        ("20240819", "2024-08-19"),
        ("2024/8/19", "2024-08-19"),
        ("2024.8.19", "2024-08-19"),
        ("２０２４年８月１９日", "2024-08-19"),
        ("2024年8月19日 15:30", "2024-08-19"),
        ("2024-08-19 00:00:00", "2024-08-19"),
        ("2024-08-19T15:30:00", "2024-08-19"),
    ],
)
def test_dates_are_read_in_the_forms_that_leave_no_doubt(text: str, day: str) -> None:
    assert parse_date(text) == day


def test_a_day_number_is_a_date_only_in_a_spreadsheet() -> None:
    assert parse_date("45523", from_sheet=True) == "2024-08-19"
    with pytest.raises(FieldError):
        parse_date("45523")


def test_the_time_is_taken_out_of_a_date_with_time() -> None:
    assert parse_time("2024-08-19 15:30:01") == "15:30:01"
    assert parse_moment("2024年8月19日 9时5分") == "2024-08-19T09:05:00"
    assert parse_moment("20240819") == "2024-08-19T00:00:00"


@given(st.lists(st.integers(-(10**14), 10**14), min_size=1))
def test_a_column_of_plain_amounts_is_exact(amounts: list[int]) -> None:
    texts = [
        f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02}"
        for amount in amounts
    ]
    assert parser("money").many(texts) == amounts


def test_amounts_follow_the_minor_digits_of_their_currency() -> None:
    assert parser("money", currency="JPY").many(["1200"]) == [1200]


@given(st.lists(st.text(max_size=12).map(str.strip)))
def test_a_column_of_text_is_read_as_its_texts_one_by_one(texts: list[str]) -> None:
    def each(text: str) -> object:
        return parser("text").one(text) if text else None

    try:
        expected = [each(text) for text in texts]
    except FieldError:
        with pytest.raises(FieldError):
            parser("text").many(texts)
    else:
        assert parser("text").many(texts) == expected
