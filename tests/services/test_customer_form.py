"""The customer form: what it takes, what it refuses, what it fills in by itself."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlmodel import col, select

from deskcrm.errors import InvalidError, NotAllowedError, NotFoundError, StaleEditError
from deskcrm.models import (
    ChannelKind,
    ContactChannel,
    Customer,
    CustomerKind,
    Gender,
    IdentityDocument,
)
from deskcrm.services.customer_form import check_form, form_for, load_form, save_customer
from deskcrm.services.desk import Desk
from deskcrm.services.search import find
from deskcrm.services.undo import undo
from tests.desks import TestBranch, add_customer

IDENTITY = "11010519491231002X"  # a woman born on 31 December 1949
CREDIT_CODE = "91350100M000100Y43"

INDIVIDUAL = {
    "kind": "individual",
    "name": "王小明",
    "id_number": IDENTITY.lower(),
    "mobile": "138 0013-8000",
    "email": "Wang@Example.com",
    "address": "北京市朝阳区建国路 1 号",
    "annual_income": "12万",
    "tier": "gold",
}
CORPORATE = {
    "kind": "corporate",
    "name": "福州某某科技有限公司",
    "credit_code": CREDIT_CODE,
    "legal_representative": "单雄信",
    "legal_representative_id": IDENTITY,
    "registered_capital": "500万",
    "founded_on": "2015-06-01",
    "employee_count": "120",
    "landline": "0591-87654321",
}
PROSPECT = {
    "kind": "prospect",
    "name": "李四",
    "mobile": "13900139000",
    "prospect_interest": "理财",
}


def customer(desk: Desk, customer_id: int) -> Customer:
    with desk.read() as session:
        return session.get_one(Customer, customer_id)


def channels(desk: Desk, customer_id: int) -> dict[ChannelKind, str]:
    with desk.read() as session:
        rows = session.exec(
            select(ContactChannel).where(col(ContactChannel.customer_id) == customer_id)
        )
        return {row.kind: row.value for row in rows}


def errors(desk: Desk, values: dict[str, Any], **more: Any) -> set[str]:
    return set(check_form(desk, values, **more).errors)


@pytest.mark.parametrize("values", [INDIVIDUAL, CORPORATE, PROSPECT], ids=lambda v: v["kind"])
def test_each_kind_is_saved_found_and_loaded_again_masked(
    desk: Desk, values: dict[str, str]
) -> None:
    saved = save_customer(desk, values)
    form = load_form(desk, saved.id)
    assert form.values["name"] == values["name"]
    assert form.kind.value == values["kind"]
    assert [hit.id for hit in find(desk, values["name"]).hits] == [saved.id]
    assert set(form.values) == {"kind", *(f.name for f in form_for(form.kind))}
    shown = str(form)
    for secret in (IDENTITY, CREDIT_CODE, "13800138000", "13900139000", "87654321"):
        assert secret not in shown
    unchanged = save_customer(desk, form.values, customer_id=saved.id, revision=form.revision)
    assert unchanged.change_set.entries == 0


def test_a_new_customer_is_in_the_officers_care_as_of_today(desk: Desk) -> None:
    saved = customer(desk, save_customer(desk, INDIVIDUAL).id)
    assert (saved.owner_id, saved.branch_id) == (desk.officer.id, desk.officer.branch_id)
    assert saved.data_as_of == saved.reviewed_on == saved.cadence_anchor_on == desk.today()
    assert saved.name_sort == "wang xiao ming"
    assert saved.annual_income_minor == 12_000_000


def test_values_are_kept_in_their_normal_forms(desk: Desk) -> None:
    saved = save_customer(desk, INDIVIDUAL)
    assert customer(desk, saved.id).id_number == IDENTITY
    assert channels(desk, saved.id) == {
        ChannelKind.MOBILE: "13800138000",
        ChannelKind.EMAIL: "Wang@Example.com",
    }
    company = customer(desk, save_customer(desk, CORPORATE).id)
    assert (company.registered_capital_minor, company.employee_count) == (500_000_000, 120)
    assert company.founded_on == date(2015, 6, 1)


def test_an_identity_number_fills_in_birth_date_gender_and_kind_of_document(desk: Desk) -> None:
    saved = customer(desk, save_customer(desk, INDIVIDUAL).id)
    assert (saved.born_on, saved.gender) == (date(1949, 12, 31), Gender.FEMALE)
    assert saved.id_type is IdentityDocument.RESIDENT_ID


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "王\x1b[31m"}, "name"),
        ({"name": "王\u202e"}, "name"),
        ({"name": "长" * 101}, "name"),
        ({"kind": "robot"}, "kind"),
        ({"born_on": "1950-01-01"}, "born_on"),
        ({"gender": "male"}, "gender"),
        ({"gender": "other"}, "gender"),
        ({"id_number": "110105194912310021"}, "id_number"),
        ({"id_number": "1101051949"}, "id_number"),
        ({"id_number": "1****************X"}, "id_number"),
        ({"mobile": "1234"}, "mobile"),
        ({"mobile": "138****8000"}, "mobile"),
        ({"email": "wang@"}, "email"),
        ({"annual_income": "many"}, "annual_income"),
        ({"annual_income": "-5"}, "annual_income"),
        ({"opened_on": "2027-01-01"}, "opened_on"),
        ({"opened_on": "2026-02-30"}, "opened_on"),
        ({"tier": "wooden"}, "tier"),
        ({"cadence_days": "0"}, "cadence_days"),
        ({"cadence_days": "367"}, "cadence_days"),
    ],
)
def test_what_cannot_be_right_is_refused_beside_its_field(
    desk: Desk, change: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        save_customer(desk, {**INDIVIDUAL, **change})
    assert set(refused.value.fields) == {field}
    assert find(desk, "王小明").hits == ()
    assert "\x1b" not in str(refused.value)


def test_a_company_needs_a_valid_credit_code_only_if_one_is_given(desk: Desk) -> None:
    assert errors(desk, {**CORPORATE, "credit_code": "91350100M000100Y44"}) == {"credit_code"}
    assert errors(desk, {"kind": "corporate", "name": "某公司"}) == set()


def test_a_prospect_needs_one_way_to_be_reached(desk: Desk) -> None:
    bare = {"kind": "prospect", "name": "李四"}
    assert errors(desk, bare) == {"mobile"}
    assert errors(desk, {**bare, "wechat": "lisi"}) == set()
    assert errors(desk, {**bare, "mobile": "1"}) == {"mobile"}


def test_a_passport_has_no_check_digit_but_a_form(desk: Desk) -> None:
    foreign = {"kind": "individual", "name": "John Smith", "id_type": "passport"}
    assert errors(desk, {**foreign, "id_number": "e1234 5678"}) == set()
    assert errors(desk, {**foreign, "id_number": "!!"}) == {"id_number"}
    saved = save_customer(desk, {**foreign, "id_number": "e1234 5678"})
    assert customer(desk, saved.id).id_number == "E12345678"


def test_stars_left_alone_keep_the_stored_value_and_a_retyped_value_replaces_it(
    desk: Desk,
) -> None:
    saved = save_customer(desk, INDIVIDUAL)
    form = load_form(desk, saved.id)
    assert form.masked >= {"id_number", "mobile", "email", "address", "born_on"}
    edited = {**form.values, "occupation": "教师", "mobile": "13900139000"}
    save_customer(desk, edited, customer_id=saved.id, revision=form.revision)
    after = customer(desk, saved.id)
    assert (after.id_number, after.occupation) == (IDENTITY, "教师")
    assert channels(desk, saved.id)[ChannelKind.MOBILE] == "13900139000"


def test_an_emptied_field_is_emptied_and_its_channel_goes(desk: Desk) -> None:
    saved = save_customer(desk, INDIVIDUAL)
    form = load_form(desk, saved.id)
    emptied = {**form.values, "email": "", "address": None, "annual_income": ""}
    save_customer(desk, emptied, customer_id=saved.id, revision=form.revision)
    after = customer(desk, saved.id)
    assert (after.address, after.annual_income_minor) == ("", None)
    assert set(channels(desk, saved.id)) == {ChannelKind.MOBILE}


def test_an_old_mistake_does_not_stand_in_the_way_of_an_edit(desk: Desk) -> None:
    customer_id = add_customer(desk, id_number="not a number", phone="12")
    form = load_form(desk, customer_id)
    save_customer(
        desk, {**form.values, "occupation": "农民"}, customer_id=customer_id, revision=form.revision
    )
    assert customer(desk, customer_id).occupation == "农民"


def test_an_edit_of_a_record_that_changed_meanwhile_is_refused(desk: Desk) -> None:
    saved = save_customer(desk, INDIVIDUAL)
    mine, theirs = load_form(desk, saved.id), load_form(desk, saved.id)
    save_customer(
        desk,
        {**theirs.values, "mobile": "13900139000"},
        customer_id=saved.id,
        revision=theirs.revision,
    )
    with pytest.raises(StaleEditError):
        save_customer(
            desk,
            {**mine.values, "mobile": "13700137000"},
            customer_id=saved.id,
            revision=mine.revision,
        )
    assert channels(desk, saved.id)[ChannelKind.MOBILE] == "13900139000"


def test_a_prospect_becomes_a_customer_and_keeps_its_history(desk: Desk) -> None:
    saved = save_customer(desk, PROSPECT)
    form = load_form(desk, saved.id)
    save_customer(
        desk,
        {**form.values, "kind": "individual", "id_number": IDENTITY},
        customer_id=saved.id,
        revision=form.revision,
    )
    after = customer(desk, saved.id)
    assert (after.kind, after.id_number) == (CustomerKind.INDIVIDUAL, IDENTITY)
    assert after.prospect_interest == "理财"
    assert channels(desk, saved.id)[ChannelKind.MOBILE] == "13900139000"
    with pytest.raises(InvalidError):
        save_customer(desk, {"kind": "corporate", "name": "x"}, customer_id=saved.id)


def test_going_through_the_whole_file_sets_the_day_of_review(desk: Desk) -> None:
    customer_id = add_customer(desk)
    save_customer(desk, {"kind": "individual", "reviewed": True}, customer_id=customer_id)
    assert customer(desk, customer_id).reviewed_on == desk.today()
    assert customer(desk, customer_id).name == "王小明"


def test_a_saved_edit_is_undone_as_a_whole(desk: Desk) -> None:
    saved = save_customer(desk, INDIVIDUAL)
    save_customer(
        desk,
        {"kind": "individual", "name": "王大明", "mobile": "13900139000", "email": ""},
        customer_id=saved.id,
    )
    undo(desk)
    assert customer(desk, saved.id).name == "王小明"
    assert channels(desk, saved.id) == {
        ChannelKind.MOBILE: "13800138000",
        ChannelKind.EMAIL: "Wang@Example.com",
    }
    assert [hit.id for hit in find(desk, "1380013").hits] == [saved.id]


def test_a_customer_number_is_given_once(desk: Desk) -> None:
    save_customer(desk, {**INDIVIDUAL, "number": "C1"})
    assert errors(desk, {"kind": "individual", "name": "李四", "number": "C1"}) == {"number"}


def test_numbers_in_common_with_others_are_warned_of_and_saved(branch: TestBranch) -> None:
    desk, other = branch.desk("manager"), branch.desk("other")
    first = save_customer(desk, INDIVIDUAL)
    again = check_form(desk, {**INDIVIDUAL, "name": "王晓明"})
    assert not again.errors
    assert set(again.warnings) == {"id_number", "mobile"}
    assert "王小明" in str(again.warnings["mobile"][0])
    theirs = save_customer(other, {**INDIVIDUAL, "name": "王晓明"})
    assert "王小明" not in "".join(str(w) for group in theirs.warnings.values() for w in group)
    mine = {"kind": "individual", "occupation": "教师"}
    assert check_form(desk, mine, customer_id=first.id).warnings == {}


def test_warnings_tell_of_odd_but_possible_values(desk: Desk) -> None:
    found = check_form(desk, {**INDIVIDUAL, "id_expires_on": "2020-01-01"})
    assert not found.errors
    assert set(found.warnings) == {"id_expires_on"}


def test_only_permitted_officers_edit_and_only_their_customers(branch: TestBranch) -> None:
    saved = save_customer(branch.desk("manager"), INDIVIDUAL)
    with pytest.raises(NotFoundError):
        load_form(branch.desk("other"), saved.id)
    with pytest.raises(NotFoundError):
        save_customer(branch.desk("other"), INDIVIDUAL, customer_id=saved.id)
    with pytest.raises(NotAllowedError):
        save_customer(branch.desk("auditor"), INDIVIDUAL)
