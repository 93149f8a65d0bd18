"""The Berka bank comes in whole, and the 360 of its clients shows what the files say."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from deskcrm.clock import FrozenClock
from deskcrm.exchange.importer import ImportReport, import_file
from deskcrm.models import Direction
from deskcrm.rules.money import Money
from deskcrm.services.customer_360 import customer_360
from deskcrm.services.customer_accounts import accounts, transactions
from deskcrm.services.desk import Desk
from tests.conftest import NOW, shared_data
from tests.desks import make_branch

TRANSACTIONS = "trans_930101_940331_prefix.asc"
FILES = {"customers": "client.asc", "accounts": "account.asc", "transactions": TRANSACTIONS}
Bank = tuple[Desk, dict[str, ImportReport]]


def raw(name: str) -> Iterator[dict[str, str]]:
    with shared_data("berka", name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=";")


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    shared_data("berka", "disp.asc")
    branch = make_branch(tmp_path_factory.mktemp("berka") / "home", FrozenClock(NOW))
    desk = branch.desk("manager")
    reports = {
        kind: import_file(desk, kind, shared_data("berka", name), profile=f"berka-{kind}")
        for kind, name in FILES.items()
    }
    yield desk, reports
    branch.vault.engine.dispose()


def customer_id(desk: Desk, number: str) -> int:
    with desk.read() as session:
        found = text("SELECT id FROM customer WHERE number = :number")
        return int(session.connection().execute(found, {"number": number}).scalar_one())


def bookings_by_account() -> dict[str, list[dict[str, str]]]:
    found = defaultdict(list)
    for row in raw(TRANSACTIONS):
        found[row["account_id"]].append(row)
    return found


def test_every_row_comes_in(bank: Bank) -> None:
    _desk, reports = bank
    found = {kind: (one.read, one.created, one.rejected) for kind, one in reports.items()}
    assert found == {
        "customers": (5369, 5369, 0),
        "accounts": (4500, 4500, 0),
        "transactions": (49_102, 49_102, 0),
    }


def test_the_same_transactions_again_create_nothing(bank: Bank) -> None:
    desk, reports = bank
    path = shared_data("berka", TRANSACTIONS)
    again = import_file(desk, "transactions", path, profile="berka-transactions")
    assert (again.created, again.unchanged, again.rejected) == (0, 49_102, 0)
    assert again.same_file == reports["transactions"].batch


def test_every_account_has_the_balance_that_its_last_booking_left(bank: Bank) -> None:
    desk, _reports = bank
    wanted = {
        number: int(Decimal(rows[-1]["balance"]) * 100)
        for number, rows in bookings_by_account().items()
    }
    with desk.read() as session:
        statement = text("SELECT number, balance_minor FROM account WHERE data_as_of IS NOT NULL")
        found = {row[0]: row[1] for row in session.connection().execute(statement)}
    assert found == wanted


@pytest.mark.parametrize("number", ["1", "2", "692"])
def test_the_360_of_an_owner_shows_the_figures_of_the_files(bank: Bank, number: str) -> None:
    desk, _reports = bank
    own = [
        row["account_id"]
        for row in raw("disp.asc")
        if (row["client_id"], row["type"]) == (number, "OWNER")
    ]
    assert len(own) == 1
    booked = bookings_by_account()
    balances = [int(Decimal(booked[one][-1]["balance"]) * 100) for one in own if booked[one]]
    identifier = customer_id(desk, number)
    view = customer_360(desk, identifier)
    assert (view.header.name, view.header.number) == (f"Client {number}", number)
    assert [one.assets for one in view.overview.balances] == [Money(sum(balances), "CZK")]
    wanted = sorted(
        (
            f"19{row['date'][:2]}-{row['date'][2:4]}-{row['date'][4:]}",
            row["type"] == "PRIJEM",
            int(Decimal(row["amount"]) * 100),
            int(Decimal(row["balance"]) * 100),
        )
        for one in own
        for row in booked[one]
    )
    shown = transactions(desk, identifier, limit=1_000)
    found = sorted(
        (
            str(row.booked_on),
            row.direction is Direction.CREDIT,
            row.amount.minor,
            row.balance_after.minor if row.balance_after else 0,
        )
        for row in shown.rows
    )
    assert found == wanted


def test_somebody_who_may_only_use_an_account_sees_it_as_that(bank: Bank) -> None:
    desk, _reports = bank
    authorised = {row["client_id"]: row for row in raw("disp.asc") if row["type"] == "DISPONENT"}
    assert authorised["3"]["account_id"] == "2"
    identifier = customer_id(desk, "3")
    view = customer_360(desk, identifier)
    assert view.overview.balances == ()
    (account,) = accounts(desk, identifier)
    balance = Decimal(bookings_by_account()["2"][-1]["balance"])
    assert (account.role, account.owner_name) == ("authorised", "Client 2")
    assert account.balance == Money(int(balance * 100), "CZK")


def test_the_file_stays_where_it_is_and_gets_no_neighbour(bank: Bank) -> None:
    folder: Path = shared_data("berka")
    assert not list(folder.glob("*rejects*")) + list(folder.glob(".*.part"))
