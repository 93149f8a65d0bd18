"""The rows of a table checked and turned into values, column by column in batches.

A column of a batch is parsed at once; only when something in it does not pass is it gone through
row by row, to find which. A row with any error is rejected whole, with all its errors.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from itertools import compress

from deskcrm.errors import DeskError, FieldError
from deskcrm.exchange.fields import fields_of
from deskcrm.exchange.mapping import Mapping as ColumnMapping
from deskcrm.exchange.parsers import Parser, TextParser, make_parser
from deskcrm.exchange.records import Row
from deskcrm.exchange.sources import Columns, Fill, compile_source
from deskcrm.exchange.tables import Table
from deskcrm.i18n import N_
from deskcrm.rules.money import HOME_CURRENCY, CurrencyError

BATCH_ROWS = 5_000

# How a cell is read may depend on another field of its row.
_COMPANIONS = {"money": "currency", "identity": "id_type"}
_DOCUMENTS_WITH_RULE = frozenset(
    {None, "resident_id", "hk_macau_taiwan_permit", "foreign_permanent"}
)


@dataclass(frozen=True, slots=True)
class CellError:
    """Why a row was rejected: the column's title (empty for the row), the reason, the raw value."""

    title: str
    reason: DeskError
    raw: str


@dataclass(frozen=True, slots=True)
class Reject:
    """A rejected row as it was read, with every error found in it."""

    line: int
    cells: Sequence[str]
    errors: Sequence[CellError]


@dataclass(slots=True)
class Batch:
    """Good rows as columns, and the rejected ones.

    ``lines`` are the line numbers of the good rows; ``values`` has a list as long for every mapped
    field, with nothing for an empty cell; ``cells`` are the good rows as read. ``read`` counts all.
    """

    lines: Sequence[int]
    values: dict[str, Sequence[object]]
    cells: Sequence[Sequence[str]]
    rejects: list[Reject]
    read: int


@dataclass(slots=True)
class _Errors:
    """Errors of a batch by the position of the row in it."""

    by_row: dict[int, list[CellError]] = field(default_factory=dict)

    def add(self, row: int, title: str, reason: DeskError, raw: str) -> None:
        self.by_row.setdefault(row, []).append(CellError(title, reason, raw))


class RowChecker:
    """Turns the rows of a table into values.

    ``currency`` is that of amounts in rows that name none. Raises ``MissingColumnsError`` or
    ``SiblingFileError`` before the first row is read.
    """

    def __init__(
        self, table: Table, mapping: ColumnMapping, today: date, currency: str = ""
    ) -> None:
        mapping.check(table.header)
        self._table = table
        self._mapping = mapping
        self._today = today
        self._currency = currency or HOME_CURRENCY
        self._targets = fields_of(mapping.kind)
        # Companions come first.
        names = sorted(mapping.sources, key=lambda name: self._type(name) in _COMPANIONS)
        folder = table.path.parent
        self._fills: dict[str, Fill] = {
            name: compile_source(mapping.sources[name], table.header, folder) for name in names
        }
        self._parsers: dict[tuple[str, object], Parser] = {}
        self._required = [
            tuple(name for name in group if name in mapping.sources)
            for group in self._targets.required
        ]

    def batches(self, size: int = BATCH_ROWS) -> Iterator[Batch]:
        """All data rows of the table, ``size`` at a time."""
        rows = self._table.rows()
        while chunk := list(itertools.islice(rows, size)):
            yield self._check(chunk)

    def _check(self, rows: list[Row]) -> Batch:
        read, width = len(rows), self._table.width
        rejects = [_ragged(row, width) for row in rows if len(row[1]) != width]
        if rejects:
            rows = [row for row in rows if len(row[1]) == width]
        lines: Sequence[int] = [line for line, _cells in rows]
        cells: Sequence[Sequence[str]] = [row for _line, row in rows]
        errors = _Errors()
        columns = list(zip(*cells, strict=True)) if cells else [()] * width
        values = self._values(columns, len(rows), errors)
        if errors.by_row:
            bad = errors.by_row
            rejects += [Reject(lines[row], cells[row], bad[row]) for row in bad]
            rejects.sort(key=lambda reject: reject.line)
            good = [row not in bad for row in range(len(rows))]
            lines, cells = list(compress(lines, good)), list(compress(cells, good))
            values = {name: list(compress(column, good)) for name, column in values.items()}
        return Batch(lines, values, cells, rejects, read)

    def _values(self, columns: Columns, size: int, errors: _Errors) -> dict[str, Sequence[object]]:
        values: dict[str, Sequence[object]] = {}
        for name, fill in self._fills.items():
            texts = list(map(str.strip, fill(columns, size)))
            values[name] = self._parse(name, texts, values, errors)
        for group in self._required:
            self._require(group, values, errors)
        return values

    def _parse(
        self, name: str, texts: Sequence[str], values: dict[str, Sequence[object]], errors: _Errors
    ) -> Sequence[object]:
        """The values of a column; at once if it can be, else row by row."""
        companion = values.get(_COMPANIONS.get(self._type(name), ""))
        if companion is None or len(set(companion)) == 1:
            with suppress(FieldError, CurrencyError):
                return self._parser(name, companion[0] if companion else None).many(texts)
        found: list[object] = []
        for row, text in enumerate(texts):
            value = None
            try:
                if text:
                    value = self._parser(name, companion[row] if companion else None).one(text)
            except (FieldError, CurrencyError) as error:
                errors.add(row, self._title(name), error, text)
            found.append(value)
        return found

    def _parser(self, name: str, companion: object) -> Parser:
        """The parser of a field, where the row's companion field has this value."""
        found = self._parsers.get((name, companion))
        if found is None:
            target = self._targets.fields[name]
            if target.type == "identity" and companion not in _DOCUMENTS_WITH_RULE:
                found = TextParser()
            else:
                money_in = str(companion or self._currency)
                found = make_parser(target, self._today, self._table.is_sheet, money_in)
            self._parsers[name, companion] = found
        return found

    def _require(
        self, group: Sequence[str], values: dict[str, Sequence[object]], errors: _Errors
    ) -> None:
        """Add an error to each row in which all fields of the group are empty."""
        if any(None not in values[name] for name in group):
            return
        title = " / ".join(map(self._title, group))
        for row, found in enumerate(zip(*(values[name] for name in group), strict=True)):
            if all(value is None for value in found) and row not in errors.by_row:
                errors.add(row, title, FieldError(N_("This must be filled in.")), "")

    def _type(self, name: str) -> str:
        return self._targets.fields[name].type

    def _title(self, name: str) -> str:
        """The title of the column that fills a field, or what stands for it."""
        source = self._mapping.sources[name]
        return source.column or ", ".join(source.columns) or name


def _ragged(row: Row, width: int) -> Reject:
    line, cells = row
    reason = FieldError(
        N_("This row has {n} cells where the header has {width}."), n=len(cells), width=width
    )
    return Reject(line, cells, [CellError("", reason, "")])
