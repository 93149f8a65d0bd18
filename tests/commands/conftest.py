"""The command line on a small demo branch, in this process."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deskcrm.cli import run
from deskcrm.i18n import set_language
from deskcrm.services.demo_branch import prepare_demo

TODAY = "2026-11-23"


@dataclass(frozen=True)
class Answer:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.out)
        return content


Command = Callable[..., Answer]


@pytest.fixture(scope="session")
def demo_master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("demo") / "home"
    prepare_demo(home, customers=80, seed=3, today=date.fromisoformat(TODAY))
    return home


@pytest.fixture
def demo_home(demo_master: Path, tmp_path: Path) -> Path:
    """A demo branch of this test's own."""
    return Path(shutil.copytree(demo_master, tmp_path / "home"))


@pytest.fixture
def bare_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run ``deskcrm`` with words; ``stdin`` is what it can read."""

    def command(*words: str, stdin: str = "") -> Answer:
        monkeypatch.setenv("DESKCRM_LANG", "en")
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        set_language("en")
        capsys.readouterr()
        code = run(list(words))
        printed = capsys.readouterr()
        return Answer(code, printed.out, printed.err)

    return command


@pytest.fixture
def command(demo_home: Path, bare_command: Command) -> Command:
    """The same on the demo branch, on the day it was made."""

    def on_demo(*words: str, stdin: str = "") -> Answer:
        return bare_command("--home", str(demo_home), "--today", TODAY, *words, stdin=stdin)

    return on_demo
