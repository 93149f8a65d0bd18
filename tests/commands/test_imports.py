"""``import``: what scripts read, and what people are told."""

from __future__ import annotations

from pathlib import Path

from tests.commands.conftest import Command

REPORT = {
    "batch",
    "read",
    "created",
    "updated",
    "unchanged",
    "rejected",
    "rejects_file",
    "seconds",
}


def customers(tmp_path: Path, *lines: str) -> str:
    path = tmp_path / "new.csv"
    path.write_text("\n".join(["客户号,姓名,手机号", *lines]) + "\n", encoding="gb18030")
    return str(path)


def test_an_import_reports_its_counts_and_can_be_listed_and_undone(
    command: Command, tmp_path: Path
) -> None:
    file = customers(tmp_path, "N1,王芳,13800138000", "N2,李强,13900139000")
    done = command("import", "customers", file, "--json")
    assert (done.code, done.err) == (0, "")
    assert set(done.json) >= REPORT
    assert (done.json["read"], done.json["created"], done.json["rejected"]) == (2, 2, 0)
    batch = done.json["batch"]
    listed = command("import", "list", "--json").json["batches"]
    assert (listed[0]["batch"], listed[0]["file"], listed[0]["undone"]) == (batch, "new.csv", False)
    undone = command("import", "undo", batch, "--json")
    assert (undone.code, undone.json) == (0, {"batch": batch, "restored": 4, "kept": 0})
    assert command("import", "list", "--json").json["batches"][0]["undone"] is True
    assert command("import", "undo", batch, "--json").code == 1


def test_rejected_rows_give_exit_code_four_and_a_file(command: Command, tmp_path: Path) -> None:
    file = customers(tmp_path, "N1,王芳,13800138000", "N2,李强,138")
    rejects = tmp_path / "bad.csv"
    done = command("import", "customers", file, "--rejects", str(rejects), "--json")
    assert done.code == 4
    assert (done.json["created"], done.json["rejected"]) == (1, 1)
    assert done.json["rejects_file"] == str(rejects)
    assert "李强" in rejects.read_text(encoding="utf-8-sig")


def test_people_are_told_where_the_rejected_rows_are_and_what_to_do(
    command: Command, tmp_path: Path
) -> None:
    done = command("import", "customers", customers(tmp_path, "N1,王芳,13800138000", "N2,李强,1"))
    assert done.code == 4
    assert "2 rows read" in done.out
    assert "手机号: This is not a telephone number" in done.out
    assert "new-rejects.csv" in done.out
    assert "import undo" in done.out


def test_a_dry_run_changes_nothing(command: Command, tmp_path: Path) -> None:
    file = customers(tmp_path, "N1,王芳,13800138000")
    dry = command("import", "customers", file, "--dry-run", "--json")
    assert (dry.code, dry.json["created"], dry.json["batch"]) == (0, 1, None)
    assert command("import", "customers", file, "--json").json["created"] == 1


def test_a_file_that_is_not_there_is_said_and_nothing_happens(command: Command) -> None:
    missing = command("import", "customers", "/no/such/file.csv", "--json")
    assert (missing.code, missing.json["error"]) == (1, "unreadable-file")


def test_an_unknown_profile_is_wrong_usage(command: Command, tmp_path: Path) -> None:
    file = customers(tmp_path, "N1,王芳,13800138000")
    wrong = command("import", "customers", file, "--profile", "berka-customer", "--json")
    assert (wrong.code, wrong.json["error"]) == (2, "unknown-profile")


def test_sniffing_needs_no_vault(bare_command: Command, tmp_path: Path) -> None:
    file = customers(tmp_path, "N1,王芳,13800138000")
    words = ("--home", str(tmp_path / "none"), "import", "sniff", file)
    found = bare_command(*words, "--json")
    assert found.code == 0
    assert found.json == {
        "encoding": "gb18030",
        "delimiter": ",",
        "quote": '"',
        "header_row": 1,
        "columns": ["客户号", "姓名", "手机号"],
        "mapping": {"number": "客户号", "name": "姓名", "mobile": "手机号"},
    }
    rows = bare_command(*words, "--rows", "--json").json["rows"]
    assert rows == [["客户号", "姓名", "手机号"], ["N1", "王芳", "13800138000"]]
    assert "客户号  →  number" in bare_command(*words).out
