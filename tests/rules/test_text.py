"""Cleaning and measuring text of customers."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskcrm.rules.text import (
    cell_width,
    clean,
    clean_multiline,
    half_width,
    is_clean,
    pad,
    shorten,
)

NAUGHTY = Path(__file__).parents[3] / "shared" / "data" / "blns" / "blns.json"
BAD = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

any_text = st.text(st.characters())
hostile = st.lists(
    st.sampled_from("张a é\u0301\u0489\u200d\u202e\x1b]\x07\n\r\t\u2028\ue000\ud800\x9b👩")
).map("".join)


def is_bad(char: str) -> bool:
    unassigned_han = unicodedata.category(char) == "Cn" and 0x20000 <= ord(char) <= 0x3FFFD
    return unicodedata.category(char) in BAD and not unassigned_han


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("张伟", "张伟"),
        ("北京华信（集团）有限公司", "北京华信（集团）有限公司"),
        ("Zoë O’Brien-李", "Zoë O’Brien-李"),
        ("a\tb\nc\r\nd\re", "a b c d e"),
        ("\x1b]52;c;aGk=\x07张伟", "]52;c;aGk=张伟"),
        ("\x9b31m红", "31m红"),
        ("li\u202egnaw\u202c", "lignaw"),
        ("王\u200b\u200d\ufeff\u00ad五", "王五"),
        ("a\u2028b\u2029c", "abc"),
        ("\ue000李\ud83d", "李"),
        ("e\u0301\u0301\u0301\u0301", "e\u0301\u0301"),
        ("e\u0301\u200d\u0301\u200d\u0301", "e\u0301\u0301"),
        ("a\xa0b　c", "a\xa0b　c"),
        ("[/] [@click=app.quit]", "[/] [@click=app.quit]"),
    ],
)
def test_clean_drops_what_a_terminal_would_act_on(text: str, expected: str) -> None:
    assert clean(text) == expected
    assert is_clean(text) is (text == expected)


@pytest.mark.parametrize("char", ["𠮷", "\U0002ebf0", "\U00031350", "䶮", "㛃"])
def test_clean_keeps_rare_han_characters_of_names(char: str) -> None:
    assert clean(f"张{char}") == f"张{char}"


def test_noncharacters_of_the_ideographic_planes_are_dropped() -> None:
    assert clean("张\U0002fffe\U0003ffff") == "张"


@given(any_text | hostile)
def test_cleaned_text_holds_nothing_to_drop_and_stays_as_it_is(text: str) -> None:
    once = clean(text)
    assert not any(is_bad(char) for char in once)
    assert clean(once) == once
    assert is_clean(once)


@given(any_text | hostile)
def test_cleaned_text_never_stacks_more_than_two_marks(text: str) -> None:
    run = 0
    for char in clean(text):
        run = run + 1 if unicodedata.category(char).startswith("M") else 0
        assert run <= 2


@given(any_text)
def test_clean_adds_nothing_but_spaces(text: str) -> None:
    rest = iter(text)
    assert all(char == " " or char in rest for char in clean(text))


def test_a_note_keeps_its_lines() -> None:
    assert clean_multiline("一\r\n二\r三\n\x1b四\t五") == "一\n二\n三\n四 五"


@given(any_text | hostile)
def test_a_note_is_clean_line_by_line(text: str) -> None:
    once = clean_multiline(text)
    assert all(is_clean(line) for line in once.split("\n"))
    assert clean_multiline(once) == once


def test_naughty_strings_come_out_clean() -> None:
    if not NAUGHTY.exists():
        pytest.skip(f"the Big List of Naughty Strings is not at {NAUGHTY}")
    strings = json.loads(NAUGHTY.read_text(encoding="utf-8"))
    assert len(strings) > 500
    for text in strings:
        assert not any(is_bad(char) for char in clean(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("１３８００１３８０００", "13800138000"),
        ("ＡＢＣｘ（５００）", "ABCx(500)"),
        ("￥１，２３４．５０", "¥1,234.50"),
        ("张　三", "张 三"),
        ("①½㈱ﬁ", "①½㈱ﬁ"),
        ("plain", "plain"),
    ],
)
def test_half_width_folds_only_full_width_ascii(text: str, expected: str) -> None:
    assert half_width(text) == expected


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("张伟", 4, "张伟"),
        ("欧阳修远", 7, "欧阳修…"),
        ("欧阳修远", 6, "欧阳…"),
        ("abc def", 5, "abc…"),
        ("abcdef", 1, "…"),
        ("abcdef", 0, ""),
        ("", 0, ""),
    ],
)
def test_shorten_counts_cells(text: str, width: int, expected: str) -> None:
    assert shorten(text, width) == expected


@given(any_text.map(clean), st.integers(0, 30))
def test_shortened_text_fits(text: str, width: int) -> None:
    assert cell_width(shorten(text, width)) <= width


@given(any_text.map(clean), st.integers(0, 30), st.booleans())
def test_padded_text_fills_its_cells(text: str, width: int, right: bool) -> None:
    assert cell_width(pad(text, width, right=right)) == width


def test_pad_sets_amounts_to_the_right() -> None:
    assert pad("¥5", 4, right=True) == "  ¥5"
    assert pad("张", 4) == "张  "
