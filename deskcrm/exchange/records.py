"""Rows out of delimited text, one at a time, with exact line numbers and broken rows mended.

The standard reader does the work. Where a row has the wrong width, or its quotes do not add up,
its physical lines are read again by more tolerant rules; the first rule that gives the right width
wins. A row that nothing mends is handed on as it is, with the wrong number of cells.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from deskcrm.exchange.dialect import DELIMITERS, Dialect

Row = tuple[int, list[str]]
"""The line a row starts on, counted from 1, and its cells."""


def read_records(lines: Iterable[str], dialect: Dialect, first_line: int = 1) -> Iterator[Row]:
    """Rows of ``lines`` (each with its line end), without the empty ones.

    Nothing but the row in hand is kept. A quote that never closes swallows at most the standard
    reader's field limit before the lines are read again one by one.
    """
    pending: list[str] = []
    reader = dialect.reader(_remember(lines, pending))
    well_formed = _well_formed(dialect).fullmatch
    width, quote = dialect.width, dialect.quote
    blank = dialect.delimiter + quote + " \t\r\n"
    line = first_line
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error:
            cells = []
        if len(pending) == 1:
            text = pending[0]
            if text.strip(blank):
                if len(cells) != width or (quote in text and not well_formed(text)):
                    cells = _mend(text.rstrip("\r\n"), dialect, cells)
                yield line, cells
            line += 1
        else:
            yield from _several_lines(line, pending, cells, dialect)
            line += len(pending)
        pending.clear()


def _remember(lines: Iterable[str], pending: list[str]) -> Iterator[str]:
    for line in lines:
        pending.append(line)
        yield line


def _several_lines(
    line: int, lines: Sequence[str], cells: list[str], dialect: Dialect
) -> Iterator[Row]:
    """A row with line breaks in a cell, or the lines that a stray quote ran together."""
    if (
        cells
        and _well_formed(dialect).fullmatch("".join(lines))
        and (len(cells) == dialect.width or not _any_is_whole(lines, dialect))
    ):
        if any(cells):
            yield line, cells
        return
    for offset, text in enumerate(lines):
        if text.strip():
            yield line + offset, _mend(text.rstrip("\r\n"), dialect, None)


def _any_is_whole(lines: Sequence[str], dialect: Dialect) -> bool:
    """Whether a line among several is a whole row by itself."""
    return any(
        len(split_line(text.rstrip("\r\n"), dialect, rule)) == dialect.width
        for text in lines
        for rule in RULES
    )


def _mend(text: str, dialect: Dialect, cells: list[str] | None) -> list[str]:
    """The best reading of one line; ``cells`` is what the standard reader made of it.

    Surplus empty cells stay: dropping one would guess which column the others belong to.
    """
    readings = [split_line(text, dialect, rule) for rule in RULES]
    for reading in readings:
        if len(reading) == dialect.width:
            return reading
    if cells is not None and len(cells) == dialect.width:
        return cells
    for delimiter in DELIMITERS:
        if delimiter != dialect.delimiter and delimiter in text:
            other = Dialect(delimiter, dialect.quote, dialect.escape, width=dialect.width)
            reading = split_line(text, other, RULES[1])
            if len(reading) == dialect.width:
                return reading
    return min(readings, key=len)


RULES = ("paired", "lenient", "single")
"""How quotes inside a quoted cell are taken: doubled only; doubled, and alone where no delimiter
follows; each as it stands until one that a delimiter follows."""


@cache
def _cell_pattern(delimiter: str, quote: str, rule: str) -> re.Pattern[str]:
    d, q = re.escape(delimiter), re.escape(quote)
    end = rf"(?=[ \t]*(?:{d}|$))"
    body = {
        "paired": rf"(?:[^{q}]|{q}{q})*",
        "lenient": rf"(?:[^{q}]|{q}{q}|{q}(?![ \t]*(?:{d}|$)))*?",
        "single": rf"(?:[^{q}]|{q}(?![ \t]*(?:{d}|$)))*",
    }[rule]
    return re.compile(rf"[ \t]*{q}({body}){q}{end}[ ]*|([^{d}]*)")


def split_line(text: str, dialect: Dialect, rule: str) -> list[str]:
    """The cells of one line without its line end, read by one of ``RULES``."""
    pattern = _cell_pattern(dialect.delimiter, dialect.quote, rule)
    quote = dialect.quote
    cells: list[str] = []
    position = 0
    while True:
        found = pattern.match(text, position)
        assert found is not None
        quoted, plain = found.groups()
        if quoted is not None:
            cells.append(quoted if rule == "single" else quoted.replace(quote + quote, quote))
        elif len(plain) > 2 and plain[0] == plain[-1] == quote:
            cells.append(plain[1:-1])
        else:
            cells.append(plain.lstrip(" ") if dialect.space_after else plain)
        position = found.end()
        if position >= len(text):
            return cells
        position += 1
        if position == len(text):
            return [*cells, ""]


@cache
def _well_formed(dialect: Dialect) -> re.Pattern[str]:
    """A line of which every quote opens, closes or is doubled where it should be."""
    d, q = re.escape(dialect.delimiter), re.escape(dialect.quote)
    if dialect.escape is None:
        quoted = rf"{q}(?:[^{q}]|{q}{q})*+{q}"
    else:
        e = re.escape(dialect.escape)
        quoted = rf"{q}(?:[^{q}{e}]|{e}.)*+{q}"
    lead = " *" if dialect.space_after else ""
    cell = rf"{lead}(?:{quoted}|[^{q}{d}\r\n]*+)"
    return re.compile(rf"{cell}(?:{d}{cell})*+[\r\n]*", re.DOTALL)
