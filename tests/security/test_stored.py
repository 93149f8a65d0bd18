"""What is taken down is found nowhere in clear: not in the files, not after a crash."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from deskcrm.services.drafts import save_draft
from deskcrm.services.interactions import NewInteraction, log_interaction
from tests.desks import add_customer
from tests.journeys.officer import (
    PASSWORD,
    PROGRAM,
    desk_on,
    make_vault,
    officer_at,
)

QUICK, FULL = 200, 1_000
PLANTED_BY_CUSTOMER = 4
SUPERVISOR = "sup:主管:supervisor"
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")


@pytest.fixture
def secrets(full_size: bool) -> list[str]:
    """Names, identity numbers, phone numbers and notes that stand nowhere else."""
    count = (FULL if full_size else QUICK) // PLANTED_BY_CUSTOMER
    numbers = range(count)
    return [
        *(f"欧阳密{number:03}文" for number in numbers),
        *(f"3301021958{number:04}9{number % 100:02}X" for number in numbers),
        *(f"1399{number:03}7{number:03}" for number in numbers),
        *(f"备注第{number:03}条：只说给客户经理听" for number in numbers),
    ]


def test_nothing_stands_in_clear_in_any_file_also_after_a_crash(
    tmp_path: Path, secrets: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    home, scratch = tmp_path / "home", tmp_path / "tmp"
    scratch.mkdir()
    make_vault(home, SUPERVISOR)
    _plant(home, secrets)
    outside = {"TMPDIR": str(scratch), "HOME": str(tmp_path), "DESKCRM_LANG": "en"}
    _back_up(home, tmp_path / "backup", outside)
    failing = (sys.executable, "-m", "tests.security.failing_app")
    with officer_at(home, environment=outside, program=failing) as officer:
        terminal = officer.terminal
        officer.signs_in()
        officer.sees("Today", "欧阳密")
        officer.presses("w")
        officer.sees("The program made a mistake")
        before_it_ends = len(terminal.output)
        officer.presses("c")
        assert terminal.ended() != 0
        assert terminal.shows("deskcrm had to stop")
        said = bytes(terminal.output[before_it_ends:]).partition(b"\x1b[?1049l")[2]
        searched = [path for path in tmp_path.rglob("*") if path.is_file()]
        found = _found(secrets, [said, *(path.read_bytes() for path in searched)])
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{len(secrets)} planted strings, {len(searched)} files and the terminal after a "
            f"crash searched, {len(found)} found in clear"
        )
    assert (home / "logs" / "faults.log") in searched
    assert found == []


def test_the_search_finds_what_stands_in_clear() -> None:
    assert _found(["欧阳密001文"], ["x欧阳密001文".encode("gb18030")]) == ["欧阳密001文"]
    assert _found(["欧阳密001文"], [b"other"]) == []


def _plant(home: Path, secrets: list[str]) -> None:
    count = len(secrets) // PLANTED_BY_CUSTOMER
    with desk_on(home) as desk:
        for number in range(count):
            name, identity, phone, notes = secrets[number::count]
            late = desk.today() - timedelta(days=100)
            customer_id = add_customer(
                desk, name, phone=phone, id_number=identity, cadence_days=60, cadence_anchor_on=late
            )
            save_draft(desk, "call_sheet", customer_id, {"notes": notes, "form_key": notes})
            if number % 2:
                log_interaction(
                    desk, NewInteraction(customer_id, "phone", "busy", notes, no_next_reason=notes)
                )


def _back_up(home: Path, destination: Path, outside: dict[str, str]) -> None:
    command = [*PROGRAM, "--home", str(home), "--as", "sup", "--password-file", "-"]
    command += ["backup", "create", str(destination)]
    subprocess.run(
        command,
        input=PASSWORD,
        text=True,
        check=True,
        capture_output=True,
        env=os.environ | outside,
    )


def _found(secrets: list[str], contents: list[bytes]) -> list[str]:
    return [
        secret
        for secret in secrets
        if any(secret.encode(encoding) in content for content in contents for encoding in ENCODINGS)
    ]
