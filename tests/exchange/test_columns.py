"""Rows are checked in batches; bad ones are told with line, column, reason and raw value."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from deskcrm.exchange.columns import Batch, RowChecker
from deskcrm.exchange.mapping import is_known_title, suggest_mapping
from deskcrm.exchange.rejects import RejectsWriter, defused
from deskcrm.exchange.tables import Table, open_table

TODAY = date(2026, 11, 2)


@pytest.fixture
def table(tmp_path: Path) -> Callable[[str], Table]:
    def write(text: str) -> Table:
        path = tmp_path / "file.csv"
        path.write_text(text, encoding="utf-8")
        return open_table(path, is_title=is_known_title)

    return write


def check(table: Table, kind: str, size: int = 5000, currency: str = "") -> list[Batch]:
    checker = RowChecker(table, suggest_mapping(kind, table.header), TODAY, currency)
    return list(checker.batches(size))


def told(batch: Batch) -> list[tuple[int, str, str]]:
    return [
        (reject.line, error.title, error.raw) for reject in batch.rejects for error in reject.errors
    ]


def test_good_rows_become_columns_of_values(table: Callable[[str], Table]) -> None:
    source = "账号,交易日期,借贷标志,金额,摘要\nA1,20240819,贷,700.00,\nA2,2024/8/20,借,1.5,早餐\n"
    (batch,) = check(table(source), "transactions")
    assert batch.values == {
        "account_number": ["A1", "A2"],
        "booked_on": ["2024-08-19", "2024-08-20"],
        "direction": ["credit", "debit"],
        "amount": [70000, 150],
        "memo": [None, "早餐"],
    }
    assert (list(batch.lines), batch.rejects, batch.read) == ([2, 3], [], 2)


def test_a_row_is_rejected_with_all_its_errors_and_its_neighbours_are_kept(
    table: Callable[[str], Table],
) -> None:
    source = (
        "姓名,手机,身份证号,生日\n"
        "张三,13800138000,11010519491231002X,1949-12-31\n"
        "李四,1380013,110105194912310021,1949-12-31\n"
        ",,,\n"
        "王五,,,31.12.1949\n"
    )
    (batch,) = check(table(source), "customers")
    assert told(batch) == [
        (3, "手机", "1380013"),
        (3, "身份证号", "110105194912310021"),
        (5, "生日", "31.12.1949"),
    ]
    assert batch.values["name"] == ["张三"]
    assert batch.values["id_number"] == ["11010519491231002X"]


def test_a_row_of_another_width_is_rejected_as_it_is(table: Callable[[str], Table]) -> None:
    (batch,) = check(table("姓名,手机\n张三,13800138000\n李四\n王五,,x,y\n赵六,\n"), "customers")
    assert [(reject.line, reject.cells) for reject in batch.rejects] == [
        (3, ["李四"]),
        (4, ["王五", "", "x", "y"]),
    ]
    assert batch.rejects[0].errors[0].reason.values == {"n": 1, "width": 2}
    assert batch.values["name"] == ["张三", "赵六"]
    assert batch.read == 4


def test_what_must_be_filled_in_is_named(table: Callable[[str], Table]) -> None:
    source = "客户号,姓名,手机\nC1,,13800138000\n,张三,13800138000\n,,13800138000\n"
    (batch,) = check(table(source), "customers")
    assert told(batch) == [(4, "姓名 / 客户号", "")]


def test_a_passport_is_not_checked_as_an_identity_number(table: Callable[[str], Table]) -> None:
    source = "姓名,证件类型,证件号码\nA,护照,E12345678\nB,身份证,E12345678\nC,,11010519491231002X\n"
    (batch,) = check(table(source), "customers")
    assert batch.values["id_number"] == ["E12345678", "11010519491231002X"]
    assert told(batch) == [(3, "证件号码", "E12345678")]


def test_amounts_are_read_in_the_currency_of_their_row(table: Callable[[str], Table]) -> None:
    source = "账号,客户号,币种,余额\nA,C,人民币,12\nB,C,JPY,12\nC,C,,12\nD,C,夸克,12\n"
    (batch,) = check(table(source), "accounts", currency="USD")
    assert batch.values["balance"] == [1200, 12, 1200]
    assert told(batch) == [(5, "余额", "12")]


def test_batches_have_the_size_asked_for_and_lose_nothing(table: Callable[[str], Table]) -> None:
    rows = "".join(f"客户{n},{'x' if n == 13 else ''}\n" for n in range(25))
    batches = check(table("姓名,手机\n" + rows), "customers", size=10)
    assert [batch.read for batch in batches] == [10, 10, 5]
    assert [len(batch.lines) for batch in batches] == [10, 9, 5]
    assert told(batches[1]) == [(15, "手机", "x")]


def test_a_number_that_a_spreadsheet_cut_is_refused_with_its_cell(
    table: Callable[[str], Table],
) -> None:
    (batch,) = check(table("账号,客户号\n6.22202E+18,C1\n6222021001116245702,C2\n"), "accounts")
    assert told(batch) == [(2, "账号", "6.22202E+18")]


def test_rejects_can_be_corrected_and_fed_back(
    tmp_path: Path, table: Callable[[str], Table]
) -> None:
    source = '客户姓名,手机,备注\n"张三",123,=1+1\n李四,13800138000,\n王五,4,"a\nb"\n赵六\n'
    first = table(source)
    path = tmp_path / "rejects.csv"
    with RejectsWriter(path, first.header) as writer:
        for batch in check(first, "customers"):
            writer.write(batch.rejects)
    assert writer.count == 3
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[:5] for row in rows[1:]] == [
        ["张三", "123", "'=1+1", "2", "手机"],
        ["王五", "4", "a\nb", "4", "手机"],
        ["赵六", "", "", "6", ""],
    ]
    assert [row[6] for row in rows[1:]] == ["123", "4", ""]
    corrected = path.read_text(encoding="utf-8-sig").replace("123,", "13900139000,", 1)
    path.write_text(corrected.replace(",4,", ",,", 1), encoding="utf-8")
    (batch,) = check(open_table(path, is_title=is_known_title), "customers")
    assert batch.rejects == []
    assert batch.values["name"] == ["张三", "王五", "赵六"]
    assert batch.values["remark"] == ["=1+1", "a b", None]


def test_no_rejects_make_no_file(tmp_path: Path) -> None:
    with RejectsWriter(tmp_path / "rejects.csv", ["a"]) as writer:
        writer.write([])
    assert not writer.path.exists()


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|x", "'+cmd|x"),
        ("-1,234.50", "-1,234.50"),
        ("+8613800138000", "+8613800138000"),
        ("张三", "张三"),
        ("", ""),
    ],
)
def test_formulas_are_defused_and_signed_numbers_are_not(cell: str, safe: str) -> None:
    assert defused(cell) == safe
