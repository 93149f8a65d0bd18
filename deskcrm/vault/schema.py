"""The migrations of the database, in order. The schema version is the number of them that ran."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

APPLICATION_ID = 0x44435231
"""Marks a file as ours ("DCR1") in SQLite's header."""

Migration = Callable[[Any], None]

_FOLDER = Path(__file__).parent / "migrations"


def _script(path: Path) -> Migration:
    def run(connection: Any) -> None:
        for statement in split_statements(path.read_text(encoding="utf-8")):
            connection.execute(statement)

    run.__name__ = path.stem
    return run


def split_statements(script: str) -> Iterator[str]:
    """The statements of an SQL script; a trigger's body stays in one piece."""
    gathered = ""
    for line in script.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered
            gathered = ""
    if gathered.strip():
        raise ValueError("the script ends in the middle of a statement")


MIGRATIONS: tuple[Migration, ...] = tuple(_script(path) for path in sorted(_FOLDER.glob("*.sql")))
