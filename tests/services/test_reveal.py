"""Masked values in clear: for a reason, and on the record before they are seen."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import col, select

from deskcrm.errors import InvalidError, NotAllowedError, NotFoundError
from deskcrm.models import Account, ContactChannel, LedgerEntry
from deskcrm.services.desk import Desk
from deskcrm.services.reveal import reveal
from tests.desks import TestBranch, add_customer

IDENTITY = "11010519491231002X"


def reads(desk: Desk) -> list[LedgerEntry]:
    with desk.read() as session:
        found = session.exec(select(LedgerEntry).where(col(LedgerEntry.operation) == "read"))
        return list(found)


def test_a_revealed_value_is_on_the_ledger_with_officer_field_and_reason(desk: Desk) -> None:
    customer_id = add_customer(desk, id_number=IDENTITY, born_on=date(1949, 12, 31))
    assert reveal(desk, customer_id, "id_number", " to fill in the form ") == IDENTITY
    assert reveal(desk, customer_id, "born_on", "birthday") == "1949-12-31"
    first = reads(desk)[0]
    assert (first.action, first.subject_table, first.subject_id) == (
        "customer.reveal",
        "customer",
        customer_id,
    )
    assert first.officer_id == desk.officer.id
    assert first.reason == "to fill in the form"
    assert "id_number" in first.changes
    assert IDENTITY not in first.changes


def test_a_channel_and_an_account_are_revealed_by_their_row(desk: Desk) -> None:
    customer_id = add_customer(desk, phone="13800138000")
    with desk.write("account.open") as work:
        account = work.add(Account(customer_id=customer_id, number="6222020200112233445"))
    with desk.read() as session:
        channel = session.exec(select(ContactChannel)).one()
    assert reveal(desk, customer_id, "channel", "to call", row_id=channel.id) == "13800138000"
    shown = reveal(desk, customer_id, "account", "to check", row_id=account.id)
    assert shown == "6222020200112233445"


@pytest.mark.parametrize("reason", ["", "  ", "\u200b"])
def test_without_a_reason_nothing_is_shown_and_nothing_is_written(desk: Desk, reason: str) -> None:
    customer_id = add_customer(desk, id_number=IDENTITY)
    with pytest.raises(InvalidError):
        reveal(desk, customer_id, "id_number", reason)
    assert reads(desk) == []


def test_rows_of_another_customer_and_other_fields_are_not_revealed(desk: Desk) -> None:
    mine = add_customer(desk, phone="13800138000")
    theirs = add_customer(desk, "李四", phone="13900139000")
    with desk.read() as session:
        channel = session.exec(
            select(ContactChannel).where(col(ContactChannel.customer_id) == theirs)
        ).one()
    for field, row_id in (("channel", channel.id), ("channel", None), ("name", None)):
        with pytest.raises(NotFoundError):
            reveal(desk, mine, field, "why not", row_id=row_id)
    with pytest.raises(NotFoundError):
        reveal(desk, mine, "id_number", "there is none")
    assert reads(desk) == []


def test_only_the_officer_in_charge_with_the_permission_may_reveal(branch: TestBranch) -> None:
    customer_id = add_customer(branch.desk("manager"), id_number=IDENTITY)
    with pytest.raises(NotFoundError):
        reveal(branch.desk("other"), customer_id, "id_number", "curious")
    with pytest.raises(NotAllowedError):
        reveal(branch.desk("auditor"), customer_id, "id_number", "curious")
