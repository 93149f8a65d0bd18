"""What every test may use: a real encrypted database with a frozen clock, built in one line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deskcrm.clock import FrozenClock
from deskcrm.i18n import set_language
from deskcrm.services.desk import Desk
from tests.desks import TestBranch, make_branch

os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
"""No test touches the key store of the person who runs it, nor does a program it starts."""

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Monday 23 November 2026, 09:00 in Shanghai."""

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="run the slow suites in full size")


@pytest.fixture(scope="session")
def full_size(request: pytest.FixtureRequest) -> bool:
    """Whether slow suites run in their full size."""
    return bool(request.config.getoption("--full"))


@pytest.fixture(autouse=True)
def _english_and_no_textual_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in os.environ:
        if name.startswith("TEXTUAL") and not name.startswith("TEXTUAL_SNAPSHOT"):
            monkeypatch.delenv(name)
    set_language("en")
    yield
    set_language("en")


@pytest.fixture
def clock() -> FrozenClock:
    """A clock that stands at nine on a Monday morning."""
    return FrozenClock(NOW)


@pytest.fixture
def branch(tmp_path: Path, clock: FrozenClock) -> Iterator[TestBranch]:
    """An empty branch with an officer of each working role, on a real SQLCipher file."""
    made = make_branch(tmp_path / "home", clock)
    yield made
    made.vault.engine.dispose()


@pytest.fixture
def desk(branch: TestBranch) -> Desk:
    """The desk of the account manager, who owns most customers in tests."""
    return branch.desk("manager")


def shared_data(*parts: str) -> Path:
    """A file of the real public data sets; the test is skipped, with the reason, without it."""
    path = SHARED_DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"real public data not present: {'/'.join(parts)}")
    return path
