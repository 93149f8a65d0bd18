"""Finding customers while typing, on a real encrypted index."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from deskcrm.errors import NotAllowedError
from deskcrm.models import (
    Account,
    ChannelKind,
    ContactChannel,
    Customer,
    CustomerKind,
    CustomerStatus,
)
from deskcrm.services import search, search_index
from deskcrm.services.desk import Desk
from deskcrm.services.search import Why, find, find_json
from deskcrm.services.search_index import rebuild_index
from deskcrm.services.undo import undo
from tests.desks import TestBranch, add_customer

IDENTITY = "11010519491231002X"


def names(desk: Desk, query: str, **more: Any) -> list[str]:
    return [hit.name for hit in find(desk, query, **more).hits]


@pytest.fixture
def people(desk: Desk) -> dict[str, int]:
    """Three customers who share parts of their names and numbers."""
    made = {
        "王小明": add_customer(
            desk, "王小明", phone="13800138000", id_number=IDENTITY, number="C000123"
        ),
        "曾小明": add_customer(desk, "曾小明", phone="13912348000", tier="private"),
        "北京明小科技有限公司": add_customer(
            desk,
            "北京明小科技有限公司",
            kind=CustomerKind.CORPORATE,
            credit_code="91110105MA01234567",
            phone="010-62345678",
        ),
    }
    with desk.write("account.open") as work:
        work.add(Account(customer_id=made["王小明"], number="6222020200112233445"))
    return made


@pytest.mark.parametrize(
    ("query", "first", "why"),
    [
        ("王", "王小明", Why.NAME),
        ("小明", "曾小明", Why.NAME),
        ("王小明", "王小明", Why.NAME),
        ("科技", "北京明小科技有限公司", Why.NAME),
        ("wangxiaoming", "王小明", Why.PINYIN),
        ("wxm", "王小明", Why.PINYIN),
        ("WXM", "王小明", Why.PINYIN),
        ("ｗｘｍ", "王小明", Why.PINYIN),
        ("xiaom", "曾小明", Why.PINYIN),
        ("zeng", "曾小明", Why.PINYIN),
        ("ceng", "曾小明", Why.PINYIN),
        ("13800", "王小明", Why.PHONE),
        ("138 0013 8000", "王小明", Why.PHONE),
        ("138-0013-8000", "王小明", Why.PHONE),
        ("0013", "王小明", Why.PHONE),
        ("62345678", "北京明小科技有限公司", Why.PHONE),
        ("1949", "王小明", Why.IDENTITY_NUMBER),
        ("11010519491231002x", "王小明", Why.IDENTITY_NUMBER),
        ("110105", "王小明", Why.IDENTITY_NUMBER),
        ("1101051", "王小明", Why.IDENTITY_NUMBER),
        ("19491231", "王小明", Why.IDENTITY_NUMBER),
        ("002X", "王小明", Why.IDENTITY_NUMBER),
        ("1002x", "王小明", Why.IDENTITY_NUMBER),
        ("6222", "王小明", Why.ACCOUNT),
        ("62220202001", "王小明", Why.ACCOUNT),
        ("6222020200112233445", "王小明", Why.ACCOUNT),
        ("3445", "王小明", Why.ACCOUNT),
        ("33445", "王小明", Why.ACCOUNT),
        ("c000123", "王小明", Why.CUSTOMER_NUMBER),
        ("123", "王小明", Why.CUSTOMER_NUMBER),
        ("91110105MA0", "北京明小科技有限公司", Why.CREDIT_CODE),
        ("王 138", "王小明", Why.PHONE),
        ("王138", "王小明", Why.PHONE),
        ("8000 曾", "曾小明", Why.PHONE),
        ("王xm", "王小明", Why.NAME),
    ],
)
def test_every_way_of_asking_finds_the_customer(
    desk: Desk, people: dict[str, int], query: str, first: str, why: Why
) -> None:
    hits = find(desk, query).hits
    assert hits, query
    assert (hits[0].name, hits[0].id) == (first, people[first])
    assert hits[0].matched is why


@pytest.mark.parametrize(
    "query",
    ["", "  ", "明小王", "王小明 139", "99999", "\"' OR 1=1 --", "*", "zz*", "zzz", "\x00", "(((("],
)
def test_what_is_not_there_is_not_found(desk: Desk, people: dict[str, int], query: str) -> None:
    assert find(desk, query).hits == ()


def test_pairs_of_characters_in_another_order_are_no_match(desk: Desk) -> None:
    add_customer(desk, "明小科技小明")
    assert names(desk, "小科技") == ["明小科技小明"]
    assert names(desk, "科技小明小") == []


def test_a_higher_tier_and_a_later_contact_come_first_and_closed_customers_last(desk: Desk) -> None:
    add_customer(desk, "李一", tier="private", status=CustomerStatus.CLOSED)
    add_customer(desk, "李二", last_contact_on=date(2026, 1, 1))
    add_customer(desk, "李三", last_contact_on=date(2026, 11, 1))
    add_customer(desk, "李四", tier="gold")
    assert names(desk, "李") == ["李四", "李三", "李二", "李一"]


def test_an_exact_name_comes_before_longer_ones(desk: Desk) -> None:
    add_customer(desk, "王伟民", tier="private")
    add_customer(desk, "王伟")
    add_customer(desk, "小王伟", tier="private")
    assert names(desk, "王伟") == ["王伟", "王伟民", "小王伟"]


def test_results_stop_at_the_limit_and_say_that_there_are_more(desk: Desk) -> None:
    for last in "一二三四五":
        add_customer(desk, f"赵{last}")
    found = find(desk, "赵", limit=3)
    assert len(found.hits) == 3
    assert found.more
    assert not find(desk, "赵", limit=5).more


def test_an_officer_finds_only_customers_in_their_care(branch: TestBranch) -> None:
    mine, other = branch.desk("manager"), branch.desk("other")
    add_customer(mine, "孙悟空", phone="13800138000")
    add_customer(other, "孙权", phone="13800138001")
    assert names(mine, "孙") == ["孙悟空"]
    assert names(other, "1380013") == ["孙权"]
    assert set(names(branch.desk("supervisor"), "孙 138")) == {"孙悟空", "孙权"}
    with pytest.raises(NotAllowedError):
        find(branch.desk("auditor"), "孙")


def test_the_index_follows_every_change_and_its_undo(desk: Desk) -> None:
    customer_id = add_customer(desk, "周杰", phone="13700137000")
    with desk.write("customer.edit") as work:
        row = work.session.get_one(Customer, customer_id)
        row.name = "周伦"
        work.add(
            ContactChannel(
                customer_id=customer_id,
                kind=ChannelKind.MOBILE,
                value="15912345678",
                normalized="15912345678",
            )
        )
    assert names(desk, "周伦") == names(desk, "15912345678") == ["周伦"]
    assert names(desk, "周杰") == []
    undo(desk)
    assert names(desk, "周杰") == names(desk, "1370013") == ["周杰"]
    assert names(desk, "15912345678") == []


def test_a_merged_customer_leaves_the_index(desk: Desk) -> None:
    customer_id = add_customer(desk, "吴用")
    with desk.write("customer.merge") as work:
        work.session.get_one(Customer, customer_id).status = CustomerStatus.MERGED
    assert names(desk, "吴用") == []


def test_a_customer_handed_over_moves_to_the_other_officer(branch: TestBranch) -> None:
    mine, other = branch.desk("manager"), branch.desk("other")
    customer_id = add_customer(mine, "郑和")
    with mine.write("customer.assign") as work:
        work.session.get_one(Customer, customer_id).owner_id = other.officer.id
    assert names(mine, "郑和") == []
    assert names(other, "郑和") == ["郑和"]


def test_a_rebuilt_index_finds_the_same(desk: Desk, people: dict[str, int]) -> None:
    queries = ("明", "xm", "138", "6222", "c000123")
    before = [names(desk, query) for query in queries]
    assert rebuild_index(desk) == len(people)
    assert [names(desk, query) for query in queries] == before


def test_many_touched_customers_are_indexed_in_one_rebuild(
    desk: Desk, people: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "_MANY", 2)
    with desk.write("customer.edit") as work:
        for customer_id in people.values():
            work.session.get_one(Customer, customer_id).other_name = "别名"
    assert len(names(desk, "别名")) == len(people)


def test_numbers_leave_the_search_masked(desk: Desk, people: dict[str, int]) -> None:
    hit = find(desk, "王小明").hits[0]
    assert hit.phone is not None
    assert hit.identity_number is not None
    assert hit.phone.text == "138****8000"
    assert "1949" not in hit.identity_number.text
    assert IDENTITY not in repr(hit)


def test_the_command_line_gets_ids_as_text_and_masked_numbers(
    desk: Desk, people: dict[str, int]
) -> None:
    printed = find_json(desk, "王小明")
    assert printed["results"][0]["id"] == str(people["王小明"])
    assert printed["results"][0]["owner"] == "manager name"
    assert "13800138000" not in str(printed)
    assert printed["ms"] >= 0


@pytest.mark.parametrize(
    "statement", [search._ON_NAMES, search._ON_NUMBERS, search._ROWS, search_index._SOME]
)
def test_no_statement_of_a_search_reads_a_whole_table(desk: Desk, statement: str) -> None:
    with desk.read() as session:
        bound = ("x", 0, 50)[: statement.count("?")]
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", bound)
        steps = [row[-1] for row in plan]
    assert steps
    scans = [step for step in steps if step.startswith("SCAN") and "VIRTUAL" not in step]
    assert scans == [], steps


def test_the_index_never_holds_a_customer_twice(desk: Desk, people: dict[str, int]) -> None:
    for note in ("一", "二"):
        with desk.write("customer.edit") as work:
            work.session.get_one(Customer, people["王小明"]).pinned_note = note
    with desk.read() as session:
        count = session.connection().execute(
            text("SELECT count(*) FROM search_name WHERE search_name MATCH '\"x王小明\"'")
        )
        assert count.scalar_one() == 1
