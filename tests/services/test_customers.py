"""The list of customers, and what is set on one in a keystroke."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel, select

from deskcrm.errors import InvalidError, NotAllowedError, NotFoundError
from deskcrm.models import (
    Account,
    Case,
    CaseKind,
    Consent,
    Customer,
    CustomerKind,
    CustomerStatus,
    CustomerTag,
    DateCalendar,
    Document,
    ImportantDate,
    Relation,
)
from deskcrm.rules.money import Money
from deskcrm.services import customers
from deskcrm.services.cases import add_case
from deskcrm.services.customers import (
    CustomerFilter,
    Sort,
    add_important_date,
    count_customers,
    list_customers,
    pin_note,
    set_do_not_call,
    state_consent,
)
from deskcrm.services.desk import Desk
from deskcrm.services.documents import add_document
from deskcrm.services.relations import add_relation
from deskcrm.services.tags import add_tag, all_tags, remove_tag
from deskcrm.services.undo import undo
from tests.desks import TestBranch, add_customer


def listed(desk: Desk, **narrowed: Any) -> list[str]:
    return [row.name for row in list_customers(desk, narrowed=CustomerFilter(**narrowed)).rows]


def count(desk: Desk, model: type[SQLModel]) -> int:
    with desk.read() as session:
        return len(session.exec(select(model)).all())


def customer(desk: Desk, customer_id: int) -> Customer:
    with desk.read() as session:
        return session.get_one(Customer, customer_id)


def test_the_list_is_in_the_order_of_the_pinyin(desk: Desk) -> None:
    for name in ("周瑜", "曹操", "单雄信", "李白"):
        add_customer(desk, name)
    assert listed(desk) == ["曹操", "李白", "单雄信", "周瑜"]


def test_a_page_says_where_it_is_and_whether_more_follows(desk: Desk) -> None:
    for name in "赵钱孙李周":
        add_customer(desk, name)
    first = list_customers(desk, limit=3)
    second = list_customers(desk, offset=3, limit=3)
    assert (len(first.rows), first.more) == (3, True)
    assert (len(second.rows), second.more, second.offset) == (2, False, 3)
    assert len({row.id for row in (*first.rows, *second.rows)}) == count_customers(desk) == 5


def test_the_list_narrows_by_kind_tier_status_and_text(desk: Desk) -> None:
    add_customer(desk, "王一", tier="gold", phone="13800138000")
    add_customer(desk, "王氏公司", kind=CustomerKind.CORPORATE)
    add_customer(desk, "王三", status=CustomerStatus.CLOSED)
    assert listed(desk, kind=CustomerKind.CORPORATE) == ["王氏公司"]
    assert listed(desk, tier="gold") == ["王一"]
    assert listed(desk, status=CustomerStatus.CLOSED) == ["王三"]
    assert listed(desk, text="王") == ["王氏公司", "王一"]
    assert listed(desk, text="王 138") == ["王一"]
    assert listed(desk, text="氏王公") == listed(desk, text="***") == []
    assert count_customers(desk, CustomerFilter(text="公司")) == 1


def test_the_list_sorts_by_last_contact_and_by_newest(desk: Desk) -> None:
    add_customer(desk, "甲", last_contact_on=date(2026, 10, 1))
    add_customer(desk, "乙", last_contact_on=date(2026, 9, 1))
    by_contact = list_customers(desk, sort=Sort.LAST_CONTACT).rows
    assert [row.name for row in by_contact] == ["乙", "甲"]
    assert [row.name for row in list_customers(desk, sort=Sort.NEWEST).rows] == ["乙", "甲"]


def test_a_line_has_the_masked_phone_the_balance_and_no_clear_number(desk: Desk) -> None:
    customer_id = add_customer(desk, phone="13800138000")
    with desk.write("account.open") as work:
        for number, minor, currency in (("1", 100, "CNY"), ("2", 250, "CNY"), ("3", 9, "USD")):
            work.add(
                Account(
                    customer_id=customer_id, number=number, balance_minor=minor, currency=currency
                )
            )
    row = list_customers(desk).rows[0]
    assert row.balance == Money(350)
    assert row.phone is not None
    assert row.phone.text == "138****8000"


def test_the_list_keeps_to_the_officers_scope(branch: TestBranch) -> None:
    add_customer(branch.desk("manager"), "甲")
    add_customer(branch.desk("other"), "乙")
    assert listed(branch.desk("other")) == ["乙"]
    assert len(listed(branch.desk("supervisor"))) == 2
    with pytest.raises(NotAllowedError):
        list_customers(branch.desk("auditor"))


@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("login", ["manager", "supervisor"])
def test_no_page_of_the_list_reads_the_whole_table(
    branch: TestBranch, sort: Sort, login: str
) -> None:
    where, values = customers._where(branch.desk(login), CustomerFilter(text="王 138"))
    order = customers._ORDERS[sort]
    page = f"SELECT c.id FROM customer c WHERE {where} ORDER BY {order} LIMIT 50"
    statement = customers._PAGE.format(ids=page, order=order)
    with branch.desk(login).read() as session:
        plan = session.connection().execute(
            text(f"EXPLAIN QUERY PLAN {statement}"), values | {"home": "CNY"}
        )
        steps = [row[-1] for row in plan]
    assert not [s for s in steps if s in {"SCAN c", "SCAN a", "SCAN f"}], steps


def test_each_small_write_is_one_change_set_and_can_be_undone(desk: Desk) -> None:
    customer_id = add_customer(desk)
    other_id = add_customer(desk, "李四")
    writes = {
        Document: lambda: add_document(desk, customer_id, "passport", number="E12345678"),
        Case: lambda: add_case(desk, customer_id, CaseKind.COMPLAINT, "Waited too long"),
        Relation: lambda: add_relation(desk, customer_id, "spouse", other_customer_id=other_id),
        ImportantDate: lambda: add_important_date(desk, customer_id, "wedding", 5, 20),
        Consent: lambda: state_consent(desk, customer_id, "marketing", False),
        CustomerTag: lambda: add_tag(desk, customer_id, "爱好摄影"),
    }
    for model, write in writes.items():
        assert write().entries >= 1
        assert count(desk, model) == 1, model
        undo(desk)
        assert count(desk, model) == 0, model


def test_a_note_is_pinned_replaced_and_brought_back_by_undo(desk: Desk) -> None:
    customer_id = add_customer(desk)
    pin_note(desk, customer_id, " 只在下午\x1b[31m联系 ")
    assert customer(desk, customer_id).pinned_note == "只在下午[31m联系"
    pin_note(desk, customer_id, "")
    assert customer(desk, customer_id).pinned_note == ""
    undo(desk)
    assert customer(desk, customer_id).pinned_note == "只在下午[31m联系"
    with pytest.raises(InvalidError):
        pin_note(desk, customer_id, "长" * 501)


def test_do_not_call_is_switched_and_undone(desk: Desk) -> None:
    customer_id = add_customer(desk)
    set_do_not_call(desk, customer_id, True)
    assert customer(desk, customer_id).do_not_call
    undo(desk)
    assert not customer(desk, customer_id).do_not_call


def test_a_tag_is_put_once_and_taken_off(desk: Desk) -> None:
    customer_id = add_customer(desk)
    add_tag(desk, customer_id, "摄影")
    assert add_tag(desk, customer_id, " 摄影 ").entries == 0
    assert all_tags(desk) == ("摄影",)
    remove_tag(desk, customer_id, "摄影")
    remove_tag(desk, customer_id, "没有")
    assert count(desk, CustomerTag) == 0
    for name in ("", "\u200b", "长" * 13):
        with pytest.raises(InvalidError):
            add_tag(desk, customer_id, name)


def test_a_complaint_gets_its_last_day_and_praise_none(desk: Desk) -> None:
    customer_id = add_customer(desk)
    add_case(desk, customer_id, CaseKind.COMPLAINT, "Fee")
    add_case(desk, customer_id, CaseKind.PRAISE, "Friendly")
    with desk.read() as session:
        due = {case.kind: case.due_on for case in session.exec(select(Case))}
    assert due == {CaseKind.COMPLAINT: date(2026, 12, 8), CaseKind.PRAISE: None}


def test_a_lunar_birthday_is_kept_under_its_key_and_only_once(desk: Desk) -> None:
    customer_id = add_customer(desk)
    for _ in range(2):
        add_important_date(desk, customer_id, "birthday", 8, 15, calendar=DateCalendar.LUNAR)
    with desk.read() as session:
        assert [row.key for row in session.exec(select(ImportantDate))] == ["L08-15"]


def test_wrong_entries_are_refused_with_the_field_they_are_in(desk: Desk) -> None:
    customer_id = add_customer(desk)
    wrong: dict[str, Any] = {
        "kind": lambda: add_document(desk, customer_id, "hologram"),
        "issued_on": lambda: add_document(
            desk, customer_id, "passport", issued_on=date(2027, 1, 1)
        ),
        "expires_on": lambda: add_document(
            desk,
            customer_id,
            "passport",
            issued_on=date(2026, 1, 1),
            expires_on=date(2025, 1, 1),
        ),
        "subject": lambda: add_case(desk, customer_id, CaseKind.ENQUIRY, " "),
        "other_name": lambda: add_relation(desk, customer_id, "spouse"),
        "share_percent": lambda: add_relation(
            desk, customer_id, "shareholder", other_name="x", share_percent=101
        ),
        "phone": lambda: add_relation(desk, customer_id, "spouse", other_name="x", phone="12"),
        "day": lambda: add_important_date(desk, customer_id, "wedding", 2, 30),
        "purpose": lambda: state_consent(desk, customer_id, "anything", True),
    }
    for field, write in wrong.items():
        with pytest.raises(InvalidError) as refused:
            write()
        assert set(refused.value.fields) == {field}


def test_nothing_is_written_about_customers_of_others(branch: TestBranch) -> None:
    customer_id = add_customer(branch.desk("manager"))
    other = branch.desk("other")
    with pytest.raises(NotFoundError):
        pin_note(other, customer_id, "x")
    with pytest.raises(NotFoundError):
        add_relation(other, add_customer(other), "spouse", other_customer_id=customer_id)
    with pytest.raises(NotAllowedError):
        add_tag(branch.desk("auditor"), customer_id, "x")
