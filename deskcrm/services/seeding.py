"""The reference rows of a new vault: tiers, rules, products, from ``data/``."""

from __future__ import annotations

from typing import Any

from deskcrm.models import FollowupRule, Product, Tier
from deskcrm.resources import load_toml
from deskcrm.rules.money import parse_money
from deskcrm.vault.session import UnitOfWork


def seed(work: UnitOfWork) -> None:
    """Add the reference rows to a new database."""
    _tiers(work)
    _rules(work)
    _products(work)


def _tiers(work: UnitOfWork) -> None:
    table = load_toml("tiers.toml")
    for row in table["tier"]:
        fields = dict(row)
        minimum = parse_money(fields.pop("minimum_assets")).minor
        work.add(
            Tier(
                **fields,
                minimum_assets_minor=minimum,
                valid_from=table["valid_from"],
                source=table["source"],
            )
        )


def _rules(work: UnitOfWork) -> None:
    table = load_toml("rules.toml")
    for row in table["rule"]:
        work.add(FollowupRule(**row, valid_from=table["valid_from"], source=table["source"]))


def _products(work: UnitOfWork) -> None:
    table = load_toml("products.toml")
    for row in table["product"]:
        fields: dict[str, Any] = dict(row)
        minimum = parse_money(fields.pop("minimum", "0")).minor
        work.add(Product(**fields, minimum_minor=minimum, source=table["source"]))
