"""Identity numbers, credit codes and card numbers: what their digits say and what is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskcrm.errors import FieldError
from deskcrm.rules.identity import (
    OLD_FORM,
    OVER_AGE,
    UNKNOWN_DIVISION,
    card_check_digit,
    credit_code_check,
    division_name,
    identity_check_digit,
    is_credit_code,
    is_identity_number,
    is_luhn,
    parse_credit_code,
    parse_identity_number,
    upgrade_identity_number,
)

TODAY = date(2026, 3, 2)
SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY"

born = st.dates(date(1800, 1, 1), TODAY)
sequences = st.integers(0, 999).map("{:03d}".format)
divisions = st.sampled_from(["110105", "310115", "340524", "440524", "810000", "830000", "911344"])


@st.composite
def identity_numbers(draw: st.DrawFn) -> str:
    first17 = draw(divisions) + f"{draw(born):%Y%m%d}" + draw(sequences)
    return first17 + identity_check_digit(first17)


credit_codes = st.builds(
    lambda head, division, body: head + division + body + credit_code_check(head + division + body),
    st.sampled_from(["91", "92", "12", "51", "N2", "Y1", "A1", "9A"]),
    st.sampled_from(["110108", "310115", "440300"]),
    st.text(SYMBOLS, min_size=9, max_size=9),
)


@pytest.mark.parametrize(
    ("text", "number", "born_on", "gender", "kind"),
    [
        ("11010519491231002X", "11010519491231002X", date(1949, 12, 31), "female", "resident"),
        ("440524188001010014", "440524188001010014", date(1880, 1, 1), "male", "resident"),
        ("34052419800101001x", "34052419800101001X", date(1980, 1, 1), "male", "resident"),
        (
            "１１０１０５ １９４９１２３１ ００２Ｘ",
            "11010519491231002X",
            date(1949, 12, 31),
            "female",
            "resident",
        ),
        (
            "810000199408230021",
            "810000199408230021",
            date(1994, 8, 23),
            "female",
            "residence-permit",
        ),
        (
            "911344198502110010",
            "911344198502110010",
            date(1985, 2, 11),
            "male",
            "foreign-permanent",
        ),
    ],
)
def test_an_identity_number_tells_birth_date_and_gender(
    text: str, number: str, born_on: date, gender: str, kind: str
) -> None:
    parsed = parse_identity_number(text, TODAY)
    assert (parsed.text, parsed.born_on) == (number, born_on)
    assert (parsed.gender, parsed.kind) == (gender, kind)


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_the_examples_of_the_standard_pass(number: str) -> None:
    assert is_identity_number(number)
    assert identity_check_digit(number[:17]) == number[17]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "18 characters"),
        ("1101051949123100", "18 characters"),
        ("11010519491231002Y", "17 digits"),
        ("1101051949123100X2", "17 digits"),
        ("01010519491231002X", "17 digits"),
        ("11010519490229002X", "birth date"),
        ("110105194913310021", "birth date"),
        ("110105202603030021", "birth date"),
        ("110105194912310021", "last character"),
        ("11010519491231003X", "last character"),
        ("11010549123100X", "15 digits"),
        ("110105490229002", "birth date"),
        ("６.22E+17", "18 characters"),
    ],
)
def test_a_wrong_number_is_refused_without_repeating_it(text: str, part: str) -> None:
    with pytest.raises(FieldError) as refused:
        parse_identity_number(text, TODAY)
    assert part in str(refused.value)
    assert len(text) < 4 or text not in str(refused.value)


def test_born_today_is_not_in_the_future() -> None:
    first17 = f"110105{TODAY:%Y%m%d}001"
    number = first17 + identity_check_digit(first17)
    assert parse_identity_number(number, TODAY).born_on == TODAY
    with pytest.raises(FieldError):
        parse_identity_number(number, TODAY - timedelta(days=1))


def test_an_old_number_is_extended_with_a_warning() -> None:
    parsed = parse_identity_number("110105491231002", TODAY)
    assert parsed.text == "11010519491231002X"
    assert [warning.message for warning in parsed.warnings] == [OLD_FORM]


def test_old_numbers_of_centenarians_are_of_the_century_before() -> None:
    assert upgrade_identity_number("110105800101998")[6:14] == "18800101"


def test_an_unknown_division_is_a_warning_only() -> None:
    parsed = parse_identity_number("34052419800101001X", TODAY)
    assert [warning.message for warning in parsed.warnings] == [UNKNOWN_DIVISION]


def test_an_age_beyond_belief_is_a_warning() -> None:
    parsed = parse_identity_number("440524188001010014", TODAY)
    assert OVER_AGE in [warning.message for warning in parsed.warnings]


def test_the_repr_does_not_show_the_number() -> None:
    shown = repr(parse_identity_number("11010519491231002X", TODAY))
    assert "1949" not in shown
    assert "002X" not in shown


@given(identity_numbers())
def test_every_number_with_its_check_digit_parses_to_itself(number: str) -> None:
    parsed = parse_identity_number(number.lower(), TODAY)
    assert parsed.text == number
    assert f"{parsed.born_on:%Y%m%d}" == number[6:14]
    assert is_identity_number(number)


@given(identity_numbers(), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes(number: str, place: int, step: int) -> None:
    digit = (int(number[place]) + step) % 10
    wrong = number[:place] + str(digit) + number[place + 1 :]
    assert not is_identity_number(wrong)


@given(identity_numbers(), st.integers(0, 15))
def test_two_swapped_digits_never_pass(number: str, place: int) -> None:
    pair = number[place : place + 2]
    swapped = number[:place] + pair[::-1] + number[place + 2 :]
    assert pair[0] == pair[1] or not is_identity_number(swapped)


@given(st.text(alphabet="0123456789Xx１٣ \n", min_size=17, max_size=19))
def test_the_quick_check_agrees_with_the_full_one(text: str) -> None:
    try:
        full = parse_identity_number(text, date.max).text
    except FieldError:
        assert not is_identity_number(text)
    else:
        assert is_identity_number(text) is (full == text)


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91110000802100433B", "91100000100003962T"])
def test_known_credit_codes_pass(code: str) -> None:
    assert parse_credit_code(code.lower()).text == code
    assert is_credit_code(code)


@given(credit_codes)
def test_every_credit_code_with_its_check_character_passes(code: str) -> None:
    parsed = parse_credit_code(f" {code.lower()} ")
    assert parsed.text == code
    assert parsed.division == code[2:8]
    assert is_credit_code(code)


@given(credit_codes, st.integers(2, 16), st.sampled_from(SYMBOLS))
def test_one_wrong_symbol_in_a_credit_code_never_passes(code: str, place: int, other: str) -> None:
    wrong = code[:place] + other + code[place + 1 :]
    assert is_credit_code(wrong) is (wrong == code)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("9135010", "18 characters"),
        ("91350100O000100Y43", "without I, O"),
        ("01350100M000100Y43", "without I, O"),
        ("9135010AM000100Y43", "third to eighth"),
        ("91350100M000100Y44", "last character"),
    ],
)
def test_a_wrong_credit_code_is_refused(text: str, part: str) -> None:
    with pytest.raises(FieldError, match=part):
        parse_credit_code(text)


def test_a_credit_code_of_an_unknown_division_is_a_warning() -> None:
    first17 = "91999999M000100Y4"
    parsed = parse_credit_code(first17 + credit_code_check(first17))
    assert [warning.message for warning in parsed.warnings] == [UNKNOWN_DIVISION]


@pytest.mark.parametrize(
    ("digits", "good"),
    [
        ("4111111111111111", True),
        ("79927398713", True),
        ("79927398710", False),
        ("", False),
        ("0", False),
        ("4111 1111 1111 1111", False),
        ("٤١١١١١١١١١١١١١١١", False),
    ],
)
def test_luhn_takes_digits_only(digits: str, good: bool) -> None:
    assert is_luhn(digits) is good


@given(st.text("0123456789", min_size=1, max_size=18), st.integers(1, 9))
def test_exactly_one_check_digit_fits_a_card(payload: str, step: int) -> None:
    check = card_check_digit(payload)
    assert is_luhn(payload + check)
    assert not is_luhn(payload + str((int(check) + step) % 10))


@pytest.mark.parametrize(
    ("code", "name"),
    [("110105", "朝阳区"), ("440524", "潮阳县"), ("830000", "台湾省"), ("999999", None)],
)
def test_division_names_are_current_or_historic(code: str, name: str | None) -> None:
    assert division_name(code) == name
