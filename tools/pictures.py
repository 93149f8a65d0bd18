"""Take the pictures of the guide from the running app: ``make pictures``.

A small demo branch is made with a frozen clock, the app is driven by keys, and what it shows is
drawn. The same code and data give the same files. ``--to DIR`` writes them elsewhere.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from keyring.backends import fail
from textual.pilot import Pilot

from deskcrm.app import DeskApp
from deskcrm.clock import FrozenClock
from deskcrm.config import Settings
from deskcrm.resources import load_toml
from deskcrm.screens.gate import Gate
from deskcrm.services.demo import fill_demo
from deskcrm.services.demo_branch import DemoOfficer
from deskcrm.services.desk import Desk
from deskcrm.services.session_start import close_desk, create_branch, open_desk
from deskcrm.vault.paths import VaultPaths
from deskcrm.vault.policy import default_policy
from deskcrm.vault.surroundings import Surroundings
from tools.screen_svg import screen_svg

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"
NOW = datetime(2026, 11, 23, 1, 5, tzinfo=UTC)
"""Monday 23 November 2026, 09:05 at the branch."""

CUSTOMERS, SEED = 900, 20_261_123
LANGUAGES = ("zh_CN", "en")
WIDE, NARROW = (120, 36), (80, 24)
BRANCH, LIST = Path("qiantang"), Path("clients.csv")
"""The vault and the file to import, in the folder of the run, so that no path of it is shown."""

ROWS = (
    "客户号,姓名,证件号码,手机号,出生日期,客户等级\n"
    "C9000001,王小明,330106198803122316,13800138000,1988-03-12,金卡\n"
    "C9000002,欧阳静,330106199207154420,13900139000,1992-07-15,普通\n"
    "C9000003,李建国,330106197001010011,1380013800,1970-01-01,白金\n"
    "C9000004,古丽娜尔·买买提,330105198511203329,13700137000,1985-11-20,普通\n"
)
"""A list as a branch keeps it: one row has a wrong identity number and a telephone number that is
too short."""


@dataclass(frozen=True, slots=True)
class Shot:
    """Keys to press, then the picture to take; ``drafted`` waits until a draft is kept."""

    name: str
    keys: tuple[str, ...] = ()
    drafted: bool = False


WIDE_SHOTS = (
    Shot("today"),
    Shot("help", ("f1",)),
    Shot("customer", ("escape", "down", "enter")),
    Shot("timeline", ("4",)),
    Shot("find", ("f2", *"wang")),
    Shot("call-sheet", ("f3", "home", "c")),
    Shot(
        "customer-form",
        (
            "f3",
            "ctrl+n",
            "enter",
            *"王小明",
            "tab",
            "tab",
            "tab",
            "1",
            *"330106198803122316",
            "tab",
        ),
        drafted=True,
    ),
    Shot("import", ("f3", "shift+f2", *str(LIST), "enter", "d")),
    Shot("vault", ("f3", "f9")),
    Shot("lock", ("f3", "ctrl+l")),
)
NARROW_SHOTS = (Shot("today-80x24"), Shot("call-sheet-80x24", ("c",)))


def around() -> Surroundings:
    """A machine without a key store, whose clock stands still."""
    nothing = fail.Keyring()  # type: ignore[no-untyped-call]
    return Surroundings(FrozenClock(NOW), default_policy(), key_store=nothing)


def officers() -> tuple[DemoOfficer, ...]:
    """The officers of the demo branch."""
    return tuple(DemoOfficer(**row) for row in load_toml("demo/officers.toml")["officer"])


def sign_in(home: Path) -> Desk:
    """The desk of the demo's account manager."""
    usual = officers()[0]
    return open_desk(home, usual.login, usual.password, clock=FrozenClock(NOW), around=around())


def make_branch(home: Path) -> None:
    """A demo branch as ``deskcrm demo`` makes it, at the frozen time."""
    name = str(load_toml("demo/officers.toml")["branch"])
    create_branch(home, name, officers(), clock=FrozenClock(NOW), around=around())
    desk = sign_in(home)
    try:
        fill_demo(desk, CUSTOMERS, seed=SEED)
    finally:
        close_desk(desk)
    VaultPaths(home).demo.write_text("{}", encoding="utf-8")


async def settled(app: DeskApp, pilot: Pilot[Any]) -> None:
    """Wait until nothing runs in the background and everything is on the screen."""
    quiet = 0
    while quiet < 5:
        await pilot.pause(0.02)
        busy = any(not worker.is_finished for worker in app.workers)
        scanned = app.desk is None or app.status.last_scan is not None
        quiet = quiet + 1 if scanned and not busy else 0


async def take(
    home: Path, language: str, size: tuple[int, int], shots: Sequence[Shot]
) -> dict[str, str]:
    """The pictures of one run of the app, by name."""
    app = DeskApp(
        home,
        settings=Settings(language=language),
        gate=Gate(open_at_once=partial(sign_in, home)),
        clock=FrozenClock(NOW),
        idle_clock=lambda: 0.0,
    )
    found = {}
    async with app.run_test(size=size, notifications=True) as pilot:
        while app.desk is None:
            await pilot.pause(0.02)
        await settled(app, pilot)
        for shot in shots:
            for key in shot.keys:
                await pilot.press(key)
                await settled(app, pilot)
            while shot.drafted and not app.status.draft:
                await settled(app, pilot)
            app.clear_notifications()  # they go by the machine's clock
            await settled(app, pilot)
            found[shot.name] = screen_svg(app, f"deskcrm: {shot.name}")
    app.stop_reminders()
    if app.desk is not None:
        close_desk(app.desk)
    return found


def take_all(folder: Path) -> dict[str, str]:
    """Every picture, by its file name; ``folder`` is an empty one to work in."""
    os.chdir(folder)
    made = folder / "made"
    make_branch(made)
    LIST.write_text(ROWS, encoding="utf-8")
    found = {}
    for language in LANGUAGES:
        for size, shots in ((WIDE, WIDE_SHOTS), (NARROW, NARROW_SHOTS)):
            shutil.rmtree(BRANCH, ignore_errors=True)
            shutil.copytree(made, BRANCH)
            for name, svg in asyncio.run(take(BRANCH, language, size, shots)).items():
                found[f"{name}.{language}.svg"] = svg
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=PICTURES, help="the folder for the pictures")
    to = parser.parse_args().to.absolute()
    with tempfile.TemporaryDirectory() as folder:
        before = Path.cwd()
        try:
            found = take_all(Path(folder))
        finally:
            os.chdir(before)
    to.mkdir(parents=True, exist_ok=True)
    for old in to.glob("*.svg"):
        if old.name not in found:
            old.unlink()
    for name, svg in found.items():
        (to / name).write_text(svg, encoding="utf-8")
        (to / name).chmod(0o644)  # the vault made every new file private
    print(f"{len(found)} pictures in {to}")


if __name__ == "__main__":
    main()
