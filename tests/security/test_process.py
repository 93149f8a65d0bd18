"""What the running program leaves to others: files, memory dumps, the terminal, its exit code."""

from __future__ import annotations

import shutil
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from tests.journeys.conftest import QUEUE
from tests.journeys.officer import PROGRAM, make_vault, officer_at
from tools.terminal import Key

WITH_AN_OPEN_UMASK = ("/bin/sh", "-c", 'umask 022; exec "$@"', "sh", *PROGRAM)
FIRST = QUEUE[0][0]


def test_every_file_is_the_officers_alone_from_the_first_key_on(tmp_path: Path) -> None:
    home = tmp_path / "home"
    make_vault(home)
    with officer_at(home, program=WITH_AN_OPEN_UMASK) as officer:
        officer.sees("Who is at the desk?")
        officer.at_field("Login")
        officer.presses(Key.F10)
        officer.terminal.wait_for("登录名")
        assert (home / "settings.toml").exists()
        assert _open_to_others(home) == []
        officer.presses(Key.F10)
        officer.sees("Who is at the desk?")
        officer.signs_in()
        officer.sees("Nothing is due now.")
        assert _open_to_others(home) == []


def test_no_memory_of_the_program_is_dumped(morning: Path) -> None:
    with officer_at(morning, program=WITH_AN_OPEN_UMASK) as officer:
        officer.sees("Who is at the desk?")
        limits = Path(f"/proc/{officer.terminal.pid}/limits").read_text()
        status = Path(f"/proc/{officer.terminal.pid}/status").read_text()
    core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]
    assert "Umask:\t0077" in status


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGQUIT"])
def test_a_signal_leaves_a_clean_terminal_without_the_customer(morning: Path, name: str) -> None:
    number = signal.Signals[name]
    with officer_at(morning) as officer:
        officer.signs_in()
        officer.sees(FIRST)
        officer.presses("c")
        officer.sees("Call sheet", f"· {FIRST}")
        officer.terminal.send_signal(number)
        assert officer.terminal.ended() == 128 + number
        assert officer.terminal.text.strip() in ("", "u")
        assert officer.terminal.echoes()
        assert not officer.terminal.screen.cursor.hidden
        for mode in (b"1000", b"1003", b"1006", b"2004", b"1004", b"1049"):
            output = bytes(officer.terminal.output)
            assert output.rfind(b"\x1b[?" + mode + b"l") > output.rfind(b"\x1b[?" + mode + b"h")


def test_the_environment_cannot_make_the_program_write_keys_down(morning: Path) -> None:
    log = morning.parent / "textual.log"
    pictures = morning.parent / "pictures"
    pictures.mkdir()
    spying = {
        "TEXTUAL_LOG": str(log),
        "TEXTUAL_SCREENSHOT": "1",
        "TEXTUAL_SCREENSHOT_LOCATION": str(pictures),
        "TEXTUAL_PRESS": "ctrl+q",
    }
    with officer_at(morning, environment=spying) as officer:
        officer.signs_in()
        officer.sees(FIRST)
        officer.presses(Key.ctrl("q"))
        assert officer.terminal.ended() == 0
    assert not log.exists()
    assert list(pictures.iterdir()) == []


def test_the_exit_code_says_what_kind_of_end_it_was(morning: Path, tmp_path: Path) -> None:
    without_terminal = subprocess.run(
        [*PROGRAM, "--home", str(morning)], capture_output=True, text=True, input=""
    )
    assert without_terminal.returncode == 2
    assert "Traceback" not in without_terminal.stderr
    damaged = Path(shutil.copytree(morning, tmp_path / "damaged"))
    (damaged / "settings.toml").write_text("idle_minutes = 900\n", encoding="utf-8")
    with officer_at(damaged) as officer:
        assert officer.terminal.ended() == 1
        assert "idle_minutes" in officer.terminal.text


def _open_to_others(home: Path) -> list[str]:
    paths = [home, *home.rglob("*")]
    return [path.name for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]
