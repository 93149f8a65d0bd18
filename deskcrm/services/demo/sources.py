"""What the demo branch is made of: the files of ``data/demo``, read once."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from typing import Any

from deskcrm.models import Gender
from deskcrm.resources import data_path, load_json, load_toml
from deskcrm.services.demo.dice import Weighted

MINOR = 100
"""Minor units in a yuan; the demo data are in yuan."""


@dataclass(frozen=True, slots=True)
class Names:
    """Family names by frequency, given-name characters by gender, and the names of ``cast``."""

    surnames: Weighted[str]
    given: dict[Gender, Weighted[str]]
    rare_surnames: list[str]
    unusual: dict[Gender, list[str]]
    foreign: dict[Gender, list[str]]
    long_companies: list[str]


@dataclass(frozen=True, slots=True)
class District:
    """A district of the branch's city."""

    code: str
    name: str
    postal_code: str
    roads: list[str]


@dataclass(frozen=True, slots=True)
class Places:
    """The city, and the division codes that identity numbers begin with."""

    city: str
    districts: Weighted[District]
    quarters: list[str]
    offices: list[str]
    home_divisions: list[str]
    other_divisions: list[str]


@dataclass(frozen=True, slots=True)
class Occupation:
    """What somebody does, with the usual monthly net income in minor units."""

    name: str
    monthly_minor: int
    employers: list[str]


@dataclass(frozen=True, slots=True)
class Industry:
    """A line of business: words for company names, and the scope on the licence."""

    name: str
    words: list[str]
    scope: str


@dataclass(frozen=True, slots=True)
class Work:
    """Occupations and companies."""

    occupations: Weighted[Occupation]
    retired: Occupation
    student: Occupation
    education: Weighted[str]
    income_bands: list[tuple[int, str]]
    company_places: list[str]
    company_words: list[str]
    company_forms: Weighted[str]
    industries: list[Industry]


@dataclass(frozen=True, slots=True)
class Payment:
    """A kind of payment: its category, the range in yuan, and who gets it."""

    category: str
    low: int
    high: int
    payees: list[str]


@dataclass(frozen=True, slots=True)
class Talk:
    """Something officers and customers speak about; ``next`` may be empty."""

    need: str
    subject: str
    notes: list[str]
    outcomes: list[str]
    next: str
    ask: str


@cache
def names() -> Names:
    """The names that people and companies are given."""
    cast = load_toml("demo/cast.toml")
    given = _table("given_characters.csv")
    return Names(
        surnames=Weighted((r["surname"], int(r["weight"])) for r in _table("surnames.csv")),
        given={
            gender: Weighted((r["character"], int(r[gender.value])) for r in given)
            for gender in Gender
        },
        rare_surnames=cast["rare_surnames"],
        unusual={Gender.MALE: cast["minority_men"], Gender.FEMALE: cast["minority_women"]},
        foreign={Gender.MALE: cast["foreign_men"], Gender.FEMALE: cast["foreign_women"]},
        long_companies=cast["long_companies"],
    )


@cache
def places() -> Places:
    """Where the customers live and were first registered."""
    table = load_toml("demo/places.toml")
    divisions: dict[str, str] = load_json("divisions.json")["current"]
    counties = [code for code in divisions if not code.endswith("00") and code < "700000"]
    home = str(table["home_province"])
    return Places(
        city=table["city"],
        districts=Weighted(
            (
                District(d["code"], divisions[d["code"]], d["postal_code"], d["roads"]),
                d["weight"],
            )
            for d in table["district"]
        ),
        quarters=table["quarters"],
        offices=table["offices"],
        home_divisions=[code for code in counties if code.startswith(home)],
        other_divisions=[code for code in counties if not code.startswith(home)],
    )


@cache
def work() -> Work:
    """What the customers do for a living."""
    table = load_toml("demo/work.toml")
    company = table["company"]
    return Work(
        occupations=Weighted((_occupation(o), o["weight"]) for o in table["occupation"]),
        retired=_occupation(table["retired"]),
        student=_occupation(table["student"]),
        education=_pairs(table["education"]),
        income_bands=[(b["up_to"] * MINOR, b["name"]) for b in table["income_band"]],
        company_places=company["places"],
        company_words=company["words"],
        company_forms=_pairs(company["forms"]),
        industries=[Industry(i["name"], i["words"], i["scope"]) for i in company["industry"]],
    )


@cache
def spending() -> Weighted[Payment]:
    """What people pay for."""
    return _payments("spending")


@cache
def company_payments() -> Weighted[Payment]:
    """What companies pay for."""
    return _payments("company_payment")


@cache
def words() -> dict[str, Any]:
    """The sentences of ``talks.toml`` besides the talks: attempts, reasons, notes, cases."""
    return load_toml("demo/talks.toml")


@cache
def talks(audience: str) -> list[Talk]:
    """What is spoken about with customers of a kind."""
    return [
        Talk(t["need"], t["subject"], t["notes"], t["outcomes"], t["next"], t["ask"])
        for t in words()["talk"]
        if t["audience"] == audience
    ]


def _table(name: str) -> list[dict[str, str]]:
    with data_path(f"demo/{name}").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _pairs(rows: list[list[Any]]) -> Weighted[str]:
    return Weighted((item, weight) for item, weight in rows)


def _occupation(row: dict[str, Any]) -> Occupation:
    return Occupation(row["name"], row["monthly"] * MINOR, row.get("employers", [""]))


def _payments(key: str) -> Weighted[Payment]:
    return Weighted(
        (Payment(p["category"], p["low"], p["high"], p["payees"]), p["weight"])
        for p in load_toml("demo/money.toml")[key]
    )
