"""Signing in to a real vault, and what is refused."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlmodel import select

from deskcrm.clock import FrozenClock
from deskcrm.errors import UsageError
from deskcrm.models import Officer, Role, Tag
from deskcrm.services.desk import Desk
from deskcrm.services.session_start import (
    LedgerDiffersError,
    RolledBackError,
    SuspendedError,
    check_password,
    close_desk,
    create_branch,
    logins,
    open_desk,
)
from deskcrm.vault.errors import VaultExistsError, WrongPasswordError
from deskcrm.vault.policy import KdfCost, default_policy
from deskcrm.vault.surroundings import Surroundings

PASSWORD = "plum rain over the river 7"
CHEAP = KdfCost(memory_kib=64, passes=1, lanes=1)


@dataclass(frozen=True)
class NewOfficer:
    login: str
    name: str
    role: str
    password: str = PASSWORD


@pytest.fixture
def around(clock: FrozenClock) -> Surroundings:
    policy = replace(default_policy(), cost=CHEAP, least_cost=CHEAP)
    return Surroundings(clock, policy)


@pytest.fixture
def home(tmp_path: Path, clock: FrozenClock, around: Surroundings) -> Path:
    officers = [NewOfficer("lin", "林晓", "account_manager"), NewOfficer("zhao", "赵敏", "teller")]
    create_branch(tmp_path / "v", "城东支行", officers, clock=clock, around=around, desk_number=5)
    return tmp_path / "v"


def opened(home: Path, clock: FrozenClock, around: Surroundings, login: str = "lin") -> Desk:
    return open_desk(home, login, PASSWORD, clock=clock, around=around)


def add_tag(desk: Desk, name: str) -> None:
    with desk.write("tag.add") as work:
        work.add(Tag(name=name))


def test_an_officer_signs_in_to_the_new_branch(
    home: Path, clock: FrozenClock, around: Surroundings
) -> None:
    assert logins(home, around=around) == ("lin", "zhao")
    desk = opened(home, clock, around)
    assert (desk.officer.name, desk.officer.role) == ("林晓", Role.ACCOUNT_MANAGER)
    assert desk.officer.branch_name == "城东支行"
    assert desk.vault.ids.desk_number == 5
    add_tag(desk, "茶")
    close_desk(desk)
    again = opened(home, clock, around, "zhao")
    with again.read() as session:
        assert len(session.exec(select(Tag)).all()) == 1
    close_desk(again)


def test_the_lock_screen_s_password_is_checked(
    home: Path, clock: FrozenClock, around: Surroundings
) -> None:
    desk = opened(home, clock, around)
    check_password(desk, PASSWORD, around=around)
    with pytest.raises(WrongPasswordError):
        check_password(desk, "not the password", around=around)
    close_desk(desk)


def test_a_vault_is_never_made_over_another(
    home: Path, clock: FrozenClock, around: Surroundings
) -> None:
    with pytest.raises(VaultExistsError):
        create_branch(
            home, "另一支行", [NewOfficer("x", "X", "teller")], clock=clock, around=around
        )
    close_desk(opened(home, clock, around))


@pytest.mark.parametrize(
    ("branch", "officers"),
    [
        ("", [NewOfficer("a", "A", "teller")]),
        ("支行", []),
        ("支行", [NewOfficer("a", "A", "boss")]),
        ("支行", [NewOfficer(" ", "A", "teller")]),
    ],
)
def test_a_branch_that_is_not_described_is_not_made(
    tmp_path: Path,
    clock: FrozenClock,
    around: Surroundings,
    branch: str,
    officers: list[NewOfficer],
) -> None:
    with pytest.raises(UsageError):
        create_branch(tmp_path / "v", branch, officers, clock=clock, around=around)
    assert not (tmp_path / "v").exists()


def test_a_suspended_officer_stays_out(
    home: Path, clock: FrozenClock, around: Surroundings
) -> None:
    desk = opened(home, clock, around)
    with desk.write("officer.suspend") as work:
        officer = work.session.exec(select(Officer).where(Officer.login == "zhao")).one()
        officer.active = False
    close_desk(desk)
    with pytest.raises(SuspendedError):
        opened(home, clock, around, "zhao")


def test_an_older_database_put_back_is_noticed(
    home: Path, tmp_path: Path, clock: FrozenClock, around: Surroundings
) -> None:
    close_desk(opened(home, clock, around))
    shutil.copy(home / "vault.db", tmp_path / "older.db")
    desk = opened(home, clock, around)
    add_tag(desk, "茶")
    close_desk(desk)
    shutil.copy(tmp_path / "older.db", home / "vault.db")
    with pytest.raises(RolledBackError):
        opened(home, clock, around)


def test_another_history_of_the_same_length_is_noticed(
    home: Path, tmp_path: Path, clock: FrozenClock, around: Surroundings
) -> None:
    shutil.copytree(home, tmp_path / "fork")
    for folder, name in ((home, "茶"), (tmp_path / "fork", "酒")):
        desk = opened(folder, clock, around)
        add_tag(desk, name)
        close_desk(desk)
    shutil.copy(tmp_path / "fork" / "vault.db", home / "vault.db")
    with pytest.raises(LedgerDiffersError):
        opened(home, clock, around)


def test_a_head_file_lost_in_a_power_cut_keeps_nobody_out(
    home: Path, clock: FrozenClock, around: Surroundings
) -> None:
    (home / "ledger.head").write_text("")
    desk = opened(home, clock, around)
    add_tag(desk, "茶")
    close_desk(desk)
    assert (home / "ledger.head").read_text()
