from __future__ import annotations

from pathlib import Path

import pytest

from deskcrm.clock import FrozenClock
from tests.vault.boxes import Box, make_box


@pytest.fixture
def box(tmp_path: Path, clock: FrozenClock) -> Box:
    """A vault on a machine without a key store."""
    return make_box(tmp_path / "home", clock)
