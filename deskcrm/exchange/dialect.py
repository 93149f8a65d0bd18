"""How a delimited text file is written: delimiter, quote, escape and number of columns.

Every plausible combination reads a sample of the file, and the one that makes the best table wins:
rows of one width, cells that look like numbers and dates, no remains of quotes in the cells.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

SAMPLE_LINES = 400

# How far a delimiter is believed at equal evidence; a blank also separates words.
DELIMITERS = {",": 1.0, ";": 0.99, "\t": 0.99, "|": 0.98, "，": 0.9, " ": 0.55}
QUOTES = {'"': 1.0, "'": 0.97}
ESCAPES = {None: 1.0, "\\": 0.985}
SPACE_AFTER = {False: 1.0, True: 0.999}

_NUMBER = re.compile(r"[\s(]*[-+¥￥$€£]?\s*\d[\d,]*(?:\.\d+)?\s*[%)]?")
_DATE = re.compile(r"\d{1,4}[-/.年:]\d{1,2}(?:[-/.月:]\d{1,4}日?)?")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How rows are written; ``width`` is the number of cells that most rows have."""

    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None
    space_after: bool = False
    width: int = 1

    def reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """The standard reader for this dialect."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape,
            doublequote=self.escape is None,
            skipinitialspace=self.space_after,
        )


def looks_typed(cell: str) -> bool:
    """Whether a cell holds a number, amount, date or time, as data does and titles do not."""
    text = cell.strip()
    return bool(_NUMBER.fullmatch(text) or _DATE.match(text))


def typed_share(cells: Sequence[str]) -> float:
    """The share of cells that look like data."""
    return sum(map(looks_typed, cells)) / len(cells) if cells else 0.0


def sniff_dialect(sample: Sequence[str], delimiter: str = "") -> Dialect:
    """The dialect that makes the best table of the sample's lines (each with its line end).

    A ``delimiter`` that is given is not looked for.
    """
    lines = [line for line in sample[:SAMPLE_LINES] if line.strip()]
    best, best_score = Dialect(delimiter or ","), 0.0
    for candidate in _candidates("".join(lines), delimiter):
        score, width = _judge(candidate, lines)
        score *= _belief(candidate)
        if score > best_score + 1e-9:
            best_score = score
            best = replace(candidate, width=width)
    return best


def _candidates(text: str, delimiter: str) -> Iterator[Dialect]:
    """All dialects of which the characters occur in ``text``, or those with one delimiter."""
    delimiters = [delimiter or ","]
    if not delimiter:
        delimiters = [mark for mark in DELIMITERS if mark in text] or delimiters
    quotes = [mark for mark in QUOTES if mark in text] or ['"']
    escapes = [mark for mark in ESCAPES if mark is None or mark in text]
    for mark, quote, escape in itertools.product(delimiters, quotes, escapes):
        yield Dialect(mark, quote, escape)
        if mark == "," and ", " in text:
            yield Dialect(mark, quote, escape, space_after=True)


def _belief(dialect: Dialect) -> float:
    return (
        DELIMITERS.get(dialect.delimiter, 1.0)
        * QUOTES[dialect.quote]
        * ESCAPES[dialect.escape]
        * SPACE_AFTER[dialect.space_after]
    )


def _judge(dialect: Dialect, lines: Sequence[str]) -> tuple[float, int]:
    """How good a table the dialect makes of ``lines`` (0…1.35), and its width.

    A wrong quote swallows lines, so fewer rows than lines speak against it.
    """
    if not lines:
        return 0.0, 0
    rows = _read(dialect, lines)
    not_swallowed = min(1.0, len(rows) / len(lines) + 0.1)
    if len(rows) < len(lines) / 2:
        # One stray quote may hide a good table.
        rows = [row for line in lines for row in _read(dialect, [line])]
        not_swallowed = max(not_swallowed, 0.8)
    if not rows:
        return 0.0, 0
    width, agreeing = Counter(map(len, rows)).most_common(1)[0]
    if width < 2:
        return 0.0, 1
    cells = [cell for row in rows if len(row) == width for cell in row]
    same_width = agreeing / len(rows)
    remains = sum(_has_remains(cell, dialect) for cell in cells) / len(cells)
    score = same_width * not_swallowed * (0.35 + typed_share(cells)) * max(0.0, 1 - 5 * remains)
    return score, width


def _read(dialect: Dialect, lines: Sequence[str]) -> list[list[str]]:
    """The rows that hold anything; none where a quote swallows more than the reader takes."""
    try:
        return [row for row in dialect.reader(lines) if any(cell.strip() for cell in row)]
    except csv.Error:
        return []


def _has_remains(cell: str, dialect: Dialect) -> bool:
    """Whether a cell shows that the dialect is wrong: a blank before it, quotes left in it."""
    if cell[:1] == " " or (cell[-1:] in "'\"" and cell[:1] not in "'\""):
        return bool(cell)
    if dialect.escape is None:
        return '\\"' in cell or (dialect.quote == "'" and "\\'" in cell)
    return False
