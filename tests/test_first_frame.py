"""The real program paints its first frame before anything heavy is imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.first_frame import HEAVY, first_frame
from deskcrm.vault.paths import VaultPaths


@pytest.mark.parametrize("vault", [True, False], ids=["sign in", "first run"])
def test_nothing_heavy_is_imported_before_the_first_frame(tmp_path: Path, vault: bool) -> None:
    if vault:
        VaultPaths(tmp_path).header.touch()
    names = {name.partition(".")[0] for name in first_frame(str(tmp_path)).modules}
    assert "textual" in names
    assert HEAVY & names == set()
