"""Names split into surname and given name, and read in pinyin."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskcrm.resources import data_path
from deskcrm.rules.names import MAX_READINGS, initials, pinyin_readings, sort_key, split_name

TABLE = tomllib.loads(data_path("surnames.toml").read_text(encoding="utf-8"))

han_names = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), max_size=6)
any_names = st.text(max_size=12) | han_names


@pytest.mark.parametrize(
    ("name", "surname", "given_name"),
    [
        ("张伟", "张", "伟"),
        ("欧阳修", "欧阳", "修"),
        ("欧阳", "欧", "阳"),
        ("尉迟敬德", "尉迟", "敬德"),
        ("爱新觉罗溥仪", "爱新觉罗", "溥仪"),
        ("陈方安生", "陈", "方安生"),
        ("张　伟", "张", "伟"),
        ("张", "张", ""),
        ("", "", ""),
        ("买买提·阿卜杜拉", "", "买买提·阿卜杜拉"),
        ("John Smith", "", "John Smith"),
        ("北京华信科技有限公司", "", "北京华信科技有限公司"),
    ],
)
def test_a_name_is_split_after_its_surname(name: str, surname: str, given_name: str) -> None:
    assert split_name(name) == (surname, given_name)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("张伟", "zhang wei"),
        ("单雄信", "shan xiong xin"),
        ("仇英", "qiu ying"),
        ("曾国藩", "zeng guo fan"),
        ("解缙", "xie jin"),
        ("朴正熙", "piao zheng xi"),
        ("查良镛", "zha liang yong"),
        ("盖叫天", "ge jiao tian"),
        ("区文诗", "ou wen shi"),
        ("乐嘉", "yue jia"),
        ("翟天临", "zhai tian lin"),
        ("任嘉伦", "ren jia lun"),
        ("尉迟恭", "yu chi gong"),
        ("长孙无忌", "zhang sun wu ji"),
        ("万俟卨", "mo qi xie"),
        ("澹台灭明", "tan tai mie ming"),
        ("单于飞", "chan yu fei"),
        ("万里", "wan li"),
        ("李长乐", "li chang le"),
        ("吕布", "lv bu"),
        ("張Wei", "zhang wei"),
        ("John SMITH", "john smith"),
        ("买买提·阿卜杜拉", "mai mai ti a bo du la"),
        ("重庆银行", "chong qing yin hang"),
        ("长春第一汽车", "chang chun di yi qi che"),
        ("北京华信科技有限公司", "bei jing hua xin ke ji you xian gong si"),
        ("华夏银行（上海）3部", "hua xia yin hang shang hai 3 bu"),
        ("", ""),
        ("…", ""),
    ],
)
def test_the_preferred_reading_sorts_a_name(name: str, key: str) -> None:
    assert sort_key(name) == key


def test_every_reading_of_a_surname_is_found() -> None:
    assert pinyin_readings("单伟") == (("shan", "wei"), ("dan", "wei"))
    assert pinyin_readings("曾乐") == (
        ("zeng", "le"),
        ("zeng", "yue"),
        ("ceng", "le"),
        ("ceng", "yue"),
    )
    assert {"chan yu", "shan yu", "dan yu"} == {" ".join(r) for r in pinyin_readings("单于")}
    assert ("wan", "si", "xie") in pinyin_readings("万俟卨")
    assert pinyin_readings("") == ()


def test_initials_are_given_once() -> None:
    assert initials("曾伟") == ("zw", "cw")
    assert initials("尉迟恭") == ("ycg", "wcg")
    assert initials("张伟") == ("zw",)
    assert initials("") == ()


@pytest.mark.parametrize("surname", [*TABLE["single"], *TABLE["compound"]])
def test_each_surname_of_the_table_is_read_as_the_table_says(surname: str) -> None:
    readings = (TABLE["single"] | TABLE["compound"])[surname]
    found = [" ".join(reading) for reading in pinyin_readings(f"{surname}伟")]
    assert found[: len(readings)] == [f"{reading} wei" for reading in readings]


def test_the_table_is_dated_sourced_and_large_enough() -> None:
    assert TABLE["source"]
    assert TABLE["date"]
    assert len(TABLE["single"]) + len(TABLE["compound"]) >= 60
    every = [one for part in ("single", "compound", "given") for one in TABLE[part].values()]
    assert all(len(found) == len(set(found)) for found in every)
    assert all(re.fullmatch("[a-z ]+", reading) for found in every for reading in found)


@given(any_names)
def test_the_sort_key_is_the_first_of_few_readings(name: str) -> None:
    readings = pinyin_readings(name)
    assert len(set(readings)) == len(readings) <= MAX_READINGS
    assert sort_key(name) == " ".join(readings[0] if readings else ())
    assert all(syllable and syllable == syllable.lower() for one in readings for syllable in one)


@given(han_names)
def test_a_chinese_name_has_one_syllable_a_character(name: str) -> None:
    assert all(len(reading) == len(name) for reading in pinyin_readings(name))
    assert "".join(split_name(name)) == name


def test_pypinyin_is_imported_only_when_a_name_is_read() -> None:
    check = "import sys, deskcrm.rules.names; assert 'pypinyin' not in sys.modules"
    subprocess.run([sys.executable, "-c", check], check=True)
