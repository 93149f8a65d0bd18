"""Masks show what their rule allows and never more."""

from __future__ import annotations

import dataclasses
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskcrm.resources import data_path
from deskcrm.rules.masking import STAR, Masked, MaskKind, mask, rule_for
from deskcrm.rules.text import clean

NUMBERS = [
    MaskKind.PHONE,
    MaskKind.CARD,
    MaskKind.ACCOUNT,
    MaskKind.IDENTITY,
    MaskKind.CREDIT_CODE,
]


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("phone", "13800138000", "138****8000"),
        ("phone", "138 0013 8000", "138****8000"),
        ("phone", "+85291234567", "+85*****4567"),
        ("phone", "62345678", "******78"),
        ("phone", "95588", "****8"),
        ("phone", "110", "***"),
        ("card", "6222021001116246", "622202******6246"),
        ("card", "6222 0210 0111 6246 123", "622202*********6123"),
        ("account", "110200938471", "*********471"),
        ("account", "1787", "***7"),
        ("account", "12", "**"),
        ("identity", "11010519491231002X", "1****************X"),
        ("identity", "110105491231002", "1*************2"),
        ("identity", "G12345678", "********8"),
        ("credit_code", "91350100M000100Y43", "91************0Y43"),
        ("name", "张伟", "张*"),
        ("name", "张小伟", "张**"),
        ("name", "欧阳修远", "欧**"),
        ("name", "张", "*"),
        ("name", "John Smith", "J**"),
        ("email", "zhangwei@bank.example.cn", "z***@bank.example.cn"),
        ("email", "ab@qq.com", "**@qq.com"),
        ("email", "a@13800138000.com", "a***"),
        ("email", "zhangwei", "z***"),
        ("email", "a@b@qq.com", "a**@qq.com"),
        ("address", "北京市朝阳区建国路88号院1号楼", "北京市朝阳区****"),
        ("address", "建国路88号", "****"),
        ("birth_date", "1949-12-31", "**********"),
        ("other", "anything", "****"),
        ("phone", "", ""),
        ("name", "  ", ""),
    ],
)
def test_values_are_masked_by_their_kind(kind: str, value: str, shown: str) -> None:
    assert mask(MaskKind(kind), value).text == shown


@given(st.sampled_from(NUMBERS), st.text("0123456789X", min_size=1, max_size=30))
def test_a_number_shows_no_more_than_its_rule_at_either_end(kind: MaskKind, value: str) -> None:
    rule, shown = rule_for(kind), mask(kind, value).text
    assert len(shown) == len(value)
    first, last = shown.partition(STAR)[0], shown.rpartition(STAR)[2]
    assert first + STAR * (len(value) - len(first) - len(last)) + last == shown
    assert (value.startswith(first), value.endswith(last)) == (True, True)
    assert len(first) <= rule.first
    assert len(last) <= rule.last
    assert shown.count(STAR) >= min(rule.hidden, -(-len(value) * 3 // 4))


@given(st.sampled_from(list(MaskKind)), st.text(max_size=40).filter(lambda text: STAR not in text))
def test_no_mask_shows_more_than_its_rule(kind: MaskKind, value: str) -> None:
    rule, shown = rule_for(kind), mask(kind, value).text
    domain = "@" + clean(value).rpartition("@")[2]
    local = shown.removesuffix(domain) if rule.keep else shown
    assert len(local.replace(STAR, "")) <= rule.first + rule.last
    assert STAR in shown or not local


@given(st.dates(), st.text("0123456789", min_size=3, max_size=3))
def test_an_identity_number_never_shows_the_birth_date(born: object, sequence: str) -> None:
    date = str(born).replace("-", "")
    shown = mask(MaskKind.IDENTITY, f"110105{date}{sequence}X").text
    assert shown[6:14] == STAR * 8


@pytest.mark.parametrize("kind", list(MaskKind))
def test_a_masked_value_holds_only_the_masked_text(kind: MaskKind) -> None:
    value = "13800138000@secret"
    masked = mask(kind, value)
    kept = [getattr(masked, one.name) for one in dataclasses.fields(Masked)]
    assert kept == [str(masked)]
    assert not hasattr(masked, "__dict__")
    assert value not in f"{masked} {masked!r}"
    with pytest.raises(dataclasses.FrozenInstanceError):
        masked.text = value  # type: ignore[misc]


def test_a_masked_value_is_safe_for_the_terminal() -> None:
    assert mask(MaskKind.NAME, "\x1b[31m张伟").text == "[**"
    assert mask(MaskKind.ADDRESS, "北\n京\x07市朝阳区建国路88号院").text == "北 京市朝阳****"


def test_each_kind_has_a_sourced_row_and_each_row_a_kind() -> None:
    table = tomllib.loads(data_path("masks.toml").read_text(encoding="utf-8"))
    assert table["date"]
    assert table["standard"]
    rows = {name: row for name, row in table.items() if isinstance(row, dict)}
    assert rows.keys() == {kind.value for kind in MaskKind}
    assert all(row["source"] and row["hidden"] > 0 for row in rows.values())
