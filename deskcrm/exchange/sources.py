"""The text of each field out of the columns of a file, a whole batch at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from deskcrm.errors import DeskError
from deskcrm.exchange.mapping import LOOKUP, PLACEHOLDER, Lookup, Source
from deskcrm.exchange.memo import Memo
from deskcrm.exchange.tables import open_table
from deskcrm.i18n import N_

Columns = Sequence[Sequence[str]]
Fill = Callable[[Columns, int], Sequence[str]]
"""Columns of a batch and the number of its rows → the field's texts, one a row."""


class SiblingFileError(DeskError):
    """A file that a profile looks things up in is not there or has other columns."""

    code = "sibling-file"
    message = N_(
        "The profile also needs the file {file} with the columns {columns}, beside the imported "
        "one. Nothing was imported."
    )


def compile_source(source: Source, header: Sequence[str], folder: Path) -> Fill:
    """How to fill a field from batches of columns titled ``header``.

    Sibling files are read from ``folder`` now. Raises ``SiblingFileError``.
    """
    fill = _column_fill(source, header, folder)
    if source.rewrites or source.words:
        return _rewriting(fill, source)
    return fill


def _column_fill(source: Source, header: Sequence[str], folder: Path) -> Fill:
    if source.column:
        index = header.index(source.column)
        return lambda columns, _size: columns[index]
    named = PLACEHOLDER.findall(source.template)
    if not named:
        constant = source.template
        return lambda _columns, size: [constant] * size
    parts = [_part(name, source.lookup, header, folder) for name in named]
    if source.template == "{" + named[0] + "}":
        return parts[0]
    # Percent signs, because they are formatted at once by C code.
    pattern = PLACEHOLDER.sub("%s", source.template.replace("%", "%%"))

    def fill(columns: Columns, size: int) -> list[str]:
        rows = zip(*(part(columns, size) for part in parts), strict=True)
        return [pattern % row if any(row) else "" for row in rows]

    return fill


def _part(name: str, lookup: Lookup | None, header: Sequence[str], folder: Path) -> Fill:
    if name == LOOKUP and lookup is not None:
        found = read_lookup(lookup, folder)
        by = header.index(lookup.by)
        return lambda columns, _size: [found.get(key, "") for key in columns[by]]
    index = header.index(name)
    return lambda columns, _size: columns[index]


def _rewriting(fill: Fill, source: Source) -> Fill:
    patterns = [(re.compile(pattern), replacement) for pattern, replacement in source.rewrites]
    words = source.words

    def rewritten(text: str) -> str:
        for pattern, replacement in patterns:
            text = pattern.sub(replacement, text)
        return words.get(text, text)

    known = Memo(rewritten)
    return lambda columns, size: list(map(known.__getitem__, fill(columns, size)))


def read_lookup(lookup: Lookup, folder: Path) -> dict[str, str]:
    """Key → value of a sibling file; several values of one key are joined with a blank."""
    path = folder / lookup.file
    needed = [lookup.key, *PLACEHOLDER.findall(lookup.value), *(name for name, _ in lookup.where)]
    if not path.is_file():
        raise SiblingFileError(file=lookup.file, columns=", ".join(needed))
    table = open_table(path)
    if not set(needed) <= set(table.header):
        raise SiblingFileError(file=lookup.file, columns=", ".join(needed))
    # The value of a row is a one-row batch of the template's columns.
    fill = compile_source(Source(template=lookup.value), table.header, folder)
    found: dict[str, list[str]] = {}
    for _line, cells in table.rows():
        row = dict(zip(table.header, cells, strict=False))
        if len(cells) == table.width and all(row[name] == text for name, text in lookup.where):
            value = fill([[cell] for cell in cells], 1)[0]
            found.setdefault(row[lookup.key], []).append(value)
    return {key: " ".join(values) for key, values in found.items()}
