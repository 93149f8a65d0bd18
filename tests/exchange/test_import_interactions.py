"""Interactions come in with their own date and officer, and move the cadence."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import text

from deskcrm.exchange.batches import undo_batch
from deskcrm.exchange.importer import ImportReport, import_file
from deskcrm.services.desk import Desk
from deskcrm.services.scans import run_scans
from tests.desks import TestBranch, add_customer

HEADER = "客户号,联系时间,沟通方式,沟通内容,结果,客户经理"


def bring(desk: Desk, tmp_path: Path, *lines: str) -> ImportReport:
    path = tmp_path / "interactions.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return import_file(desk, "interactions", path)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.rejected


def rows(desk: Desk, statement: str) -> list[tuple[Any, ...]]:
    with desk.read() as session:
        return [tuple(row) for row in session.connection().execute(text(statement))]


CONTACT = "SELECT last_contact_on, cadence_anchor_on, contact_count FROM customer"
UPDATES = "SELECT state, period FROM followup WHERE rule_code = 'quarterly_update' ORDER BY id"


def test_history_keeps_its_time_and_its_officer(
    branch: TestBranch, desk: Desk, tmp_path: Path
) -> None:
    customer = add_customer(desk, number="C1")
    report = bring(
        desk,
        tmp_path,
        "C1,2026-09-01 15:30,电话,谈理财,接通,other",
        "C1,2026-09-02,微信,问候,,张三",
    )
    assert counts(report) == (2, 0, 0, 0)
    found = rows(
        desk,
        "SELECT customer_id, officer_id, at, contact_on, channel, outcome, reached"
        " FROM interaction ORDER BY at",
    )
    # 15:30 in Shanghai is 07:30 in UTC.
    assert found == [
        (
            customer,
            branch.officers["other"].id,
            1_788_247_800_000,
            "2026-09-01",
            "phone",
            "done",
            1,
        ),
        (customer, None, 1_788_278_400_000, "2026-09-02", "wechat", "done", 1),
    ]


def test_the_same_rows_again_create_nothing(desk: Desk, tmp_path: Path) -> None:
    add_customer(desk, number="C1")
    line = "C1,2026-09-01 15:30,电话,谈理财,接通,"
    assert counts(bring(desk, tmp_path, line, line)) == (2, 0, 0, 0)
    assert counts(bring(desk, tmp_path, line, line)) == (0, 0, 2, 0)
    assert rows(desk, CONTACT)[0][2] == 2


def test_a_real_contact_moves_the_cadence_only_forward(desk: Desk, tmp_path: Path) -> None:
    add_customer(desk, number="C1", cadence_anchor_on=date(2026, 9, 10))
    bring(desk, tmp_path, "C1,2026-08-01,电话,旧,接通,", "C1,2026-11-01,电话,未接,无人接听,")
    assert rows(desk, CONTACT) == [("2026-08-01", "2026-09-10", 1)]
    bring(desk, tmp_path, "C1,2026-10-05,电话,新,接通,", "C1,2026-09-20,电话,中,接通,")
    assert rows(desk, CONTACT) == [("2026-10-05", "2026-10-05", 3)]


def test_an_imported_customer_counts_from_the_first_contact_that_is_known(
    desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "customers.csv"
    path.write_text("客户号,姓名\nC1,王芳\n", encoding="utf-8")
    import_file(desk, "customers", path)
    bring(desk, tmp_path, "C1,2026-10-05,电话,问候,接通,")
    assert rows(desk, CONTACT) == [("2026-10-05", "2026-10-05", 1)]


def test_contacts_settle_the_open_update_and_raise_the_next_in_the_same_transaction(
    desk: Desk, tmp_path: Path
) -> None:
    add_customer(desk, number="C1", cadence_anchor_on=date(2026, 1, 5))
    run_scans(desk)
    assert rows(desk, UPDATES) == [("open", "2026-01-05")]
    report = bring(desk, tmp_path, "C1,2026-06-01,电话,问候,接通,")
    assert rows(desk, UPDATES) == [("done", "2026-01-05"), ("open", "2026-06-01")]
    assert report.batch is not None
    undo_batch(desk, report.batch)
    assert rows(desk, CONTACT) == [(None, "2026-01-05", 0)]
    assert rows(desk, UPDATES) == [("open", "2026-01-05")]
    assert rows(desk, "SELECT id FROM interaction") == []


def test_the_rules_run_for_more_customers_than_one_statement_takes(
    desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "customers.csv"
    numbers = [f"C{number:04}" for number in range(600)]
    path.write_text("客户号,姓名\n" + "".join(f"{n},客户{n}\n" for n in numbers), encoding="utf-8")
    import_file(desk, "customers", path)
    bring(desk, tmp_path, *(f"{number},2026-03-01,电话,问候,接通," for number in numbers))
    assert rows(desk, "SELECT count(*) FROM followup WHERE period = '2026-03-01'") == [(600,)]


def test_rows_that_do_not_fit_are_put_aside(branch: TestBranch, desk: Desk, tmp_path: Path) -> None:
    add_customer(desk, number="C1")
    add_customer(branch.desk("other"), number="C2")
    report = bring(
        desk,
        tmp_path,
        "C9,2026-09-01,电话,无此人,接通,",
        "C2,2026-09-01,电话,同事的客户,接通,",
        "C1,2026-11-24,电话,未来,接通,",
        "C1,2026-09-01,电话,结果不明,天晓得,",
        "C1,2026-09-01,传真机,方式不明,接通,",
    )
    assert counts(report) == (0, 0, 0, 5)
    assert {problem.title: problem.count for problem in report.problems} == {
        "客户号": 2,
        "联系时间": 1,
        "结果": 1,
        "沟通方式": 1,
    }
