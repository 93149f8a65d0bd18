"""Print the schema that the models describe, as the statements of a first migration.

The migrations under ``deskcrm/vault/migrations`` are what runs; a test holds that they lead to the
schema of the models. After a change of the models write a new migration by hand.
"""

from __future__ import annotations

from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import SQLModel

import deskcrm.models


def statements() -> list[str]:
    """One statement a table and index, tables before those that refer to them."""
    dialect = sqlite.dialect()
    found = []
    for table in SQLModel.metadata.sorted_tables:
        found.append(str(CreateTable(table).compile(dialect=dialect)).strip() + ";")
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            found.append(str(CreateIndex(index).compile(dialect=dialect)).strip() + ";")
    return found


if __name__ == "__main__":
    assert deskcrm.models.MODELS
    print("\n".join(line.rstrip() for text in statements() for line in text.splitlines()))
