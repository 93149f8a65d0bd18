"""The checks of a customer's fields as pure functions of plain values."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from deskcrm.models import Customer, CustomerKind
from deskcrm.rules.customer_checks import (
    WAYS_TO_REACH,
    Checked,
    Stored,
    Today,
    check_customer,
    form_fields,
    gaps,
)
from deskcrm.rules.working_days import load_calendars

TODAY = Today(datetime(2026, 11, 23, 9, 0), load_calendars())  # noqa: DTZ001


def check(kind: str = "individual", stored: dict[str, Stored] | None = None, **v: Any) -> Checked:
    return check_customer(kind, {"name": "王小明", **v}, stored or {}, TODAY)


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("annual_income", "12.5万", 12_500_000),
        ("annual_income", "¥1,234.50", 123_450),
        ("opened_on", "2024年3月1日", date(2024, 3, 1)),
        ("cadence_days", "３０", 30),
        ("mobile", "+86 138-0013-8000", "13800138000"),
        ("email", " wang@example.com ", "wang@example.com"),
        ("do_not_call", True, True),
        ("do_not_call", "yes", True),
        ("gender", "female", "female"),
    ],
)
def test_values_are_read_as_people_write_them(field: str, typed: Any, kept: Any) -> None:
    checked = check(**{field: typed})
    assert not checked.errors
    assert checked.values[field] == kept


def test_a_masked_value_left_alone_keeps_what_is_stored_even_if_it_is_wrong() -> None:
    stored = {"id_number": Stored("wrong", "wrong", "w***g")}
    assert check(stored=stored, id_number="w***g").values["id_number"] == "wrong"
    assert set(check(stored=stored, id_number="w***h").errors) == {"id_number"}


def test_fields_of_another_kind_are_not_taken() -> None:
    assert "credit_code" not in check(credit_code="x").values


@pytest.mark.parametrize("kind", list(CustomerKind))
def test_every_field_of_the_form_has_its_place_in_the_file(kind: CustomerKind) -> None:
    elsewhere = {*WAYS_TO_REACH, "reviewed"}
    renamed = {
        "annual_income": "annual_income_minor",
        "registered_capital": "registered_capital_minor",
    }
    for wanted in form_fields(kind.value):
        column = renamed.get(wanted.name, wanted.name)
        assert wanted.name in elsewhere or column in Customer.model_fields


def test_gaps_are_the_expected_fields_that_are_empty() -> None:
    missing = {wanted.name for wanted in gaps("corporate", lambda name: name != "credit_code")}
    assert missing == {"credit_code"}
