"""Drafts of forms: kept for their officer, outside the ledger."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from deskcrm.clock import FrozenClock
from deskcrm.services.desk import Desk
from deskcrm.services.drafts import drop_draft, list_drafts, load_draft, save_draft
from deskcrm.vault.ids import IdMaker
from deskcrm.vault.session import OpenVault
from tests.desks import TestBranch


def test_a_draft_comes_back_as_it_was_last_saved(branch: TestBranch) -> None:
    desk = branch.desk("manager")
    save_draft(desk, "customer", 0, {"name": "王"})
    save_draft(desk, "customer", 0, {"name": "王小明", "mobile": "138"})
    found = load_draft(desk, "customer")
    assert found is not None
    assert found.values == {"name": "王小明", "mobile": "138"}
    assert found.saved_at == desk.now()
    assert len(list_drafts(desk)) == 1


def test_drafts_belong_to_an_officer_a_form_and_a_subject(branch: TestBranch) -> None:
    mine, other = branch.desk("manager"), branch.desk("other")
    save_draft(mine, "customer", 7, {"name": "a"})
    assert load_draft(other, "customer", 7) is None
    assert load_draft(mine, "customer", 8) is None
    assert load_draft(mine, "call_sheet", 7) is None
    assert list_drafts(other) == ()


def test_the_latest_draft_is_listed_first(branch: TestBranch, clock: FrozenClock) -> None:
    desk = branch.desk("manager")
    save_draft(desk, "customer", 1, {})
    clock.advance(timedelta(minutes=1))
    save_draft(desk, "call_sheet", 2, {})
    assert [draft.form for draft in list_drafts(desk)] == ["call_sheet", "customer"]


def test_a_dropped_draft_is_gone_and_dropping_it_again_is_no_error(branch: TestBranch) -> None:
    desk = branch.desk("manager")
    save_draft(desk, "customer", 1, {"name": "x"})
    drop_draft(desk, "customer", 1)
    drop_draft(desk, "customer", 1)
    assert load_draft(desk, "customer", 1) is None


def test_drafts_leave_no_trace_in_the_ledger(branch: TestBranch) -> None:
    desk = branch.desk("manager")
    count = text("SELECT count(*) FROM ledger")
    with desk.read() as session:
        before = session.connection().execute(count).scalar_one()
    save_draft(desk, "customer", 1, {"name": "x"})
    drop_draft(desk, "customer", 1)
    with desk.read() as session:
        assert session.connection().execute(count).scalar_one() == before


def test_two_programs_at_one_desk_keep_drafts_in_the_same_millisecond(branch: TestBranch) -> None:
    desk, vault = branch.desk("manager"), branch.vault
    program = OpenVault(vault.home, vault.engine, vault.keys, vault.head_file, IdMaker(1))
    again = Desk(desk.officer, program, branch.clock)
    save_draft(again, "customer", 0, {})
    for customer_id in range(4):
        save_draft(desk, "call_sheet", customer_id, {})
        save_draft(again, "customer", customer_id + 1, {})
    assert len(list_drafts(desk)) == 9
