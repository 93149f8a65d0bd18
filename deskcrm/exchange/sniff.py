"""What a file looks like before anything is imported; needs no vault."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from deskcrm.exchange.mapping import best_kind, is_known_title, suggest_mapping
from deskcrm.exchange.records import Row
from deskcrm.exchange.tables import Table, open_table


def sniff_file(path: Path, encoding: str | None = None, rows: bool = False) -> dict[str, Any]:
    """How ``path`` would be read, as ``import sniff`` prints it.

    ``encoding``, ``delimiter`` and ``quote`` are empty for a spreadsheet; ``header_row`` is a line
    counted from 1, 0 without a header; ``mapping`` has target field → column title for the kind of
    record whose fields fit best. With ``rows`` also all rows, the header first, up to where a
    second table begins.
    """
    table = open_table(path, encoding, is_known_title, fallback_encoding="latin-1")
    kind = best_kind(table.header)
    suggested = suggest_mapping(kind, table.header) if kind else None
    found: dict[str, Any] = {
        "encoding": table.encoding,
        "delimiter": table.dialect.delimiter if table.dialect else "",
        "quote": table.dialect.quote if table.dialect else "",
        "header_row": table.header_line,
        "columns": list(table.header),
        "mapping": suggested.titles() if suggested else {},
    }
    if rows:
        found["rows"] = _first_table(table)
    return found


def _first_table(table: Table) -> list[list[str]]:
    """The header, if there is one, and the rows up to a second table's header."""
    titles = {title.strip() for title in table.header} - {""}
    found = [list(table.header)] if table.header else []
    for row in table.rows(repeated_header=True):
        if _starts_another_table(row, titles):
            break
        found.append(row[1])
    return found


def _starts_another_table(row: Row, titles: set[str]) -> bool:
    """Whether a row repeats most titles of the header."""
    repeated = titles.intersection(cell.strip() for cell in row[1])
    return len(titles) > 1 and len(repeated) >= 0.8 * len(titles)
