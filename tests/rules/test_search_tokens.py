"""The words of the type-ahead index, and what a query asks of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskcrm.rules.search_tokens import (
    Match,
    name_tokens,
    number_tokens,
    owner_token,
    plain_number,
    query_steps,
    query_terms,
)


def test_a_name_is_indexed_by_characters_pairs_and_every_reading() -> None:
    tokens = set(name_tokens("曾明"))
    assert tokens >= {"x曾明", "n曾", "n明", "n曾明", "pzengming", "pcengming", "izm", "icm"}
    assert tokens >= {"qming", "jm"}


def test_a_latin_name_is_found_by_each_of_its_words() -> None:
    assert set(name_tokens("John Smith")) >= {"xjohnsmith", "pjohnsmith", "ijs", "qsmith", "js"}


def test_numbers_are_indexed_by_heads_tails_and_parts() -> None:
    tokens = set(
        number_tokens(
            ["6222 0202 0011"], ["13800138000"], identity="11010519491231002X", customer="C000123"
        )
    )
    assert tokens >= {"t13800138000", "t8000", "h13", "h1380"}
    assert tokens >= {"w622202020011", "h6222", "h622202020011", "r1100"}
    assert tokens >= {"w11010519491231002x", "h110105", "rx200", "d19491231", "d194912", "d1949"}
    assert tokens >= {"wc000123", "c123"}


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("王小明", ("王小明",)),
        (" 王  138 ", ("王", "138")),
        ("王xm138", ("王", "xm138")),
        ("ＷＸＭ", ("wxm",)),
        ("xi'an", ("xi", "an")),
        ("138-0013", ("1380013",)),
        ("002X", ("002x",)),
        ("\"*'()", ()),
        ("", ()),
        ("a b c d e f g h", ("a", "b", "c", "d", "e", "f")),
    ],
)
def test_a_query_is_parted_into_words_and_numbers(text: str, terms: tuple[str, ...]) -> None:
    assert query_terms(text) == terms


def test_one_word_is_asked_for_as_a_whole_first_and_anywhere_last() -> None:
    assert query_steps(("王小",)) == (
        Match('("x王小")'),
        Match('("x王小"*)'),
        Match('("n王小")'),
    )


def test_several_words_must_all_hold_for_the_same_officer() -> None:
    [step] = query_steps(("王小明", "13"), owner=255)
    assert step.names == '("n王小" AND "n小明") AND ("off")'
    assert step.numbers == '("c13" OR "w13" OR "h13")'
    assert step.contains == ("王小明",)
    assert owner_token(255) == "off"


@given(st.text(max_size=80))
def test_no_text_makes_a_query_that_means_anything_but_its_words(text: str) -> None:
    for step in query_steps(query_terms(text)):
        for question in (step.names, step.numbers):
            bare = question.replace(" AND ", "").replace(" OR ", "")
            assert bare.count('"') % 2 == 0
            outside = "".join(bare.split('"')[::2])
            assert set(outside) <= set("()*")


@given(st.text(alphabet="0123456789", min_size=4, max_size=19), st.data())
def test_an_account_is_found_by_every_head_of_its_number(number: str, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(number)))
    tokens = set(number_tokens([number]))
    question = query_steps((number[:size],))[-1].numbers
    wanted = question.replace("(", "").replace(")", "").split(" OR ")
    prefixes = {w[1:-2] for w in wanted if w.endswith("*")}
    exact = {w[1:-1] for w in wanted if not w.endswith("*")}
    assert exact & tokens or any(t.startswith(p) for p in prefixes for t in tokens)


def test_a_number_is_compared_without_signs_and_case() -> None:
    assert plain_number(" １３８-0013 Ｘ ") == "1380013x"
