"""A program that is killed in the middle of an import leaves all of the file, or nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from sqlalchemy import text

from deskcrm.exchange.importer import import_file
from deskcrm.services.audit import verify_ledger
from deskcrm.services.search import find
from tests.desks import TestBranch

ROWS = 12_000

# The process stops after the first batch is written, so that it is killed there.
PROGRAM = """
import sys
from pathlib import Path

from deskcrm.clock import FrozenClock
from deskcrm.exchange.importer import import_file
from deskcrm.models import Role
from deskcrm.services.derived import DERIVED
from deskcrm.services.desk import Actor, Desk
from deskcrm.vault.engine import open_engine
from deskcrm.vault.ids import IdMaker
from deskcrm.vault.keyslots import VaultKeys
from deskcrm.vault.ledger import HeadFile
from deskcrm.vault.session import OpenVault
from tests.conftest import NOW

home, file, data_key, ledger_key, officer, branch = sys.argv[1:]
keys = VaultKeys(bytes.fromhex(data_key), bytes.fromhex(ledger_key))
vault = OpenVault(
    Path(home),
    open_engine(Path(home) / "vault.db", keys.data_key),
    keys,
    HeadFile(Path(home) / "ledger.head", keys.ledger_key),
    IdMaker(1),
    derived=list(DERIVED),
)
actor = Actor(int(officer), "manager", "", Role.ACCOUNT_MANAGER, int(branch), "")


def wait(read: int, total: int) -> None:
    print(read, total, flush=True)
    sys.stdin.read()


import_file(Desk(actor, vault, FrozenClock(NOW)), "customers", Path(file), progress=wait)
"""


def count(branch: TestBranch, table: str) -> int:
    with branch.vault.read() as session:
        return int(session.connection().execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_killed_in_the_middle_nothing_is_there_and_the_next_run_brings_all(
    branch: TestBranch, tmp_path: Path
) -> None:
    path = tmp_path / "customers.csv"
    lines = (f"C{number:06},王{number},138{number:08}\n" for number in range(ROWS))
    path.write_text("客户号,姓名,手机号\n" + "".join(lines) + "X,坏,1\n", encoding="utf-8")
    officer = branch.officers["manager"]
    arguments = [
        str(branch.vault.home),
        str(path),
        branch.data_key.hex(),
        branch.vault.ledger_key.hex(),
        str(officer.id),
        str(branch.branch_id),
    ]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == f"5000 {ROWS + 2}\n"
    process.kill()
    assert process.wait() == -signal.SIGKILL
    for table in ("customer", "contact_channel", "import_batch", "search_document"):
        assert count(branch, table) == 0, table
    desk = branch.desk("manager")
    report = import_file(desk, "customers", path)
    assert (report.created, report.rejected) == (ROWS, 1)
    assert report.rejects_file == tmp_path / "customers-rejects.csv"
    assert count(branch, "customer") == ROWS
    assert find(desk, "13800011999").hits[0].name == "王11999"
    assert verify_ledger(branch.desk("auditor")).ok
