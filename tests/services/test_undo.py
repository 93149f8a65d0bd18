"""Undo reverses a whole change set and keeps later edits."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from deskcrm.models import Customer, ImportantDate, Tag
from deskcrm.services.desk import Desk
from deskcrm.services.undo import CannotUndoError, NothingToUndoError, undo
from tests.desks import TestBranch, add_customer


def edit(desk: Desk, customer_id: int, **values: object) -> int:
    with desk.write("customer.edit") as work:
        customer = work.session.get(Customer, customer_id)
        for name, value in values.items():
            setattr(customer, name, value)
    return work.id


def read(desk: Desk, customer_id: int) -> Customer | None:
    with desk.read() as session:
        return session.get(Customer, customer_id)


def test_an_edit_goes_back_to_what_was_there(desk: Desk) -> None:
    customer_id = add_customer(desk, occupation="教师", id_expires_on=date(2030, 1, 1))
    edit(desk, customer_id, occupation="医生", id_expires_on=None)
    undone = undo(desk)
    customer = read(desk, customer_id)
    assert customer is not None
    assert (customer.occupation, customer.id_expires_on) == ("教师", date(2030, 1, 1))
    assert (undone.action, undone.restored, undone.kept) == ("customer.edit", 1, 0)


def test_a_later_edit_is_kept(desk: Desk) -> None:
    customer_id = add_customer(desk, occupation="教师")
    first = edit(desk, customer_id, occupation="医生", employer="市一院")
    edit(desk, customer_id, occupation="护士")
    undone = undo(desk, first)
    customer = read(desk, customer_id)
    assert customer is not None
    assert (customer.occupation, customer.employer) == ("护士", "")
    assert undone.kept == 1


def test_undo_takes_one_change_set_after_the_other_and_then_stops(desk: Desk) -> None:
    customer_id = add_customer(desk, occupation="a")
    edit(desk, customer_id, occupation="b")
    edit(desk, customer_id, occupation="c")
    undo(desk)
    assert read(desk, customer_id).occupation == "b"  # type: ignore[union-attr]
    undo(desk)
    assert read(desk, customer_id).occupation == "a"  # type: ignore[union-attr]
    undo(desk)
    assert read(desk, customer_id) is None
    with pytest.raises(NothingToUndoError):
        undo(desk)


def test_a_deleted_row_comes_back_whole(desk: Desk) -> None:
    customer_id = add_customer(desk)
    with desk.write("date.add") as work:
        row = work.add(
            ImportantDate(customer_id=customer_id, calendar="lunar", month=8, day=15, key="L08-15")
        )
    with desk.write("date.remove") as work:
        work.session.delete(work.session.get(ImportantDate, row.id))
    undo(desk)
    with desk.read() as session:
        back = session.get(ImportantDate, row.id)
    assert back == row


def test_a_row_in_use_by_later_work_is_not_taken_away(desk: Desk) -> None:
    with desk.write("tag.add") as work:
        tag = work.add(Tag(name="茶"))
    with desk.write("tag.rename") as later:
        later.session.get(Tag, tag.id).name = "喝茶"  # type: ignore[union-attr]
    assert undo(desk, work.id).kept == 1
    with desk.read() as session:
        assert session.get(Tag, tag.id) is not None


def test_a_row_that_others_point_to_cannot_be_taken_away(desk: Desk) -> None:
    customer_id = add_customer(desk)
    with desk.read() as session:
        created = session.scalar(
            text("SELECT change_set_id FROM ledger WHERE subject_id = :id"), {"id": customer_id}
        )
    with desk.write("date.add") as work:
        work.add(ImportantDate(customer_id=customer_id, month=1, day=1, key="S01-01"))
    with pytest.raises(CannotUndoError):
        undo(desk, created)
    assert read(desk, customer_id) is not None


def test_nobody_undoes_the_work_of_another(branch: TestBranch) -> None:
    add_customer(branch.desk("manager"))
    with pytest.raises(NothingToUndoError):
        undo(branch.desk("other"))
