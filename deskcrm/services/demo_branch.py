"""A demo branch to try: its own vault, marked as such, with passwords that are no secret."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from deskcrm.clock import Clock, SystemClock
from deskcrm.errors import DeskError
from deskcrm.i18n import N_, translate
from deskcrm.resources import load_toml
from deskcrm.services.demo import fill_demo
from deskcrm.services.desk import Desk
from deskcrm.services.session_start import close_desk, create_branch, open_desk
from deskcrm.vault.paths import VaultPaths


class NotADemoHereError(DeskError):
    """The folder holds a real vault, or a demo of another size."""

    code = "not-this-demo"
    message = N_(
        "{home} already holds a vault that is not this demo. It was not touched. Give another "
        "folder with --home, or remove that one."
    )


@dataclass(frozen=True, slots=True)
class DemoOfficer:
    """An officer of the demo branch; everybody may know the password."""

    login: str
    name: str
    role: str
    password: str


@dataclass(frozen=True, slots=True)
class DemoBranch:
    """A demo vault and who may sign in. ``usual`` is the officer the app opens for."""

    home: Path
    customers: int
    seed: int
    usual: str
    officers: tuple[DemoOfficer, ...]


def prepare_demo(
    home: Path,
    *,
    customers: int,
    seed: int,
    today: date | None = None,
    tell: Callable[[str], object] = lambda _sentence: None,
) -> DemoBranch:
    """Make the demo branch in ``home``, or give the one that is there as it was left.

    The folder appears whole or not at all. ``tell`` gets sentences about the progress. Raises
    ``NotADemoHereError`` when something else lies there.
    """
    if VaultPaths(home).exists() or VaultPaths(home).demo.exists():
        found = _read(home)
        if found is None or (found.customers, found.seed) != (customers, seed):
            raise NotADemoHereError(home=home)
        return found
    clock: Clock = SystemClock() if today is None else SystemClock().on_day(today)
    officers = tuple(DemoOfficer(**row) for row in load_toml("demo/officers.toml")["officer"])
    branch_name = str(load_toml("demo/officers.toml")["branch"])
    partial = home.with_name(f".{home.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        tell(translate("Making an encrypted demo branch with {n} customers …", n=customers))
        create_branch(partial, branch_name, officers, clock=clock)
        made = DemoBranch(home, customers, seed, officers[0].login, officers)
        _write(partial, made)
        desk = open_desk(partial, made.usual, officers[0].password, clock=clock)
        try:
            fill_demo(desk, customers=customers, seed=seed)
        finally:
            close_desk(desk)
        partial.rename(home)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return made


def open_demo(home: Path, *, clock: Clock | None = None) -> Desk:
    """The desk of the demo's usual officer, without a question."""
    found = _read(home)
    if found is None:
        raise NotADemoHereError(home=home)
    password = next(row.password for row in found.officers if row.login == found.usual)
    return open_desk(home, found.usual, password, clock=clock)


def _read(home: Path) -> DemoBranch | None:
    try:
        content = json.loads(VaultPaths(home).demo.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    rows = tuple(DemoOfficer(**row) for row in content["officers"])
    return DemoBranch(home, content["customers"], content["seed"], content["usual"], rows)


def _write(home: Path, made: DemoBranch) -> None:
    content = {
        "customers": made.customers,
        "seed": made.seed,
        "usual": made.usual,
        "officers": [asdict(row) for row in made.officers],
    }
    text = json.dumps(content, ensure_ascii=False, indent=1)
    VaultPaths(home).demo.write_text(text, encoding="utf-8")
