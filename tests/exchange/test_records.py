"""Delimited text becomes rows with the right cells and exact line numbers."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskcrm.exchange.dialect import Dialect, sniff_dialect
from deskcrm.exchange.records import Row, read_records

DATA = Path(__file__).parents[3] / "shared" / "data"


def lines_of(text: str) -> list[str]:
    return list(io.StringIO(text, newline=""))


def read(text: str) -> list[Row]:
    lines = lines_of(text)
    return list(read_records(lines, sniff_dialect(lines)))


@pytest.mark.parametrize(
    ("text", "delimiter", "quote", "width"),
    [
        ("a,b\n1,2\n", ",", '"', 2),
        ("a;b;c\n1,5;2,5;3\n", ";", '"', 3),
        ("a\tb\n1\t2\n", "\t", '"', 2),
        ("a|b\n1|x, y\n2|x\n", "|", '"', 2),
        ("姓名，手机\n张三，13800138000\n", "，", '"', 2),
        ("a,b\n'x, y',2\n'p, q',3\n", ",", "'", 2),
        ("only\none\ncolumn\n", ",", '"', 1),
        ("Primary Email\na@b.cn\nc@d.cn\n", ",", '"', 1),
    ],
)
def test_the_dialect_is_found(text: str, delimiter: str, quote: str, width: int) -> None:
    found = sniff_dialect(lines_of(text))
    assert (found.delimiter, found.quote, found.width) == (delimiter, quote, width)


def test_a_delimiter_that_is_given_is_not_looked_for() -> None:
    found = sniff_dialect(lines_of("a^b,c\n1^2,3\n"), "^")
    assert (found.delimiter, found.width) == ("^", 2)


def test_a_backslash_escape_is_found() -> None:
    text = 'name,note\nA,"said \\"yes, please\\" 2"\nB,"then \\"no\\""\n'
    assert [cells for _line, cells in read(text)][1] == ["A", 'said "yes, please" 2']


def test_lines_are_counted_through_line_breaks_and_empty_lines() -> None:
    text = 'a,b\n\n1,"first\nsecond"\n\r\n2,x\n , \n3,y\n'
    assert read(text) == [
        (1, ["a", "b"]),
        (3, ["1", "first\nsecond"]),
        (6, ["2", "x"]),
        (8, ["3", "y"]),
    ]


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ('2,"half,20', ["2", '"half', "20"]),
        ('2,""All of it"",20', ["2", '"All of it"', "20"]),
        ('2,"10" boots",20', ["2", '10" boots', "20"]),
        ("2;half;20", ["2", "half", "20"]),
    ],
)
def test_a_broken_line_is_mended_and_its_neighbours_stay(broken: str, mended: list[str]) -> None:
    text = f'id,what,price\n1,"one, two",10\n{broken}\n3,"three",30\n4,four,40\n'
    assert read(text) == [
        (1, ["id", "what", "price"]),
        (2, ["1", "one, two", "10"]),
        (3, mended),
        (4, ["3", "three", "30"]),
        (5, ["4", "four", "40"]),
    ]


def test_a_row_that_nothing_mends_keeps_its_wrong_number_of_cells() -> None:
    rows = read("a,b,c\n1,2,3\n4,5\n6,,7,8\n9,10,11\n")
    assert [(line, len(cells)) for line, cells in rows] == [(1, 3), (2, 3), (3, 2), (4, 4), (5, 3)]


def test_a_quote_that_never_closes_costs_one_row_at_most() -> None:
    body = "".join(f"{n},text {n},{n}.5\n" for n in range(20_000))
    rows = read('id,what,price\n0,"open,1.0\n' + body)
    assert len(rows) == 20_002
    assert rows[-1] == (20_002, ["19999", "text 19999", "19999.5"])


def test_memory_does_not_grow_with_the_file() -> None:
    read_lines = 0

    def endless() -> object:
        nonlocal read_lines
        while True:
            read_lines += 1
            yield f"{read_lines},x\n"

    rows = read_records(endless(), Dialect(width=2))  # type: ignore[arg-type]
    for _ in range(1000):
        next(rows)
    assert read_lines == 1000


cell = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)


@given(st.lists(st.tuples(cell, cell, cell), min_size=1, max_size=8))
def test_what_the_standard_writer_writes_is_read_back(rows: list[tuple[str, str, str]]) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows(rows)
    found = read_records(lines_of(buffer.getvalue()), Dialect(width=3))
    expected = [list(row) for row in rows if any(row)]
    assert [cells for _line, cells in found] == expected


@given(st.text(st.sampled_from(",;\"'\\ab1 \n\r\t|，"), max_size=60))
def test_no_text_makes_it_fail_and_no_filled_line_is_lost(text: str) -> None:
    lines = lines_of(text)
    rows = list(read_records(lines, sniff_dialect(lines)))
    read_text = "".join("".join(cells) for _line, cells in rows)
    for letter in "ab1":
        assert read_text.count(letter) == text.count(letter)


@pytest.mark.parametrize("folder", ["csv_spectrum", "csv_test_data", "contacts", "dedupe"])
def test_real_files_are_read_without_failing(folder: str) -> None:
    files = sorted((DATA / folder).glob("*.csv"))
    if not files:
        pytest.skip(f"no sample files in {DATA / folder}")
    for path in files:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            lines = list(file)
        list(read_records(lines, sniff_dialect(lines)))
