"""Whatever happens to the programs that scan, the rows equal one clean catch-up."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from deskcrm.clock import FrozenClock
from deskcrm.models.base import to_milliseconds
from deskcrm.vault.engine import open_engine
from tests.conftest import NOW
from tests.desks import TestBranch, add_customer, make_branch

SMALL, FULL = (2500, 4), (20_000, 25)
"""Customers, and programs killed."""
DAYS_OFF = 90
SCANNER = """
import sys
from datetime import datetime
from pathlib import Path
from deskcrm.clock import FrozenClock
from deskcrm.services.derived import DERIVED
from deskcrm.services.scans import scan_vault
from deskcrm.vault.engine import open_engine
from deskcrm.vault.ids import IdMaker
from deskcrm.vault.keyslots import VaultKeys
from deskcrm.vault.ledger import HeadFile
from deskcrm.vault.session import OpenVault

home, data_key, ledger_key, *moments = sys.argv[1:]
key = bytes.fromhex(ledger_key)
engine = open_engine(Path(home) / "vault.db", bytes.fromhex(data_key))
head = HeadFile(Path(home) / "ledger.head", key)
keys = VaultKeys(bytes.fromhex(data_key), key)
vault = OpenVault(Path(home), engine, keys, head, IdMaker(1), derived=list(DERIVED))
vault.committed.append(lambda: print("committed", flush=True))
print("ready", flush=True)
sys.stdin.readline()
for moment in moments:
    print(scan_vault(vault, FrozenClock(datetime.fromisoformat(moment))).raised, flush=True)
"""


@dataclass
class Backlog:
    """A branch that was off for months with every kind of duty due, and its clean catch-up."""

    branch: TestBranch
    home: Path
    kills: int
    clean: list[tuple[Any, ...]]

    def scanner(self, *days: int) -> subprocess.Popen[str]:
        """A program about to scan after so many days, in turn; a line on its input begins it."""
        values = (
            str(self.home),
            self.branch.data_key.hex(),
            self.branch.vault.ledger_key.hex(),
            *((NOW + timedelta(days=each)).isoformat() for each in days or (DAYS_OFF,)),
        )
        process = subprocess.Popen(
            [sys.executable, "-c", SCANNER, *values],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def rows(self) -> list[tuple[Any, ...]]:
        """Every follow-up without its identifier, in order."""
        engine = open_engine(self.home / "vault.db", self.branch.data_key)
        with engine.connect() as connection:
            found = connection.execute(
                text(
                    "SELECT rule_code, customer_id, period, owner_id, state, due_on, due_at, note,"
                    " single_open, minutes, maximum_attempts, origin_interaction_id, score, terms"
                    " FROM followup ORDER BY rule_code, customer_id, period"
                )
            ).all()
        engine.dispose()
        return [tuple(row) for row in found]

    def copy(self, home: Path) -> Backlog:
        """The same branch before any catch-up, somewhere else."""
        shutil.copytree(self.home, home)
        return replace(self, home=home)


@pytest.fixture(scope="module")
def untouched(full_size: bool, tmp_path_factory: pytest.TempPathFactory) -> Backlog:
    """The backlog, built once, and the rows that one undisturbed scan of a copy makes of it."""
    folder = tmp_path_factory.mktemp("backlog")
    clock = FrozenClock(NOW)
    branch = make_branch(folder / "home", clock)
    customers, kills = FULL if full_size else SMALL
    _fill(branch, customers)
    branch.vault.close()
    backlog = Backlog(branch, folder / "home", kills, [])
    copied = backlog.copy(folder / "clean")
    (raised,) = finish(copied.scanner())
    backlog.clean = copied.rows()
    assert raised == len(backlog.clean) > customers
    return backlog


@pytest.fixture
def backlog(untouched: Backlog, tmp_path: Path) -> Backlog:
    """The backlog for one test."""
    return untouched.copy(tmp_path / "home")


def _fill(branch: TestBranch, customers: int) -> None:
    """Customers of several cadences and promises of both kinds, written without any rule run."""
    desk = branch.desk("manager")
    first = add_customer(desk)
    with branch.vault.engine.execution_options(write=True).begin() as connection:
        columns = [row[1] for row in connection.exec_driver_sql("PRAGMA table_info(customer)")]
        changed = {
            "id": "c.id + n.value * 1024",
            "tier": "CASE n.value % 3 WHEN 0 THEN 'private' ELSE 'standard' END",
            "cadence_days": "CASE n.value % 10 WHEN 0 THEN 20 END",
            "cadence_anchor_on": "date(:today, '-' || (n.value % 200) || ' days')",
            "do_not_call": "n.value % 17 = 0",
        }
        copied = ", ".join(changed.get(name, f"c.{name}") for name in columns)
        numbers = (
            "(WITH RECURSIVE s(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM s"
            " WHERE value < :count) SELECT value FROM s)"
        )
        connection.execute(
            text(
                f"INSERT INTO customer ({', '.join(columns)}) SELECT {copied}"
                f" FROM customer AS c, {numbers} AS n WHERE c.id = :first"
            ),
            {"today": str(desk.today()), "count": customers, "first": first},
        )
        connection.execute(
            text(
                "INSERT INTO interaction (id, customer_id, officer_id, channel, at, contact_on,"
                " outcome, reached, next_kind, next_on, recorded_at)"
                " SELECT c.id, c.id, c.owner_id, 'phone', :now, :today, 'later', 1,"
                " CASE c.id / 1024 % 2 WHEN 0 THEN 'callback' ELSE 'visit' END,"
                " date(:today, '+' || (c.id / 1024 % 120) || ' days'), :now"
                " FROM customer AS c WHERE c.id / 1024 % 4 < 2"
            ),
            {"today": str(desk.today()), "now": to_milliseconds(desk.now())},
        )


def begin(process: subprocess.Popen[str]) -> None:
    """Let a scanner begin."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def finish(process: subprocess.Popen[str]) -> list[int]:
    """Let a scanner run to its end; how many follow-ups each scan raised."""
    output, _ = process.communicate("go\n", timeout=300)
    assert process.returncode == 0
    return [int(line) for line in output.splitlines() if line != "committed"]


def test_two_programs_that_scan_at_once_raise_each_duty_once(backlog: Backlog) -> None:
    both = [backlog.scanner(), backlog.scanner()]
    for process in both:
        begin(process)
    raised = finish(both[1]) + finish(both[0])
    assert sum(raised) == len(backlog.clean)
    assert backlog.rows() == backlog.clean
    sys.stdout.write(f"two programs raised {raised[0]} + {raised[1]} = {len(backlog.clean)}\n")


def test_a_program_killed_in_the_middle_of_scans_leaves_nothing_out_and_nothing_twice(
    backlog: Backlog,
) -> None:
    for kill in range(backlog.kills):
        process = backlog.scanner()
        begin(process)
        assert process.stdout is not None
        for _ in range(kill % 3):
            assert process.stdout.readline() == "committed\n"
        process.send_signal(signal.SIGKILL)
        process.communicate()
        found = backlog.rows()
        assert len({row[:3] for row in found}) == len(found) <= len(backlog.clean)
    left = finish(backlog.scanner())
    assert left[0] < len(backlog.clean)
    assert backlog.rows() == backlog.clean
    sys.stdout.write(
        f"killed {backlog.kills}; {left[0]} of {len(backlog.clean)} were left to raise\n"
    )


def test_scans_on_the_way_through_ninety_days_equal_one_catch_up_after_them(
    backlog: Backlog,
) -> None:
    raised = finish(backlog.scanner(0, 1, 30, 60, DAYS_OFF))
    assert all(raised)
    assert sum(raised) == len(backlog.clean)
    assert backlog.rows() == backlog.clean
    sys.stdout.write(f"raised on the way: {raised}, at once: {len(backlog.clean)}\n")
