"""Amounts as people and exports write them, and as deskcrm shows them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskcrm.errors import FieldError
from deskcrm.rules.money import (
    MAX_MINOR,
    CurrencyError,
    Money,
    currency,
    format_money,
    parse_minor,
    parse_money,
)

CODES = ["CNY", "USD", "JPY", "KWD", "EUR", "CHF", "PLN", "HKD", "MOP", "CZK", "MYR"]

amounts = st.integers(-MAX_MINOR, MAX_MINOR)
money = st.builds(Money, amounts, st.sampled_from(CODES))


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("1234.50", 123450),
        ("¥1,234.50", 123450),
        ("￥１，２３４．５０", 123450),
        ("1.2万", 1200000),
        ("3亿", 30000000000),
        ("3亿元", 30000000000),
        ("1.5万亿", 150000000000000),
        ("20 万元", 20000000),
        ("5千", 500000),
        ("2百万", 200000000),
        ("0.00012万", 120),
        ("(500)", -50000),
        ("（500）", -50000),
        ("(¥1,234.50)", -123450),
        ("-500", -50000),
        ("−500", -50000),
        ("500-", -50000),
        ("¥-500", -50000),
        ("-¥500", -50000),
        ("+500", 50000),
        ("人民币500元整", 50000),
        ("RMB 500", 50000),
        ("500 cny", 50000),
        ("CNY ¥500 元", 50000),
        (".5", 50),
        ("0012.5000", 1250),
        ("0", 0),
        ("92233720368547758.07", MAX_MINOR),
    ],
)
def test_amounts_are_read_exactly(text: str, minor: int) -> None:
    assert parse_money(text) == Money(minor, "CNY")
    assert parse_minor(text) == minor


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-", "¥", "万", ".", "abc", "1 234,50", "1.234,50", "1,23", "1,2345", "12,34,567",
        "0,123", "1 234.50", "12.", "--5", "-5-", "(-5)", "+-5", "-(5)", "(5", "1e5", "1.23457E+17",
        "0x10", "1_000", "٥٠٠", "1.005", "0.0000001万", "$100", "5万3千", "1.2.3", "nan",
        "92233720368547758.08", "9" * 60, "9" * 5000, "USD 5 EUR", "1" + " " * 50000 + "x",
        "USD", "-USD", "5-6",
    ],
)  # fmt: skip
def test_what_can_be_read_two_ways_or_none_is_refused(text: str) -> None:
    with pytest.raises(FieldError):
        parse_money(text)
    with pytest.raises(FieldError):
        parse_minor(text)


@pytest.mark.parametrize(
    ("text", "expected", "result"),
    [
        ("USD 100", "CNY", Money(10000, "USD")),
        ("US$100", "CNY", Money(10000, "USD")),
        ("$100", "USD", Money(10000, "USD")),
        ("$100", "HKD", Money(10000, "HKD")),
        ("¥100", "JPY", Money(100, "JPY")),
        ("100元", "CNY", Money(10000, "CNY")),
        ("-€1.50", "CNY", Money(-150, "EUR")),
        ("1.234", "KWD", Money(1234, "KWD")),
        ("8万日元", "CNY", Money(80000, "JPY")),
        ("RM5", "CNY", Money(500, "MYR")),
        ("\u212ač5", "CNY", Money(500, "CZK")),
    ],
)
def test_an_amount_may_name_its_currency(text: str, expected: str, result: Money) -> None:
    assert parse_money(text, expected) == result


def test_an_amount_in_another_currency_is_not_taken_for_the_expected_one() -> None:
    with pytest.raises(FieldError, match="USD, where CNY is expected"):
        parse_minor("USD 100")


def test_yen_has_no_decimals() -> None:
    assert parse_minor("100", "JPY") == 100
    with pytest.raises(FieldError, match="more decimals"):
        parse_money("100.5", "JPY")


@given(st.text("0123456789.,-+()¥万亿元 eE", max_size=12))
def test_the_quick_way_agrees_with_the_full_one(text: str) -> None:
    try:
        full = parse_money(text).minor
    except FieldError:
        with pytest.raises(FieldError):
            parse_minor(text)
    else:
        assert parse_minor(text) == full


@given(money, st.sampled_from(["zh_CN", "en"]))
def test_a_printed_amount_reads_back(value: Money, language: str) -> None:
    assert parse_money(format_money(value, language)) == value
    assert parse_money(format_money(value, language), value.currency) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Money(123450), "¥1,234.50"),
        (Money(-5), "-¥0.05"),
        (Money(0), "¥0.00"),
        (Money(123450, "USD"), "US$1,234.50"),
        (Money(1234, "JPY"), "JP¥1,234"),
        (Money(1234567, "KWD"), "KWD 1,234.567"),
    ],
)
def test_the_full_form_is_exact(value: Money, text: str) -> None:
    assert format_money(value, "zh_CN") == format_money(value, "en") == text


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (Money(0), "0.00", "0.00"),
        (Money(-40), "-0.40", "-0.40"),
        (Money(99950), "1,000", "1K"),
        (Money(123450), "1,235", "1.23K"),
        (Money(999949), "9,999", "10K"),
        (Money(999950), "1万", "10K"),
        (Money(123_456_00), "12.3万", "123.5K"),
        (Money(1_235_000_00), "123.5万", "1.24M"),
        (Money(-1_235_000_00), "-123.5万", "-1.24M"),
        (Money(99_999_999_99), "1亿", "100M"),
        (Money(99_994_000_00), "9,999万", "100M"),
        (Money(1_234_567_890_00), "12.3亿", "1.23B"),
        (Money(2_000_000_000_000_00), "2万亿", "2T"),
        (Money(1_240_000_00, "USD"), "US$124万", "US$1.24M"),
    ],
)
def test_the_compact_form_shows_about_three_figures(
    value: Money, chinese: str, english: str
) -> None:
    assert format_money(value, "zh_CN", compact=True) == chinese
    assert format_money(value, "en", compact=True) == english


@given(st.integers(-(10**18), 10**18))
def test_the_compact_form_is_within_half_a_percent(minor: int) -> None:
    shown = parse_money(format_money(Money(minor), "zh_CN", compact=True)).minor
    assert abs(shown - minor) <= max(abs(minor) // 200, 50)


@given(amounts, amounts)
def test_money_adds_and_compares_like_its_minor_units(a: int, b: int) -> None:
    x, y = Money(a), Money(b)
    assert (x + y).minor == a + b
    assert (x - y) == -(y - x)
    assert (x < y, x <= y, x > y, x >= y) == (a < b, a <= b, a > b, a >= b)
    assert (abs(x).minor, bool(x), (x * 3).minor) == (abs(a), a != 0, 3 * a)


def test_two_currencies_never_mix() -> None:
    yuan, yen = Money(100, "CNY"), Money(100, "JPY")
    assert yuan != yen
    for operation in (Money.__add__, Money.__sub__, Money.__lt__, Money.__ge__):
        with pytest.raises(CurrencyError):
            operation(yuan, yen)


def test_an_unknown_currency_is_refused() -> None:
    assert currency("KWD").digits == 3
    with pytest.raises(CurrencyError, match="XXX"):
        currency("XXX")
    with pytest.raises(CurrencyError):
        parse_money("5", "XXX")
