"""Accounts and their transactions come in, each once, and leave the right balance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from deskcrm.errors import FieldError
from deskcrm.exchange.batches import undo_batch
from deskcrm.exchange.import_transactions import direction_and_amount
from deskcrm.exchange.importer import ImportReport, import_file
from deskcrm.services.desk import Desk
from tests.desks import TestBranch, add_customer

HEADER = "流水号,账号,交易日期,借贷标志,交易金额,余额"


@pytest.fixture
def customers(desk: Desk) -> tuple[int, int]:
    """C1 and C2 of the officer's own."""
    return add_customer(desk, "王芳", number="C1"), add_customer(desk, "李强", number="C2")


def bring(desk: Desk, tmp_path: Path, kind: str, *lines: str) -> ImportReport:
    path = tmp_path / f"{kind}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return import_file(desk, kind, path)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.rejected


def rows(desk: Desk, statement: str) -> list[tuple[Any, ...]]:
    with desk.read() as session:
        return [tuple(row) for row in session.connection().execute(text(statement))]


def balance(desk: Desk, number: str = "A1") -> tuple[int, str | None]:
    statement = "SELECT number, balance_minor, data_as_of FROM account"
    return {row[0]: (row[1], row[2]) for row in rows(desk, statement)}[number]


@pytest.fixture
def account(desk: Desk, tmp_path: Path, customers: tuple[int, int]) -> ImportReport:
    """A1 of C1, without a balance."""
    return bring(desk, tmp_path, "accounts", "账号,客户号", "A1,C1")


def test_an_account_has_its_owner_and_those_who_may_use_it(
    desk: Desk, tmp_path: Path, customers: tuple[int, int]
) -> None:
    lines = [
        "账号,客户号,授权人客户号,账户类型,余额,利率",
        "A1,C1,C2,活期,1234.50,1.5%",
        "A2,C2,,定期,0,",
    ]
    assert counts(bring(desk, tmp_path, "accounts", *lines)) == (2, 0, 0, 0)
    assert rows(desk, "SELECT number, customer_id, type, balance_minor, rate_ppm FROM account") == [
        ("A1", customers[0], "current", 123_450, 15_000),
        ("A2", customers[1], "term", 0, None),
    ]
    assert rows(desk, "SELECT customer_id, role FROM account_holder") == [
        (customers[1], "authorised")
    ]
    assert counts(bring(desk, tmp_path, "accounts", *lines)) == (0, 0, 2, 0)


def test_a_changed_account_is_updated_and_undo_restores_it(
    desk: Desk, tmp_path: Path, customers: tuple[int, int]
) -> None:
    bring(desk, tmp_path, "accounts", "账号,客户号,余额,状态", "A1,C1,100.00,正常")
    report = bring(
        desk, tmp_path, "accounts", "账号,客户号,余额,状态,授权人客户号", "A1,C1,80.00,,C2"
    )
    assert counts(report) == (0, 1, 0, 0)
    assert rows(desk, "SELECT balance_minor, status FROM account") == [(8_000, "open")]
    assert report.batch is not None
    undo_batch(desk, report.batch)
    assert rows(desk, "SELECT balance_minor FROM account") == [(10_000,)]
    assert rows(desk, "SELECT id FROM account_holder") == []


@pytest.mark.parametrize(
    "line", ["A1,C9,", "A1,C3,", "A1,C1,C9", "A0,C2,"], ids=["none", "hidden", "holder", "moved"]
)
def test_an_account_without_its_people_in_care_is_put_aside(
    branch: TestBranch, desk: Desk, tmp_path: Path, customers: tuple[int, int], line: str
) -> None:
    add_customer(branch.desk("other"), "赵敏", number="C3")
    bring(desk, tmp_path, "accounts", "账号,客户号", "A0,C1")
    report = bring(desk, tmp_path, "accounts", "账号,客户号,授权人客户号", line)
    assert counts(report) == (0, 0, 0, 1)
    assert rows(desk, "SELECT number FROM account") == [("A0",)]


def test_a_transaction_comes_in_once(desk: Desk, tmp_path: Path, account: ImportReport) -> None:
    lines = [HEADER, "T1,A1,2026-11-01,贷,100.00,100.00", "T2,A1,2026-11-02,借,30.00,70.00"]
    assert counts(bring(desk, tmp_path, "transactions", *lines)) == (2, 0, 0, 0)
    more = [*lines, "T3,A1,2026-11-03,借,20.00,50.00"]
    assert counts(bring(desk, tmp_path, "transactions", *more)) == (1, 0, 2, 0)
    assert rows(desk, "SELECT reference, direction, amount_minor FROM account_transaction") == [
        ("T1", "credit", 10_000),
        ("T2", "debit", 3_000),
        ("T3", "debit", 2_000),
    ]
    assert balance(desk) == (5_000, "2026-11-03")


def test_a_reference_that_another_transaction_has_is_put_aside(
    desk: Desk, tmp_path: Path, account: ImportReport
) -> None:
    report = bring(
        desk,
        tmp_path,
        "transactions",
        HEADER,
        "T1,A1,2026-11-01,贷,100.00,",
        "T1,A1,2026-11-01,贷,100.00,",
        "T1,A1,2026-11-01,贷,100.01,",
    )
    assert counts(report) == (1, 0, 1, 1)
    assert [str(one.reason) for one in report.problems] == [
        "Another transaction has this reference already."
    ]


def test_without_references_the_same_rows_are_known_again_but_true_repeats_are_kept(
    desk: Desk, tmp_path: Path, account: ImportReport
) -> None:
    header = "账号,交易日期,借贷标志,交易金额,摘要"
    coffee = "A1,2026-11-01,借,18.00,咖啡"
    assert counts(bring(desk, tmp_path, "transactions", header, coffee, coffee)) == (2, 0, 0, 0)
    more = bring(
        desk,
        tmp_path,
        "transactions",
        header,
        coffee,
        coffee,
        coffee,
        "A1,2026-11-02,借,18.00,咖啡",
    )
    assert counts(more) == (2, 0, 2, 0)


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["T1,A1,2026-11-01,贷,1,1.00", "T2,A1,2026-11-02,贷,1,2.00"], (200, "2026-11-02")),
        (["T1,A1,2026-11-02,贷,1,2.00", "T2,A1,2026-11-01,贷,1,1.00"], (200, "2026-11-02")),
        (
            ["T1,A1,2026-11-02,贷,1,3.00", "T2,A1,2026-11-02,贷,1,2.00", "T3,A1,2026-11-01,贷,1,1"],
            (300, "2026-11-02"),
        ),
        (["T1,A1,2026-11-01,贷,1,1.00", "T2,A1,2026-11-02,贷,1,"], (100, "2026-11-01")),
    ],
    ids=["oldest first", "newest first", "newest first within a day", "no balance after the last"],
)
def test_the_balance_is_the_one_the_last_booking_left(
    desk: Desk,
    tmp_path: Path,
    account: ImportReport,
    lines: list[str],
    wanted: tuple[int, str],
) -> None:
    bring(desk, tmp_path, "transactions", HEADER, *lines)
    assert balance(desk) == wanted


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (["T2,A1,2026-11-02,09:00,贷,1,2.00"], (500, "2026-11-02")),
        (["T2,A1,2026-11-02,11:00,贷,1,2.00"], (200, "2026-11-02")),
        (["T2,A1,2026-11-01,11:00,贷,1,2.00"], (500, "2026-11-02")),
        (["T1,A1,2026-11-02,10:00,贷,1,5.00"], (500, "2026-11-02")),
        (
            ["T1,A1,2026-11-02,10:00,贷,1,5.00", "T2,A1,2026-11-03,08:00,贷,1,6.00"],
            (600, "2026-11-03"),
        ),
    ],
    ids=[
        "earlier that day",
        "later that day",
        "the day before",
        "the same",
        "the same and another",
    ],
)
def test_a_booking_counts_against_those_that_are_stored(
    desk: Desk,
    tmp_path: Path,
    account: ImportReport,
    lines: list[str],
    wanted: tuple[int, str],
) -> None:
    header = "流水号,账号,交易日期,交易时间,借贷标志,金额,余额"
    bring(desk, tmp_path, "transactions", header, "T1,A1,2026-11-02,10:00,贷,1,5.00")
    bring(desk, tmp_path, "transactions", header, *lines)
    assert balance(desk) == wanted


def test_older_transactions_leave_a_newer_balance_alone(
    desk: Desk, tmp_path: Path, customers: tuple[int, int]
) -> None:
    bring(desk, tmp_path, "accounts", "账号,客户号,余额", "A1,C1,500.00")
    bring(desk, tmp_path, "transactions", HEADER, "T1,A1,2026-11-22,贷,1.00,7.00")
    assert balance(desk) == (50_000, "2026-11-23")


def test_undo_takes_transactions_away_and_puts_the_balance_back(
    desk: Desk, tmp_path: Path, account: ImportReport
) -> None:
    bring(desk, tmp_path, "transactions", HEADER, "T1,A1,2026-11-01,贷,100.00,100.00")
    report = bring(desk, tmp_path, "transactions", HEADER, "T2,A1,2026-11-02,借,30.00,70.00")
    assert report.batch is not None
    undone = undo_batch(desk, report.batch)
    assert (undone.restored, undone.kept) == (2, 0)
    assert rows(desk, "SELECT reference FROM account_transaction") == [("T1",)]
    assert balance(desk) == (10_000, "2026-11-01")


def test_accounts_with_transactions_stay_when_their_batch_is_undone(
    desk: Desk, tmp_path: Path, account: ImportReport
) -> None:
    bring(desk, tmp_path, "transactions", HEADER, "T1,A1,2026-11-01,贷,100.00,")
    assert account.batch is not None
    undone = undo_batch(desk, account.batch)
    assert (undone.restored, undone.kept) == (0, 1)
    assert rows(desk, "SELECT number FROM account") == [("A1",)]


def test_transactions_of_unknown_accounts_and_those_of_colleagues_are_put_aside(
    branch: TestBranch, desk: Desk, tmp_path: Path, account: ImportReport
) -> None:
    lines = [HEADER, "T1,A1,2026-11-01,贷,1.00,", "T2,A9,2026-11-01,贷,1.00,"]
    assert counts(bring(branch.desk("other"), tmp_path, "transactions", *lines)) == (0, 0, 0, 2)
    assert counts(bring(desk, tmp_path, "transactions", *lines)) == (1, 0, 0, 1)
    supervisor = branch.desk("supervisor")
    assert counts(bring(supervisor, tmp_path, "transactions", *lines)) == (0, 0, 1, 1)


def test_amounts_read_as_yuan_do_not_get_onto_an_account_in_yen(
    desk: Desk, tmp_path: Path, customers: tuple[int, int]
) -> None:
    bring(desk, tmp_path, "accounts", "账号,客户号,币种,余额", "Y1,C1,日元,1000")
    lines = ["流水号,账号,交易日期,借贷标志,交易金额", "T1,Y1,2026-11-01,贷,500"]
    assert counts(bring(desk, tmp_path, "transactions", *lines)) == (0, 0, 0, 1)
    lines = ["流水号,账号,交易日期,借贷标志,交易金额,币种", "T1,Y1,2026-11-01,贷,500,JPY"]
    assert counts(bring(desk, tmp_path, "transactions", *lines)) == (1, 0, 0, 0)
    assert rows(desk, "SELECT amount_minor, currency FROM account_transaction") == [(500, "JPY")]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (("credit", 5, None, None), ("credit", 5)),
        (("debit", 5, None, None), ("debit", 5)),
        (("debit", -5, None, None), ("debit", 5)),
        ((None, 5, None, None), ("credit", 5)),
        ((None, -5, None, None), ("debit", 5)),
        ((None, None, 5, None), ("credit", 5)),
        ((None, None, None, 5), ("debit", 5)),
        ((None, None, 0, 5), ("debit", 5)),
        (("credit", None, None, 5), ("debit", 5)),
        ((None, 0, None, None), ("credit", 0)),
    ],
)
def test_which_way_the_money_went(given: Any, wanted: tuple[str, int]) -> None:
    assert direction_and_amount(*given) == wanted


@pytest.mark.parametrize(
    "given", [("credit", -5, None, None), (None, None, 5, 5), ("credit", None, None, None)]
)
def test_what_contradicts_itself_is_refused(given: Any) -> None:
    with pytest.raises(FieldError):
        direction_and_amount(*given)
