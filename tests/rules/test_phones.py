"""Telephone numbers: what is kept, what is doubted, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskcrm.errors import FieldError
from deskcrm.rules.phones import NO_AREA_CODE, UNALLOCATED, is_mobile, parse_phone

mobiles = st.builds("1{}{:09d}".format, st.integers(3, 9), st.integers(0, 10**9 - 1))
landlines = st.builds(
    "{}-{}{}{}".format,
    st.sampled_from(["010", "021", "029", "0755", "0371", "0991"]),
    st.integers(2, 8),
    st.integers(10**6, 10**7 - 1),
    st.sampled_from(["", "-8", "-8001"]),
)


@pytest.mark.parametrize(
    ("text", "kept", "kind"),
    [
        ("13800138000", "13800138000", "mobile"),
        ("138 0013 8000", "13800138000", "mobile"),
        ("138-0013-8000", "13800138000", "mobile"),
        ("+86 138 0013 8000", "13800138000", "mobile"),
        ("+86-13800138000", "13800138000", "mobile"),
        ("0086 13800138000", "13800138000", "mobile"),
        ("8613800138000", "13800138000", "mobile"),
        ("(+86)13800138000", "13800138000", "mobile"),
        ("＋８６　１３８００１３８０００", "13800138000", "mobile"),
        ("013800138000", "13800138000", "mobile"),
        ("010-62345678", "010-62345678", "landline"),
        ("01062345678", "010-62345678", "landline"),
        ("(010) 6234 5678", "010-62345678", "landline"),
        ("（0755）26881234", "0755-26881234", "landline"),
        ("0755-2688123", "0755-2688123", "landline"),
        ("+86 10 6234 5678", "010-62345678", "landline"),
        ("+86 (0)10 6234 5678", "010-62345678", "landline"),
        ("+86-755-26881234", "0755-26881234", "landline"),
        ("0755-26881234-801", "0755-26881234-801", "landline"),
        ("0755-26881234转801", "0755-26881234-801", "landline"),
        ("010-62345678 ext. 12", "010-62345678-12", "landline"),
        ("010-62345678#12", "010-62345678-12", "landline"),
        ("62345678", "62345678", "landline"),
        ("95588", "95588", "service"),
        ("95528888", "95528888", "service"),
        ("96138", "96138", "service"),
        ("12345", "12345", "service"),
        ("10086", "10086", "service"),
        ("400-820-8820", "4008208820", "service"),
        ("800 810 1234", "8008101234", "service"),
        ("+852 9123 4567", "+85291234567", "foreign"),
        ("00852-91234567", "+85291234567", "foreign"),
        ("+1 (415) 555-2671", "+14155552671", "foreign"),
        ("+420 601 123 456", "+420601123456", "foreign"),
    ],
)  # fmt: skip
def test_a_number_is_kept_in_one_form(text: str, kept: str, kind: str) -> None:
    phone = parse_phone(text)
    assert (phone.text, phone.kind) == (kept, kind)
    assert parse_phone(kept).text == kept


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-", "1380013800", "138001380001", "12800138000", "1999999", "abc", "021-5555555",
        "010-12345678", "13800138000/13900139000", "13800138000 13900139000", "+86 852", "+0123456",
        "1.38E+10", "١٣٨٠٠١٣٨٠٠٠", "13800138000x1", "852 9123 4567",
        "+1234567890123456", "119119119",
    ],
)  # fmt: skip
def test_what_is_no_number_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(FieldError) as refused:
        parse_phone(text)
    assert len(text) < 4 or text not in str(refused.value)


def test_an_unallocated_prefix_is_doubted() -> None:
    assert [note.message for note in parse_phone("15412345678").warnings] == [UNALLOCATED]
    assert parse_phone("19212345678").warnings == ()


def test_a_missing_area_code_is_doubted() -> None:
    assert [note.message for note in parse_phone("6234 5678").warnings] == [NO_AREA_CODE]


@given(mobiles, st.sampled_from(["", "+86", "0086", "86", "+86 ", "0"]), st.sampled_from(" -."))
def test_a_mobile_number_survives_the_ways_of_writing_it(
    number: str, prefix: str, separator: str
) -> None:
    written = prefix + separator.join((number[:3], number[3:7], number[7:]))
    assert parse_phone(written).text == number
    assert is_mobile(number)


@given(landlines)
def test_a_landline_number_is_kept_as_it_is(number: str) -> None:
    assert parse_phone(number).text == number
    assert not is_mobile(number)


@given(st.text("0123456789+-() 转x８", max_size=16))
def test_what_is_kept_is_read_as_itself(text: str) -> None:
    try:
        phone = parse_phone(text)
    except FieldError:
        return
    again = parse_phone(phone.text)
    assert (again.text, again.kind) == (phone.text, phone.kind)


def test_the_repr_does_not_show_the_number() -> None:
    assert "0013" not in repr(parse_phone("13800138000"))


@pytest.mark.parametrize(
    "text", ["1380013800", "1380013800０", "+8613800138000", "12345678901", ""]
)
def test_only_the_stored_form_is_a_mobile_number(text: str) -> None:
    assert not is_mobile(text)
