"""Profiles are data; those for the Berka bank bring in all of it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from deskcrm.exchange.columns import RowChecker
from deskcrm.exchange.profiles import (
    UnknownProfileError,
    load_profile,
    parse_profile,
    profile_names,
)
from deskcrm.exchange.sources import SiblingFileError
from deskcrm.exchange.tables import open_table

BERKA = Path(__file__).parents[3] / "shared" / "data" / "berka"
TODAY = date(2026, 11, 2)


def read(path: Path, name: str) -> dict[str, list[Any]]:
    """All values of a file by a profile, with no row rejected."""
    profile = load_profile(name)
    table = open_table(path, profile.encoding)
    values: dict[str, list[Any]] = {field: [] for field in profile.mapping.sources}
    for batch in RowChecker(table, profile.mapping, TODAY, profile.currency).batches():
        assert batch.rejects == []
        for field, column in batch.values.items():
            values[field].extend(column)
    return values


def berka(name: str) -> Path:
    path = BERKA / name
    if not path.exists():
        pytest.skip(f"no {path}")
    return path


def test_every_profile_can_be_loaded() -> None:
    assert {name: load_profile(name).name for name in profile_names()}
    assert profile_names("accounts") == ["berka-accounts"]


@pytest.mark.parametrize("name", ["nothing-like-it", "../fields", ""])
def test_an_unknown_profile_is_refused_with_those_there_are(name: str) -> None:
    with pytest.raises(UnknownProfileError) as caught:
        load_profile(name)
    assert "berka-customers" in str(caught.value.values["names"])


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"nickname": {"column": "a"}}, "unknown field"),
        ({"name": {"columm": "a"}}, "unknown keys"),
        ({"name": {}}, "one of column"),
        ({"name": {"column": "a", "constant": "b"}}, "one of column"),
    ],
)
def test_a_wrong_profile_says_what_is_wrong(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        parse_profile("x", {"kind": "customers", "fields": fields})


def test_a_lookup_cannot_leave_the_folder() -> None:
    lookup = {"file": "../secret.csv", "key": "a", "by": "b", "value": "{c}"}
    raw = {"kind": "customers", "fields": {"name": {"lookup": "x"}}, "lookups": {"x": lookup}}
    with pytest.raises(ValueError, match="lookup file"):
        parse_profile("x", raw)


@pytest.mark.parametrize(
    ("layout", "text", "day"),
    [
        ("YYMMDD", "930105", "1993-01-05"),
        ("DD.MM.YYYY", "05.01.1993", "1993-01-05"),
        ("MM/DD/YY", "01/05/93", "1993-01-05"),
    ],
)
def test_a_profile_says_how_dates_are_written(
    tmp_path: Path, layout: str, text: str, day: str
) -> None:
    raw = {
        "kind": "customers",
        "date_format": layout,
        "century": "19",
        "fields": {"name": {"column": "n"}, "born_on": {"column": "d"}},
    }
    path = tmp_path / "file.csv"
    path.write_text(f"n,d\nA,{text}\n", encoding="utf-8")
    checker = RowChecker(open_table(path), parse_profile("x", raw).mapping, TODAY)
    assert [batch.values["born_on"] for batch in checker.batches()] == [[day]]


def test_a_profile_fills_fields_from_templates_maps_and_a_sibling_file(tmp_path: Path) -> None:
    (tmp_path / "towns.csv").write_text("id,town,kind\n1,Brno,old\n1,Praha,new\n2,Olomouc,new\n")
    path = tmp_path / "people.csv"
    path.write_text("no,first,last,town_id,sex\n7,Eva,Nová,1,F\n8,Jan,,3,M\n", encoding="utf-8")
    raw = {
        "kind": "customers",
        "lookups": {
            "town": {
                "file": "towns.csv",
                "key": "id",
                "by": "town_id",
                "value": "{town} (CZ)",
                "where": {"kind": "new"},
            }
        },
        "fields": {
            "number": {"column": "no"},
            "name": {"template": "{first} {last}"},
            "gender": {"column": "sex", "map": {"F": "female", "M": "male"}},
            "address": {"lookup": "town", "template": "in {lookup}"},
            "source": {"constant": "100%"},
        },
    }
    checker = RowChecker(open_table(path), parse_profile("x", raw).mapping, TODAY)
    (batch,) = checker.batches()
    assert batch.values == {
        "number": ["7", "8"],
        "name": ["Eva Nová", "Jan"],
        "gender": ["female", "male"],
        "address": ["in Praha (CZ)", None],
        "source": ["100%", "100%"],
    }


def test_a_missing_sibling_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "account.asc"
    path.write_text('"account_id";"district_id";"frequency";"date"\n1;1;"x";930101\n')
    profile = load_profile("berka-accounts")
    with pytest.raises(SiblingFileError) as caught:
        RowChecker(open_table(path), profile.mapping, TODAY)
    assert caught.value.values["file"] == "disp.asc"


def test_the_clients_of_the_berka_bank_are_read() -> None:
    values = read(berka("client.asc"), "berka-customers")
    assert len(values["number"]) == 5369
    assert Counter(values["gender"]) == {"male": 2724, "female": 2645}
    first = {field: column[0] for field, column in values.items()}
    assert first == {
        "number": "1",
        "name": "Client 1",
        "kind": "individual",
        "address": "Pisek, south Bohemia",
        "source": "Berka",
        "gender": "female",
        "born_on": "1970-12-13",
    }


def test_the_accounts_of_the_berka_bank_have_one_owner_and_some_an_authorised_client() -> None:
    values = read(berka("account.asc"), "berka-accounts")
    assert len(values["number"]) == 4500
    assert None not in values["owner_number"]
    assert sum(number is not None for number in values["authorised_numbers"]) == 5369 - 4500
    second = values["number"].index("2")
    assert (values["owner_number"][second], values["authorised_numbers"][second]) == ("2", "3")


def test_the_transactions_of_the_berka_bank_keep_their_meaning() -> None:
    values = read(berka("trans_930101_940331_prefix.asc"), "berka-transactions")
    assert len(values["reference"]) == 49_102
    assert (values["booked_on"][0], values["booked_on"][-1]) == ("1993-01-01", "1994-03-31")
    assert (values["amount"][0], values["balance_after"][0]) == (70_000, 70_000)
    assert Counter(values["direction"]) == {"credit": 22_994, "debit": 26_108}
    assert Counter(values["kind"]) == {
        "cash_deposit": 9_759,
        "cash_withdrawal": 14_308,
        "fee": 5_445,
        "interest": 9_463,
        "transfer_in": 3_772,
        "transfer_out": 6_343,
        "card_withdrawal": 12,
    }
    assert Counter(values["category"])["pension"] == 1_770
