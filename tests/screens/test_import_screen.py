"""A file is looked at, mapped, checked, brought in and taken back, by keyboard alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from textual.pilot import Pilot

from deskcrm.exchange.importer import import_file
from deskcrm.screens.import_screen import ImportScreen
from deskcrm.services.desk import Desk
from tests.screens.days import settled, text_of

LOOKS = [(language, size) for language in ("zh_CN", "en") for size in ((80, 24), (120, 36))]
LINES = (
    "客户号,姓名,手机号,爱好",
    "C1,王芳,13800138000,登山",
    "C2,李强,138,钓鱼",
    "C3,赵敏,13911112222,\x1b[31m[bold]书法[/bold]",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    path = folder / "新客户.csv"
    path.write_text("\n".join(LINES) + "\n", encoding="gb18030")
    return path


def customers(desk: Desk) -> list[str]:
    with desk.read() as session:
        return list(session.connection().scalars(text("SELECT name FROM customer ORDER BY number")))


async def look_at(app: Any, pilot: Pilot[Any], path: Path) -> None:
    await settled(app, pilot)
    line = app.screen.query_one("#import-path")
    line.focus()
    line.value = str(path)
    await pilot.press("enter")
    await settled(app, pilot)


async def test_a_file_is_shown_as_it_would_be_read(make_app: Any, desk: Desk, file: Path) -> None:
    app = make_app(ImportScreen, desk=desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await look_at(app, pilot, file)
        screen = text_of(app)
        for words in ("gb18030", "titles in line 1", "Customer number", "C1 · C2 · C3", "王芳"):
            assert words in screen
        assert "13800138000" not in screen
        assert "\x1b[31m" not in screen
        assert "[bold]" in screen


async def test_a_check_counts_problems_per_column_and_changes_nothing(
    make_app: Any, desk: Desk, file: Path
) -> None:
    app = make_app(ImportScreen, desk=desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await look_at(app, pilot, file)
        await pilot.press("d")
        await settled(app, pilot)
        screen = text_of(app)
        assert "3 rows: 2 new, 0 updated, 0 as they were, 1 rejected." in screen
        assert "1 × This is not a telephone" in screen
        assert customers(desk) == []


async def test_a_file_is_brought_in_and_taken_back(make_app: Any, desk: Desk, file: Path) -> None:
    app = make_app(ImportScreen, desk=desk)
    async with app.run_test(size=(120, 36)) as pilot:
        await look_at(app, pilot, file)
        await pilot.press("ctrl+s")
        await settled(app, pilot)
        assert customers(desk) == ["王芳", "赵敏"]
        screen = text_of(app)
        assert "Brought in." in screen
        assert "新客户-rejects.csv" in screen
        await pilot.press("x", "y")
        await settled(app, pilot)
        assert customers(desk) == []
        await pilot.press("escape")
        await settled(app, pilot)
        assert "新客户.csv (taken back)" in text_of(app)


async def test_a_batch_of_the_list_is_taken_back(make_app: Any, desk: Desk, file: Path) -> None:
    import_file(desk, "customers", file)
    app = make_app(ImportScreen, desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        app.screen.batches.focus()
        await pilot.press("x", "y")
        await settled(app, pilot)
        assert customers(desk) == []


async def test_a_column_is_given_another_field_and_that_is_remembered(
    make_app: Any, desk: Desk, file: Path
) -> None:
    app = make_app(ImportScreen, desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await look_at(app, pilot, file)
        app.screen.fields.focus_key("爱好")
        await pilot.press("enter")
        await settled(app, pilot)
        assert "爱好" in text_of(app)
        await pilot.press("end", "enter")
        await settled(app, pilot)
        assert "Remark" in text_of(app)
        await pilot.press("ctrl+s")
        await settled(app, pilot)
        await look_at(app, pilot, file)
        assert "Remark" in text_of(app)
    with desk.read() as session:
        notes = session.connection().scalars(text("SELECT pinned_note FROM customer"))
        assert "登山" in list(notes)


async def test_what_is_still_missing_is_said_before_anything_is_read(
    make_app: Any, desk: Desk, tmp_path: Path
) -> None:
    path = tmp_path / "odd.csv"
    path.write_text("Nr,Wer\nC1,王芳\n", encoding="utf-8")
    app = make_app(ImportScreen, desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await look_at(app, pilot, path)
        assert "Still to be filled from a column: Name / Customer number" in text_of(app)
        await pilot.press("ctrl+s")
        await settled(app, pilot)
        assert customers(desk) == []


async def test_a_file_that_is_not_there_is_told_and_the_path_stays(
    make_app: Any, desk: Desk, tmp_path: Path
) -> None:
    app = make_app(ImportScreen, desk=desk)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await look_at(app, pilot, tmp_path / "none.csv")
        [told] = [note.message for note in app._notifications]
        assert "none.csv cannot be read" in told
        assert app.focused.value.endswith("none.csv")


async def test_the_path_is_completed_and_its_folder_remembered(
    make_app: Any, desk: Desk, file: Path
) -> None:
    app = make_app(ImportScreen, desk=desk)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        line = app.screen.query_one("#import-path")
        line.value = f"{file.parent}/"
        await pilot.press("end", "新")
        await settled(app, pilot)
        await pilot.press("right")
        assert line.value == str(file)
        await pilot.press("enter")
        await settled(app, pilot)
        assert app.settings.import_folder == str(file.parent)


async def test_both_languages_are_spoken(make_app: Any, desk: Desk, file: Path) -> None:
    app = make_app(ImportScreen, desk=desk, language="zh_CN")
    async with app.run_test(size=(120, 36)) as pilot:
        await look_at(app, pilot, file)
        await pilot.press("d")
        await settled(app, pilot)
        screen = text_of(app)
        for words in ("文件中的列", "填入", "客户号", "问题", "只是检查"):
            assert words in screen
        for words in ("Column", "Fills", "rows", "Check", "Bring"):
            assert words not in screen


@pytest.mark.parametrize(("language", "size"), LOOKS)
def test_the_import_of_a_file_looks_as_it_did(  # noqa: PLR0917
    snap_compare: Any,
    make_app: Any,
    desk: Desk,
    file: Path,
    language: str,
    size: tuple[int, int],
) -> None:
    app = make_app(ImportScreen, desk=desk, language=language)

    async def show(pilot: Pilot[Any]) -> None:
        await look_at(app, pilot, file)
        app.screen.query_one("#import-path").value = "~/Downloads/新客户.csv"
        await pilot.press("d")
        await settled(app, pilot)

    assert snap_compare(app, terminal_size=size, run_before=show)


@pytest.mark.parametrize(("language", "size"), LOOKS)
def test_the_list_of_imported_files_looks_as_it_did(  # noqa: PLR0917
    snap_compare: Any,
    make_app: Any,
    desk: Desk,
    file: Path,
    language: str,
    size: tuple[int, int],
) -> None:
    import_file(desk, "customers", file)
    app = make_app(ImportScreen, desk=desk, language=language)
    assert snap_compare(app, terminal_size=size, run_before=lambda pilot: settled(app, pilot))
