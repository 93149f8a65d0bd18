"""The demo branch: the same seed and day give the same plausible, well-formed branch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deskcrm.clock import FrozenClock
from deskcrm.errors import NotAllowedError
from deskcrm.rules.identity import is_credit_code, is_luhn, parse_identity_number
from deskcrm.rules.phones import parse_phone
from deskcrm.services.demo import DemoNeedsEmptyVaultError, DemoReport, fill_demo
from deskcrm.services.demo.money import account_number
from deskcrm.services.desk import Desk
from tests.desks import TestBranch, add_customer, make_branch

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SEED = 7
CUSTOMERS = 2_000

Filled = tuple[TestBranch, DemoReport]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    branch = make_branch(tmp_path_factory.mktemp("demo") / "home", FrozenClock(NOW))
    yield branch, fill_demo(branch.desk("supervisor"), CUSTOMERS, seed=SEED)
    branch.vault.engine.dispose()


def rows_of(desk: Desk, sql: str) -> list[tuple[Any, ...]]:
    with desk.read() as session:
        return [tuple(row) for row in session.connection().exec_driver_sql(sql)]


def value_of(desk: Desk, sql: str) -> Any:
    return rows_of(desk, sql)[0][0]


@pytest.fixture(scope="module")
def supervisor(filled: Filled) -> Desk:
    return filled[0].desk("supervisor")


def digest(home: Path, *, seed: int, now: datetime = NOW) -> str:
    branch = make_branch(home, FrozenClock(now))
    desk = branch.desk("supervisor")
    fill_demo(desk, 40, seed=seed)
    tables = ("customer", "contact_channel", "account", "account_transaction", "interaction",
              "followup", "service_case", "document", "relation", "consent")  # fmt: skip
    content = repr([rows_of(desk, f"SELECT * FROM {table} ORDER BY id") for table in tables])
    branch.vault.engine.dispose()
    return hashlib.sha256(content.encode()).hexdigest()


def test_the_same_seed_and_day_give_the_same_rows(tmp_path: Path) -> None:
    assert digest(tmp_path / "a", seed=3) == digest(tmp_path / "b", seed=3)


def test_another_seed_or_day_gives_another_branch(tmp_path: Path) -> None:
    first = digest(tmp_path / "a", seed=3)
    assert digest(tmp_path / "b", seed=4) != first
    assert digest(tmp_path / "c", seed=3, now=NOW + timedelta(days=1)) != first


def test_kinds_come_in_the_usual_proportions(supervisor: Desk) -> None:
    kinds = dict(rows_of(supervisor, "SELECT kind, count(*) FROM customer GROUP BY kind"))
    assert kinds["individual"] == pytest.approx(0.86 * CUSTOMERS, rel=0.05)
    assert kinds["corporate"] == pytest.approx(0.08 * CUSTOMERS, rel=0.25)
    assert kinds["prospect"] == pytest.approx(0.06 * CUSTOMERS, rel=0.3)


def test_identity_numbers_say_the_gender_and_birth_date_of_the_customer(supervisor: Desk) -> None:
    found = rows_of(
        supervisor,
        "SELECT id_number, born_on, gender FROM customer WHERE id_type = 'resident_id'",
    )
    assert len(found) > CUSTOMERS / 2
    for number, born_on, gender in found:
        read = parse_identity_number(number, supervisor.today())
        assert (str(read.born_on), read.gender, read.warnings) == (born_on, gender, ())


def test_credit_codes_cards_and_phones_are_well_formed(supervisor: Desk) -> None:
    codes = rows_of(supervisor, "SELECT credit_code FROM customer WHERE kind = 'corporate'")
    assert codes
    assert all(is_credit_code(code) for (code,) in codes)
    numbers = rows_of(supervisor, "SELECT number FROM account")
    assert all(len(n) == 19 and n.startswith("999999") and is_luhn(n) for (n,) in numbers)
    phones = rows_of(
        supervisor,
        "SELECT value, normalized FROM contact_channel WHERE kind IN ('mobile', 'landline')",
    )
    for value, normalized in phones:
        assert parse_phone(value).text == normalized
        assert not parse_phone(value).warnings


def test_account_numbers_never_come_twice() -> None:
    assert len({account_number(serial) for serial in range(1, 20_001)}) == 20_000


def test_bookings_add_up_to_the_balance_of_their_account(supervisor: Desk) -> None:
    bookings = rows_of(
        supervisor,
        "SELECT account_id, CASE direction WHEN 'credit' THEN 1 ELSE -1 END * amount_minor,"
        " balance_after_minor FROM account_transaction ORDER BY account_id, booked_on,"
        " booked_time, id",
    )
    running: dict[int, int] = {}
    for account, signed, after in bookings:
        assert running.get(account, after - signed) + signed == after
        running[account] = after
    balances = dict(rows_of(supervisor, "SELECT id, balance_minor FROM account"))
    assert all(balances[account] == last for account, last in running.items())


def test_nobody_overdraws_an_account_of_their_own_money(supervisor: Desk) -> None:
    lowest = value_of(
        supervisor,
        "SELECT min(t.balance_after_minor) FROM account_transaction t"
        " JOIN account a ON a.id = t.account_id WHERE a.type NOT IN ('loan', 'credit_card')",
    )
    assert lowest >= 0


def test_a_customer_has_twenty_transactions_on_average(filled: Filled) -> None:
    _, report = filled
    assert report.transactions / report.customers == pytest.approx(20, abs=1.5)


def test_nothing_but_promises_and_terms_lies_in_the_future(supervisor: Desk) -> None:
    today = supervisor.today()
    for sql in (
        "SELECT max(booked_on) FROM account_transaction",
        "SELECT max(contact_on) FROM interaction",
        "SELECT max(opened_on) FROM account",
        "SELECT max(opened_on) FROM service_case",
        "SELECT max(closed_on) FROM service_case",
    ):
        assert value_of(supervisor, sql) < str(today), sql
    early = "SELECT count(*) FROM account WHERE matures_on < opened_on"
    assert value_of(supervisor, early) == 0


def test_the_last_real_contact_is_what_the_cadence_counts_from(supervisor: Desk) -> None:
    unlike = value_of(
        supervisor,
        "SELECT count(*) FROM customer c WHERE c.last_contact_on IS NOT (SELECT max(i.contact_on)"
        " FROM interaction i WHERE i.customer_id = c.id AND i.reached)"
        " OR c.cadence_anchor_on <> c.last_contact_on",
    )
    assert unlike == 0


def test_names_that_programs_stumble_over_are_there(supervisor: Desk) -> None:
    names = {name for (name,) in rows_of(supervisor, "SELECT name FROM customer")}
    for sought in ("·", "尉迟", "单", "Whitmore"):
        assert any(sought in name for name in names), sought
    companies = rows_of(supervisor, "SELECT name FROM customer WHERE kind = 'corporate'")
    assert max(len(name) for (name,) in companies) >= 30


def test_the_account_managers_have_a_full_day(supervisor: Desk) -> None:
    due = dict(
        rows_of(
            supervisor,
            "SELECT rule_code, count(*) FROM followup f JOIN officer o ON o.id = f.owner_id"
            " WHERE o.role = 'account_manager' AND f.state = 'open' AND f.due_on <= '2026-11-23'"
            " GROUP BY rule_code",
        )
    )
    assert 25 <= sum(due.values()) <= 45
    assert due.keys() == {"callback", "next_step", "quarterly_update", "manual"}


def test_promises_of_the_past_were_kept(supervisor: Desk) -> None:
    kept = value_of(supervisor, "SELECT count(*) FROM followup WHERE state = 'done'")
    overdue = value_of(
        supervisor,
        "SELECT count(*) FROM followup WHERE state = 'open' AND rule_code = 'callback'"
        " AND due_on < '2026-11-23'",
    )
    assert kept > 300
    assert 0 < overdue < 20


def test_nothing_is_promised_for_a_time_before_it_was_promised(supervisor: Desk) -> None:
    early = "SELECT count(*) FROM interaction WHERE next_on < contact_on OR next_at < at"
    assert value_of(supervisor, early) == 0


def test_every_customer_is_in_the_search_index(filled: Filled, supervisor: Desk) -> None:
    assert value_of(supervisor, "SELECT count(*) FROM search_document") == filled[1].customers


def test_a_vault_with_customers_is_left_alone(desk: Desk) -> None:
    add_customer(desk, "王小明")
    with pytest.raises(DemoNeedsEmptyVaultError):
        fill_demo(desk, 10)
    assert value_of(desk, "SELECT count(*) FROM customer") == 1


def test_who_may_not_import_may_not_fill_a_vault(branch: TestBranch) -> None:
    with pytest.raises(NotAllowedError):
        fill_demo(branch.desk("teller"), 10)
