"""The audit trail can be verified by all and read by those who may."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from deskcrm.errors import NotAllowedError
from deskcrm.services.audit import recent_entries, verify_ledger
from tests.desks import TestBranch, add_customer


def test_the_ledger_of_a_working_branch_verifies(branch: TestBranch) -> None:
    add_customer(branch.desk("manager"))
    found = verify_ledger(branch.desk("teller"))
    assert found.ok
    assert found.entries > 10


def test_a_changed_entry_is_named(branch: TestBranch) -> None:
    add_customer(branch.desk("manager"))
    with branch.vault.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER ledger_keeps_its_entries")
        connection.execute(text("UPDATE ledger SET officer_id = 1 WHERE seq = 7"))
    found = verify_ledger(branch.desk("manager"))
    assert (found.ok, found.first_bad) == (False, 7)


def test_the_auditor_reads_the_trail_without_values_and_the_teller_does_not(
    branch: TestBranch,
) -> None:
    customer_id = add_customer(branch.desk("manager"), "李雷")
    newest = recent_entries(branch.desk("auditor"), customer_id=customer_id)[0]
    assert (newest.officer, newest.operation, newest.subject_id) == (
        "manager",
        "insert",
        customer_id,
    )
    assert "name" in newest.fields
    assert "李雷" not in repr(newest)
    with pytest.raises(NotAllowedError):
        recent_entries(branch.desk("teller"))
