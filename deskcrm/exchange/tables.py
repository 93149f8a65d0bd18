"""One table over a text file or a spreadsheet: titles, and rows of text with their line numbers.

A table is read as a stream, so its size does not matter; each pass over ``rows()`` opens the file
anew. All cells are text. A spreadsheet's dates become ISO dates, its numbers the digits a person
sees; a number too long for a spreadsheet to keep exactly stays in the scientific form that the
checks refuse.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from deskcrm.errors import DeskError
from deskcrm.exchange.dialect import SAMPLE_LINES, Dialect, sniff_dialect
from deskcrm.exchange.encoding import detect_encoding
from deskcrm.exchange.layout import find_layout
from deskcrm.exchange.records import Row, read_records
from deskcrm.i18n import N_

SHEET_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
LARGEST_EXACT_NUMBER = 10**15
_SHEET_SAMPLE_ROWS = 40


class UnreadableFileError(DeskError):
    """The file cannot be opened or is not what its name says."""

    code = "unreadable-file"
    message = N_("{file} cannot be read: {reason}. Nothing was imported.")


@dataclass(frozen=True)
class Table:
    """A file's table.

    ``header`` has one title a column and is empty where the file has none; ``header_line`` is its
    line, 0 without one. ``encoding`` and ``dialect`` are empty for a spreadsheet, ``sheet`` for a
    text file.
    """

    path: Path
    header: tuple[str, ...]
    header_line: int
    width: int
    preamble: tuple[Row, ...]
    encoding: str = ""
    dialect: Dialect | None = None
    sheet: str = ""
    _records: Callable[[], Iterator[Row]] = field(default=lambda: iter(()), repr=False)

    @property
    def is_sheet(self) -> bool:
        """Whether it comes from a spreadsheet, where a bare number may be a date."""
        return bool(self.sheet)

    def rows(self, repeated_header: bool = False) -> Iterator[Row]:
        """The data rows. A row that could not be mended has another number of cells than ``width``.

        A header repeated between the rows, as in exports put together page by page, is left out
        unless asked for.
        """
        first = self.header_line or (self.preamble[-1][0] if self.preamble else 0)
        header = list(self.header)
        for row in self._records():
            if row[0] <= first or (row[1] == header and not repeated_header):
                continue
            yield row


def open_table(
    path: Path,
    encoding: str | None = None,
    is_title: Callable[[str], bool] | None = None,
    fallback_encoding: str | None = None,
    delimiter: str = "",
) -> Table:
    """The table of ``path``: a spreadsheet by its suffix, delimited text otherwise.

    What is not given, an encoding and a delimiter, is found; ``is_title`` helps to find the header
    (see ``find_layout``).

    Raises ``UnreadableFileError`` and the errors of ``detect_encoding``.
    """
    try:
        if path.suffix.lower() in SHEET_SUFFIXES:
            return _open_sheet(path, is_title)
        found = detect_encoding(path, encoding, fallback_encoding)
        return _open_text(path, found, delimiter, is_title)
    except OSError as error:
        raise UnreadableFileError(file=path.name, reason=error.strerror or error) from error


def _open_text(
    path: Path, encoding: str, delimiter: str, is_title: Callable[[str], bool] | None
) -> Table:
    with path.open(encoding=encoding, newline="") as file:
        sample = list(itertools.islice(file, SAMPLE_LINES))
    dialect = sniff_dialect(sample, delimiter)

    layout = find_layout(list(read_records(sample, dialect)), dialect.width, is_title)
    return Table(
        path,
        layout.header,
        layout.header_line,
        len(layout.header) or dialect.width,
        layout.preamble,
        encoding=encoding,
        dialect=dialect,
        _records=partial(_text_records, path, encoding, dialect),
    )


def _text_records(path: Path, encoding: str, dialect: Dialect) -> Iterator[Row]:
    with path.open(encoding=encoding, newline="") as file:
        yield from read_records(file, dialect)


def _open_sheet(path: Path, is_title: Callable[[str], bool] | None) -> Table:
    sheet = _first_filled_sheet(path)
    if sheet is None:
        return Table(path, (), 0, 0, (), sheet=path.stem)
    # The rows of a sheet come from the very first on, its columns from the first filled one on.
    first_column = sheet.start[1]
    merged = _merged_texts(sheet)

    def records() -> Iterator[Row]:
        for row, values in enumerate(sheet.iter_rows()):
            cells = [cell_text(value) for value in values]
            for column in merged.get(row, ()):
                cells[column - first_column] = merged[row][column]
            if any(cells):
                yield row + 1, cells

    layout = find_layout(
        list(itertools.islice(records(), _SHEET_SAMPLE_ROWS)), sheet.width, is_title
    )
    return Table(
        path,
        layout.header,
        layout.header_line,
        sheet.width,
        layout.preamble,
        sheet=sheet.name,
        _records=records,
    )


def _first_filled_sheet(path: Path) -> Any | None:
    """The first sheet of a workbook that holds anything."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_path(path)
        for name in workbook.sheet_names:
            sheet = workbook.get_sheet_by_name(name)
            if sheet.start is not None:
                return sheet
    except CalamineError as error:
        raise UnreadableFileError(file=path.name, reason=error) from error
    return None


def _merged_texts(sheet: Any) -> dict[int, dict[int, str]]:
    """The text of merged cells near the top for every cell they cover: row → column → text."""
    first_column = sheet.start[1]
    top = [row for _n, row in zip(range(_SHEET_SAMPLE_ROWS), sheet.iter_rows(), strict=False)]
    texts: dict[int, dict[int, str]] = {}
    for (top_row, left), (bottom_row, right) in sheet.merged_cell_ranges or ():
        if top_row >= len(top):
            continue
        text = cell_text(top[top_row][left - first_column])
        for row in range(top_row, bottom_row + 1):
            texts.setdefault(row, {}).update(dict.fromkeys(range(left, right + 1), text))
    return texts


def cell_text(value: object) -> str:
    """A spreadsheet's cell as a person reads it; dates and times in ISO form."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _number_text(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
    return ""


def _number_text(value: float) -> str:
    if abs(value) >= LARGEST_EXACT_NUMBER:
        return f"{value:.5E}"
    return str(int(value)) if value == int(value) else repr(value)
