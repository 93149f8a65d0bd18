"""The duplicate warning: exact, by index, and without giving other officers' customers away."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from deskcrm.errors import NotAllowedError
from deskcrm.models import Customer, CustomerKind, CustomerStatus
from deskcrm.services import duplicates
from deskcrm.services.authority import visible_sql
from deskcrm.services.desk import Desk
from deskcrm.services.duplicates import By, Possible, similar
from tests.desks import TestBranch, add_customer

IDENTITY = "11010519491231002X"


@pytest.mark.parametrize(
    ("asked", "by"),
    [
        ({"id_number": " 110105 19491231 002x "}, By.ID_NUMBER),
        ({"phone": "138-0013-8000"}, By.PHONE),
        ({"phone": "+86 13800138000"}, By.PHONE),
        ({"name": " 王小明 ", "born_on": date(1949, 12, 31)}, By.NAME),
    ],
)
def test_one_thing_in_common_is_enough(desk: Desk, asked: dict[str, Any], by: By) -> None:
    customer_id = add_customer(
        desk, phone="13800138000", id_number=IDENTITY, born_on=date(1949, 12, 31)
    )
    add_customer(desk, "李四", phone="13900139000")
    [found] = similar(desk, **asked)
    assert found == Possible((by,), customer_id, "王小明", CustomerKind.INDIVIDUAL, "manager name")


def test_a_company_is_found_by_its_credit_code(desk: Desk) -> None:
    add_customer(desk, "某公司", kind=CustomerKind.CORPORATE, credit_code="91350100M000100Y43")
    assert similar(desk, credit_code="91350100m000100y43")[0].by == (By.CREDIT_CODE,)


def test_who_has_more_in_common_comes_first(desk: Desk) -> None:
    add_customer(desk, "李四", phone="13800138000")
    same = add_customer(desk, phone="13800138000", id_number=IDENTITY)
    found = similar(desk, id_number=IDENTITY, phone="13800138000")
    assert (found[0].customer_id, found[0].by) == (same, (By.ID_NUMBER, By.PHONE))
    assert len(found) == 2


def test_of_another_officers_customer_only_its_existence_is_told(branch: TestBranch) -> None:
    add_customer(branch.desk("other"), phone="13800138000", id_number=IDENTITY)
    found = similar(branch.desk("manager"), id_number=IDENTITY, phone="13800138000")
    assert found == (Possible((By.ID_NUMBER, By.PHONE)),)
    assert similar(branch.desk("supervisor"), id_number=IDENTITY)[0].name == "王小明"
    with pytest.raises(NotAllowedError):
        similar(branch.desk("auditor"), id_number=IDENTITY)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"id_number": ""},
        {"phone": "1380013"},
        {"phone": "x"},
        {"name": "王小明"},
        {"name": "王小明", "born_on": date(1950, 1, 1)},
    ],
)
def test_less_than_a_full_match_warns_of_nobody(desk: Desk, asked: dict[str, Any]) -> None:
    add_customer(desk, phone="13800138000", id_number=IDENTITY, born_on=date(1949, 12, 31))
    assert similar(desk, **asked) == ()


def test_the_customer_being_edited_and_merged_ones_are_left_out(desk: Desk) -> None:
    customer_id = add_customer(desk, id_number=IDENTITY)
    assert similar(desk, id_number=IDENTITY, but_not=customer_id) == ()
    with desk.write("customer.merge") as work:
        work.session.get_one(Customer, customer_id).status = CustomerStatus.MERGED
    assert similar(desk, id_number=IDENTITY) == ()


@pytest.mark.parametrize("by", list(By))
def test_every_question_uses_an_index(desk: Desk, by: By) -> None:
    scope, bound = visible_sql(desk)
    statement = duplicates._ROWS.format(scope=scope, found=duplicates._FOUND_BY[by.value])
    names = ("id_number", "credit_code", "phone", "name", "name_sort", "born_on")
    values = {**dict.fromkeys(names, "x"), **bound, "but_not": 0, "most": 20}
    with desk.read() as session:
        plan = session.connection().execute(text(f"EXPLAIN QUERY PLAN {statement}"), values)
        steps = [row[-1] for row in plan]
    assert steps
    assert not [step for step in steps if step.startswith("SCAN")], steps
