"""An app that starts on one screen, with a desk, so that a screen is tested in a line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.screen import Screen

from deskcrm.app import DeskApp
from deskcrm.clock import FrozenClock
from deskcrm.config import Settings
from deskcrm.models import Role
from deskcrm.rules.working_days import load_calendars
from deskcrm.services.authority import authority_of

EVERYTHING = authority_of(Role.ACCOUNT_MANAGER).permissions

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Nine in the morning at the branch."""


def desk_stub(**more: Any) -> Any:
    """As much of a desk as the shell itself reads: who acts, and when."""
    officer = SimpleNamespace(
        login="wangfang", name="王芳", branch_name="城东支行", role=Role.ACCOUNT_MANAGER
    )
    more.setdefault("clock", FrozenClock(MONDAY))
    more.setdefault("calendar", load_calendars())
    return SimpleNamespace(officer=officer, **more)


class ScreenApp(DeskApp):
    """``DeskApp`` that is unlocked from the start and shows the screen it is given."""

    DEFAULT_MODE = "today"

    def __init__(
        self, home: Path, make_screen: Callable[[], Screen[Any]], desk: Any, **options: Any
    ) -> None:
        self.MODES = {**DeskApp.MODES, "today": make_screen}
        super().__init__(home, **options)
        self.desk = desk
        self.permissions = EVERYTHING


MakeApp = Callable[..., ScreenApp]


@pytest.fixture
def make_app(tmp_path: Path) -> MakeApp:
    """``make_app(MyScreen, desk=…, language="zh_CN")``; run it with ``app.run_test(size=…)``."""

    def make(
        make_screen: Callable[[], Screen[Any]],
        *,
        desk: Any = None,
        language: str = "en",
        **options: Any,
    ) -> ScreenApp:
        options.setdefault("clock", FrozenClock(MONDAY))
        options.setdefault("settings", Settings(language=language))
        return ScreenApp(tmp_path, make_screen, desk or desk_stub(), **options)

    return make
