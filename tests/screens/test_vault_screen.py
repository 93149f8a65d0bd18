"""The vault screen: state, backup, verification, checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from deskcrm.app import DeskApp
from deskcrm.config import Settings
from deskcrm.vault.backup import verify_backup
from deskcrm.vault.header import save_header
from deskcrm.vault.keyslots import new_header
from deskcrm.vault.paths import VaultPaths
from deskcrm.widgets.tables import PagedTable
from deskcrm.widgets.text import SafeStatic
from tests.desks import TestBranch, add_customer


async def until(pilot, condition, tries: int = 200) -> None:  # type: ignore[no-untyped-def]
    """Wait for workers and messages until ``condition`` holds."""
    for _ in range(tries):
        await pilot.pause(0.02)
        if condition():
            return
    raise AssertionError("it did not happen")


@pytest.fixture
def app(branch: TestBranch) -> DeskApp:
    add_customer(branch.desk("manager"), "王小明")
    paths = VaultPaths(branch.vault.home)
    save_header(paths.header, new_header("示例支行"), branch.data_key)
    app = DeskApp(branch.vault.home, settings=Settings(language="en"), clock=branch.clock)
    app.desk = branch.desk("supervisor")
    app.permissions = frozenset({"backup.create", "customer.view"})
    return app


async def test_it_tells_what_is_in_the_vault_and_who_signs_in(app: DeskApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        app.go_to("vault")
        await until(pilot, lambda: app.screen.query(PagedTable))
        await until(pilot, lambda: app.screen.query_one(PagedTable).row_count == 5)
        facts = str(app.screen.query_one("#facts", SafeStatic).content)
        assert "none yet" in facts
        assert "Customers" in facts


async def test_a_backup_is_made_and_verified_from_the_screen(
    app: DeskApp, branch: TestBranch, tmp_path: Path
) -> None:
    target = tmp_path / "copy"
    async with app.run_test(size=(80, 24)) as pilot:
        app.go_to("vault")
        await until(pilot, lambda: app.screen.query(PagedTable))
        await pilot.press("b")
        await until(pilot, lambda: app.screen.is_modal)
        await pilot.press("ctrl+u", "ctrl+k")
        await pilot.press(*str(target).replace("/", "/"), "enter")
        await until(pilot, target.exists)
    manifest = verify_backup(target, branch.vault.keys)
    assert manifest.rows["customer"] == 1


async def test_the_audit_trail_is_verified_from_the_screen(app: DeskApp) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        app.go_to("vault")
        await until(pilot, lambda: app.screen.query(PagedTable))
        await pilot.press("k")
        await until(pilot, lambda: app.screen.is_modal)
        assert "whole" in str(app.screen.query(".dialog-title").first(SafeStatic).content)
