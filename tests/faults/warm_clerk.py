"""Imported once by the server that clerks are forked from: one call taken down beforehand brings in
all that is imported and compiled with the first one, so that a life of a clerk is all work."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from deskcrm.clock import FrozenClock
from deskcrm.services.queue import queue
from tests.conftest import NOW
from tests.desks import add_customer, make_branch
from tests.faults.clerk import take_down

with tempfile.TemporaryDirectory() as folder:
    branch = make_branch(Path(folder), FrozenClock(NOW))
    desk = branch.desk("manager")
    for _number in range(2):
        late = desk.today() - timedelta(days=100)
        add_customer(desk, cadence_days=60, cadence_anchor_on=late)
    take_down(desk, queue(desk, limit=1).items[0].id, "")
    branch.vault.close()
