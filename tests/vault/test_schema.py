"""The migrations lead to exactly the schema that the models describe."""

from __future__ import annotations

import re

from sqlalchemy import text

from tests.desks import TestBranch
from tools.schema import statements


def normal(sql: str) -> str:
    return re.sub(r"\s+", " ", sql.rstrip(";").replace('"', "")).strip()


def test_the_migrations_lead_to_the_schema_of_the_models(branch: TestBranch) -> None:
    with branch.vault.engine.connect() as connection:
        rows = connection.scalars(
            text(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('table', 'index')"
                " AND name NOT LIKE 'search\\_name%' ESCAPE '\\'"
                " AND name NOT LIKE 'search\\_number%' ESCAPE '\\'"
            )
        )
        found = {normal(row) for row in rows}
    assert found == {normal(row) for row in statements()}
