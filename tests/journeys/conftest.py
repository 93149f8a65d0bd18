"""A vault made by the real command, with a morning's queue, copied for every journey."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from tests.desks import add_customer
from tests.journeys.officer import desk_on, make_vault

CADENCE_DAYS = 60
QUEUE = (("欧阳建国", 40), ("仇丽华", 20), ("王芳", 5))
"""Customers whose regular contact is overdue, by days, in the order of the queue."""


@pytest.fixture(scope="session")
def morning_master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("morning") / "home"
    make_vault(home)
    with desk_on(home) as desk:
        for place, (name, late) in enumerate(QUEUE):
            add_customer(
                desk,
                name,
                phone=f"1390000000{place}",
                tier="gold",
                cadence_days=CADENCE_DAYS,
                cadence_anchor_on=desk.today() - timedelta(days=CADENCE_DAYS + late),
            )
    return home


@pytest.fixture
def morning(morning_master: Path, tmp_path: Path) -> Path:
    """The home of a vault with three customers to call, for this test alone."""
    return Path(shutil.copytree(morning_master, tmp_path / "home"))
