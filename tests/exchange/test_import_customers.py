"""Customers come in: matched, updated without losing anything, in the officer's scope."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from deskcrm.errors import NotAllowedError, NotFoundError
from deskcrm.exchange.batches import list_batches, undo_batch
from deskcrm.exchange.importer import (
    ImportReport,
    ImportStoppedError,
    ProfileKindError,
    RejectsFileError,
    UnknownKindError,
    import_file,
)
from deskcrm.exchange.mapping import MissingColumnsError, Source, suggest_mapping
from deskcrm.exchange.saved_mappings import save_mapping
from deskcrm.exchange.tables import open_table
from deskcrm.services.desk import Desk
from deskcrm.services.search import find
from deskcrm.services.undo import NothingToUndoError
from tests.desks import TestBranch, add_customer

IDENTITY = "11010519491231002X"


def write(path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def bring(desk: Desk, tmp_path: Path, *lines: str, **options: Any) -> ImportReport:
    return import_file(desk, "customers", write(tmp_path / "customers.csv", *lines), **options)


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.updated, report.unchanged, report.rejected


def rows(desk: Desk, statement: str, **values: Any) -> list[dict[str, Any]]:
    with desk.read() as session:
        found = session.connection().execute(text(statement), values)
        return [dict(row._mapping) for row in found]


def customer(desk: Desk, number: str) -> dict[str, Any]:
    return rows(desk, "SELECT * FROM customer WHERE number = :number", number=number)[0]


def reasons(report: ImportReport) -> list[tuple[str, str]]:
    return [(problem.title, str(problem.reason)) for problem in report.problems]


def rejected_rows(report: ImportReport) -> list[dict[str, str]]:
    assert report.rejects_file is not None
    with report.rejects_file.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_new_customer_has_all_that_the_row_says(desk: Desk, tmp_path: Path) -> None:
    report = bring(
        desk,
        tmp_path,
        "客户号,姓名,手机号,身份证号,客户等级,年收入,邮箱,备注",
        f"C1,曾小贤,138 0013 8000,{IDENTITY},金卡,12万,Zeng@Example.com,喜欢下午接电话",
    )
    assert counts(report) == (1, 0, 0, 0)
    made = customer(desk, "C1")
    wanted = {
        "name": "曾小贤",
        "name_sort": "zeng xiao xian",
        "kind": "individual",
        "status": "active",
        "owner_id": desk.officer.id,
        "tier": "gold",
        "annual_income_minor": 12_000_000,
        "pinned_note": "喜欢下午接电话",
        "born_on": "1949-12-31",
        "gender": "female",
        "cadence_anchor_on": "2026-11-23",
        "data_as_of": "2026-11-23",
        "batch_id": report.batch,
        "batch_line": 2,
        "revision": 1,
    }
    assert {name: made[name] for name in wanted} == wanted
    channels = rows(desk, "SELECT kind, value, normalized, preferred FROM contact_channel")
    assert channels == [
        {"kind": "mobile", "value": "13800138000", "normalized": "13800138000", "preferred": 1},
        {
            "kind": "email",
            "value": "Zeng@Example.com",
            "normalized": "zeng@example.com",
            "preferred": 1,
        },
    ]


def test_the_search_finds_imported_customers_at_once(desk: Desk, tmp_path: Path) -> None:
    bring(desk, tmp_path, "客户号,姓名,手机号", "C1,曾小贤,13800138000")
    for typed in ("zengxiao", "曾小", "8000", "C1"):
        assert [hit.name for hit in find(desk, typed).hits] == ["曾小贤"], typed


def test_the_same_file_again_changes_nothing_and_says_so(desk: Desk, tmp_path: Path) -> None:
    lines = ["客户号,姓名,手机号", "C1,王芳,13800138000", "C2,李强,13900139000"]
    first = bring(desk, tmp_path, *lines)
    again = bring(desk, tmp_path, *lines)
    assert counts(first) == (2, 0, 0, 0)
    assert counts(again) == (0, 0, 2, 0)
    assert (first.same_file, again.same_file) == (None, first.batch)
    assert customer(desk, "C1")["revision"] == 1


def test_an_update_blanks_out_nothing_and_undo_brings_the_old_values_back(
    desk: Desk, tmp_path: Path
) -> None:
    bring(desk, tmp_path, "客户号,姓名,手机号,职业", "C1,王芳,13800138000,教师")
    before = customer(desk, "C1")
    report = bring(desk, tmp_path, "客户号,姓名,手机号,职业", "C1,汪芳,13911112222,")
    after = customer(desk, "C1")
    assert counts(report) == (0, 1, 0, 0)
    assert (after["name"], after["name_sort"], after["occupation"]) == ("汪芳", "wang fang", "教师")
    assert report.batch is not None
    undone = undo_batch(desk, report.batch)
    restored = customer(desk, "C1")
    assert (undone.restored, undone.kept) == (2, 0)
    same = set(before) - {"revision", "updated_at"}
    assert {name: restored[name] for name in same} == {name: before[name] for name in same}
    assert [row["value"] for row in rows(desk, "SELECT value FROM contact_channel")] == [
        "13800138000"
    ]
    assert find(desk, "王芳").hits
    assert not find(desk, "汪芳").hits


def test_a_change_has_an_entry_in_the_ledger_with_before_and_after(
    desk: Desk, tmp_path: Path
) -> None:
    bring(desk, tmp_path, "客户号,姓名,职业", "C1,王芳,教师")
    bring(desk, tmp_path, "客户号,姓名,职业", "C1,王芳,医生")
    found = rows(
        desk,
        "SELECT changes FROM ledger WHERE subject_table = 'customer' AND operation = 'update'",
    )
    assert '"occupation":["教师","医生"]' in found[0]["changes"]


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("客户号,姓名,职业", "C1,王芳,医生"),
        ("身份证号,姓名,职业", f"{IDENTITY},王芳,医生"),
        ("姓名,手机号,职业", "王芳,13800138000,医生"),
    ],
)
def test_a_known_customer_is_recognised_by(
    desk: Desk, tmp_path: Path, header: str, line: str
) -> None:
    bring(desk, tmp_path, "客户号,姓名,手机号,身份证号", f"C1,王芳,13800138000,{IDENTITY}")
    assert counts(bring(desk, tmp_path, header, line)) == (0, 1, 0, 0)
    assert customer(desk, "C1")["occupation"] == "医生"


def test_a_namesake_with_another_phone_is_somebody_else(desk: Desk, tmp_path: Path) -> None:
    bring(desk, tmp_path, "客户号,姓名,手机号", "C1,王芳,13800138000")
    report = bring(desk, tmp_path, "姓名,手机号", "王芳,13911112222", "李强,13800138000")
    assert counts(report) == (2, 0, 0, 0)


def test_a_customer_that_comes_twice_in_a_file_is_made_once(desk: Desk, tmp_path: Path) -> None:
    report = bring(
        desk,
        tmp_path,
        "客户号,姓名,手机号,职业",
        "C1,王芳,13800138000,",
        "C1,王芳,13911112222,教师",
        "C1,王芳,13800138000,教师",
    )
    assert counts(report) == (1, 1, 1, 0)
    assert report.batch is not None
    undo_batch(desk, report.batch)
    assert rows(desk, "SELECT id FROM customer") == []
    assert rows(desk, "SELECT id FROM contact_channel") == []


def test_numbers_that_speak_for_different_customers_are_put_aside(
    desk: Desk, tmp_path: Path
) -> None:
    bring(desk, tmp_path, "客户号,姓名,身份证号", f"C1,王芳,{IDENTITY}", "C2,李强,")
    report = bring(
        desk,
        tmp_path,
        "客户号,姓名,身份证号",
        f"C2,李强,{IDENTITY}",
        f"C3,王芳,{IDENTITY}",
        "C1,王芳,110105194912310038",
    )
    assert counts(report) == (0, 0, 0, 3)
    assert sorted(row["Problem column"] for row in rejected_rows(report)) == [
        "客户号",
        "身份证号",
        "身份证号",
    ]


def test_customers_of_a_colleague_are_out_of_reach(
    branch: TestBranch, desk: Desk, tmp_path: Path
) -> None:
    other = add_customer(branch.desk("other"), "王芳", number="C1")
    report = bring(desk, tmp_path, "客户号,姓名,职业", "C1,王芳,教师")
    assert counts(report) == (0, 0, 0, 1)
    assert reasons(report) == [("客户号", "This customer exists already, but is not in your care.")]
    assert rows(desk, "SELECT occupation FROM customer WHERE id = :id", id=other) == [
        {"occupation": ""}
    ]
    supervisor = branch.desk("supervisor")
    assert counts(bring(supervisor, tmp_path, "客户号,姓名,职业", "C1,王芳,教师")) == (0, 1, 0, 0)


def test_only_a_supervisor_brings_in_customers_for_others(
    branch: TestBranch, desk: Desk, tmp_path: Path
) -> None:
    lines = ["客户号,姓名,客户经理", "C1,王芳,other", "C2,李强,nobody"]
    assert counts(bring(desk, tmp_path, *lines)) == (0, 0, 0, 2)
    report = bring(branch.desk("supervisor"), tmp_path, *lines)
    assert counts(report) == (1, 0, 0, 1)
    assert customer(desk, "C1")["owner_id"] == branch.officers["other"].id


def test_a_teller_may_not_import(branch: TestBranch, tmp_path: Path) -> None:
    with pytest.raises(NotAllowedError):
        bring(branch.desk("teller"), tmp_path, "客户号,姓名", "C1,王芳")


def test_rejected_rows_come_in_after_correction(desk: Desk, tmp_path: Path) -> None:
    report = bring(
        desk,
        tmp_path,
        "客户号,姓名,手机号,客户等级",
        "C1,王芳,13800138000,金卡",
        "C2,李强,138,金卡",
        "C3,赵敏,13911112222,铂银",
    )
    assert counts(report) == (1, 0, 0, 2)
    found = rejected_rows(report)
    assert [(row["Source line"], row["Problem column"]) for row in found] == [
        ("3", "手机号"),
        ("4", "客户等级"),
    ]
    assert report.rejects_file is not None
    text_of_file = report.rejects_file.read_text(encoding="utf-8-sig")
    corrected = text_of_file.replace("李强,138,", "李强,13800138111,").replace("铂银", "白金", 1)
    report.rejects_file.write_text(corrected, encoding="utf-8-sig")
    second = import_file(desk, "customers", report.rejects_file)
    assert counts(second) == (2, 0, 0, 0)
    assert customer(desk, "C3")["tier"] == "platinum"


def test_rejects_of_two_imports_do_not_replace_each_other(desk: Desk, tmp_path: Path) -> None:
    names = [
        bring(desk, tmp_path, "客户号,姓名,手机号", "C1,王芳,1").rejects_file for _ in range(2)
    ]
    assert [path.name for path in names if path] == [
        "customers-rejects.csv",
        "customers-rejects-2.csv",
    ]


def test_the_imported_file_is_never_written_over(desk: Desk, tmp_path: Path) -> None:
    path = write(tmp_path / "customers.csv", "客户号,姓名,手机号", "C1,王芳,1")
    with pytest.raises(RejectsFileError):
        import_file(desk, "customers", path, rejects_path=path)
    assert "王芳" in path.read_text(encoding="utf-8")


def test_a_dry_run_counts_and_writes_nothing(desk: Desk, tmp_path: Path) -> None:
    bring(desk, tmp_path, "客户号,姓名", "C1,王芳")
    before = rows(desk, "SELECT * FROM ledger ORDER BY seq")
    report = bring(
        desk, tmp_path, "客户号,姓名,手机号", "C1,汪芳,", "C2,李强,", "C3,赵敏,1", dry_run=True
    )
    assert counts(report) == (1, 1, 0, 1)
    assert (report.batch, report.rejects_file) == (None, None)
    assert [problem.count for problem in report.problems] == [1]
    assert rows(desk, "SELECT * FROM ledger ORDER BY seq") == before
    assert [row["name"] for row in rows(desk, "SELECT name FROM customer")] == ["王芳"]
    assert sorted(path.name for path in tmp_path.glob("*.csv")) == ["customers.csv"]


def test_an_import_that_is_stopped_leaves_nothing(desk: Desk, tmp_path: Path) -> None:
    def stop(_read: int, _total: int) -> None:
        raise ImportStoppedError

    with pytest.raises(ImportStoppedError):
        bring(desk, tmp_path, "客户号,姓名,手机号", "C1,王芳,", "C2,李强,1", progress=stop)
    assert rows(desk, "SELECT id FROM customer") == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["customers.csv", "home"]


def test_gb18030_without_a_mark_and_a_spreadsheet_are_read(desk: Desk, tmp_path: Path) -> None:
    gb = write(tmp_path / "gb.csv", "客户号;姓名", "C1;䶮王芳", encoding="gb18030")
    assert import_file(desk, "customers", gb).created == 1
    xlsxwriter = pytest.importorskip("xlsxwriter")
    with xlsxwriter.Workbook(tmp_path / "sheet.xlsx") as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["客户号", "姓名", "手机号"])
        sheet.write_row(1, 0, ["C2", "李强", 13800138000])
    assert import_file(desk, "customers", tmp_path / "sheet.xlsx").created == 1
    assert [row["name"] for row in rows(desk, "SELECT name FROM customer ORDER BY number")] == [
        "䶮王芳",
        "李强",
    ]


def test_a_confirmed_mapping_is_used_for_files_with_the_same_titles(
    desk: Desk, tmp_path: Path
) -> None:
    path = write(tmp_path / "odd.csv", "Nr,Wer", "C1,王芳")
    with pytest.raises(MissingColumnsError):
        import_file(desk, "customers", path)
    header = open_table(path).header
    mapping = suggest_mapping("customers", header)
    mapping.sources.update(number=Source("Nr"), name=Source("Wer", rewrites=(("^王", "汪"),)))
    save_mapping(desk, mapping, header)
    save_mapping(desk, mapping, header)
    assert import_file(desk, "customers", path).created == 1
    assert customer(desk, "C1")["name"] == "汪芳"


def test_work_done_since_keeps_its_customer_when_the_batch_is_undone(
    desk: Desk, tmp_path: Path
) -> None:
    report = bring(
        desk, tmp_path, "客户号,姓名,手机号", "C1,王芳,13800138000", "C2,李强,13900139000"
    )
    kept = customer(desk, "C1")["id"]
    with desk.write("customer.edit") as work:
        work.connection.execute(
            text("UPDATE customer SET occupation = '教师' WHERE id = :id"), {"id": kept}
        )
        work.record("update", "customer", kept, occupation=["", "教师"])
    assert report.batch is not None
    undone = undo_batch(desk, report.batch)
    assert (undone.restored, undone.kept) == (2, 2)
    assert rows(desk, "SELECT name FROM customer") == [{"name": "王芳"}]
    assert rows(desk, "SELECT value FROM contact_channel") == [{"value": "13800138000"}]
    assert not find(desk, "李强").hits


def test_batches_are_listed_and_undone_once(branch: TestBranch, desk: Desk, tmp_path: Path) -> None:
    report = bring(desk, tmp_path, "客户号,姓名", "C1,王芳")
    assert report.batch is not None
    assert list_batches(branch.desk("other")) == ()
    with pytest.raises(NotFoundError):
        undo_batch(branch.desk("other"), report.batch)
    undo_batch(branch.desk("supervisor"), report.batch)
    with pytest.raises(NothingToUndoError):
        undo_batch(desk, report.batch)
    (view,) = list_batches(desk)
    assert (view.id, view.file_name, view.created, view.undone) == (
        report.batch,
        "customers.csv",
        1,
        True,
    )
    assert bring(desk, tmp_path, "客户号,姓名", "C1,王芳").same_file is None


def test_a_wrong_kind_or_profile_is_refused(desk: Desk, tmp_path: Path) -> None:
    path = write(tmp_path / "customers.csv", "客户号,姓名", "C1,王芳")
    with pytest.raises(UnknownKindError):
        import_file(desk, "cards", path)
    with pytest.raises(ProfileKindError):
        import_file(desk, "customers", path, profile="berka-accounts")
