"""Column titles are matched to the fields they mean."""

from __future__ import annotations

import pytest

from deskcrm.exchange.fields import KINDS, fields_of, normal_title
from deskcrm.exchange.mapping import (
    Mapping,
    MissingColumnsError,
    Source,
    best_kind,
    fingerprint,
    suggest_mapping,
)


@pytest.mark.parametrize(
    ("title", "normal"),
    [
        ("姓名", "姓名"),
        ("*姓 名", "姓名"),
        ("余额（元）", "余额"),
        ("Customer_No.", "customerno"),
        ("ＩＤ", "id"),
        ("(备注)", "备注"),
        ("", ""),
    ],
)
def test_titles_are_compared_in_a_normal_form(title: str, normal: str) -> None:
    assert normal_title(title) == normal


@pytest.mark.parametrize("kind", KINDS)
def test_the_fields_of_every_kind_can_be_read(kind: str) -> None:
    fields = fields_of(kind)
    assert fields.required
    assert all(field.titles for field in fields.fields.values())


def test_chinese_titles_are_understood() -> None:
    header = ["客户号", "客户姓名", "证件号码", "手机号码", "余额(元)", "客户等级", "备注"]
    mapping = suggest_mapping("customers", header)
    assert mapping.titles() == {
        "number": "客户号",
        "name": "客户姓名",
        "id_number": "证件号码",
        "mobile": "手机号码",
        "tier": "客户等级",
        "remark": "备注",
    }
    assert mapping.unmapped == ("余额(元)",)


def test_english_titles_are_understood() -> None:
    header = ["Transaction ID", "Account No", "Date", "Amount", "Type", "Balance", "Description"]
    assert suggest_mapping("transactions", header).titles() == {
        "reference": "Transaction ID",
        "account_number": "Account No",
        "booked_on": "Date",
        "amount": "Amount",
        "kind": "Type",
        "balance_after": "Balance",
        "memo": "Description",
    }


def test_a_second_column_for_a_field_is_told_and_not_taken() -> None:
    mapping = suggest_mapping("customers", ["姓名", "手机", "移动电话"])
    assert mapping.titles()["mobile"] == "手机"
    assert mapping.ambiguous == {"mobile": ("移动电话",)}


def test_a_title_known_to_two_fields_goes_to_the_one_that_is_free() -> None:
    titles = suggest_mapping("customers", ["公司名称", "Company", "法人"]).titles()
    assert titles == {"name": "公司名称", "employer": "Company", "legal_representative": "法人"}


def test_amounts_in_ten_thousands_keep_their_unit() -> None:
    mapping = suggest_mapping("accounts", ["账号", "余额(万元)"])
    assert mapping.sources["balance"].rewrites[0][1] == r"\1万"


def test_a_missing_required_column_is_named_in_the_error() -> None:
    header = ["账号", "金额"]
    with pytest.raises(MissingColumnsError) as caught:
        suggest_mapping("transactions", header).check(header)
    assert caught.value.values == {"fields": "Booked on", "columns": "账号, 金额"}


def test_a_column_that_a_mapping_needs_and_the_file_lacks_is_named() -> None:
    mapping = Mapping("customers", {"name": Source("姓名")})
    with pytest.raises(MissingColumnsError) as caught:
        mapping.check(["名字"])
    assert caught.value.values["fields"] == "姓名"


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (["客户号", "姓名", "性别", "手机"], "customers"),
        (["账号", "客户号", "账户类型", "余额"], "accounts"),
        (["流水号", "账号", "交易日期", "借贷标志", "交易金额"], "transactions"),
        (["手机号", "沟通时间", "沟通方式", "沟通内容"], "interactions"),
        (["x", "y"], None),
        ([], None),
    ],
)
def test_the_kind_of_record_is_guessed_from_the_titles(header: list[str], kind: str | None) -> None:
    assert best_kind(header) == kind


def test_the_fingerprint_is_of_the_meaning_of_the_titles_in_their_order() -> None:
    assert fingerprint(["姓 名", "余额（元）"]) == fingerprint(["*姓名", "余额"])
    assert fingerprint(["a", "b"]) != fingerprint(["b", "a"])
