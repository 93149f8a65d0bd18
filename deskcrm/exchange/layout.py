"""Where the table begins: lines of title and remarks above it, and the one or more header rows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from deskcrm.exchange.dialect import typed_share
from deskcrm.exchange.records import Row

MOST_PREAMBLE_ROWS = 30
MOST_HEADER_ROWS = 4
_SAMPLE_ROWS = 12


@dataclass(frozen=True, slots=True)
class Layout:
    """``header_line`` is the line of the (last) header row, 0 without one; data follows it.

    ``preamble`` are the rows above, kept to be shown, because they may say what the file is.
    """

    header: tuple[str, ...]
    header_line: int
    preamble: tuple[Row, ...] = ()


def find_layout(
    rows: Sequence[Row],
    width: int,
    is_title: Callable[[str], bool] | None = None,
    merged_cells: bool = False,
) -> Layout:
    """The layout of a table from its first rows.

    With ``is_title``, which knows the titles of the fields that may come, the row with most known
    titles is the header. Otherwise rows much narrower than the table are preamble, and the rows
    without any number or date that follow are the header, where the data has numbers or dates.
    ``merged_cells`` says that a title over several rows is in each of them.
    """
    if is_title is not None:
        known = _known_header(rows, is_title)
        if known is not None:
            line, cells = rows[known]
            return Layout(_titles([cells], width), line, tuple(rows[:known]))
    start = _first_full_row(rows, width)
    body = rows[start:]
    typed = [typed_share(cells) for _line, cells in body[:_SAMPLE_ROWS]]
    has_typed_data = bool(typed) and median(typed) > 0
    header: list[Row] = []
    for row, share in zip(body[:MOST_HEADER_ROWS], typed, strict=False):
        if share > 0 or (header and not has_typed_data):
            break
        header.append(row)
    if not header:
        return Layout((), 0, tuple(rows[:start]))
    titles = _titles([cells for _line, cells in header], width, merged_cells)
    return Layout(titles, header[-1][0], tuple(rows[:start]))


def _known_header(rows: Sequence[Row], is_title: Callable[[str], bool]) -> int | None:
    """The index of the row of which at least half the cells are known titles."""
    best, best_count = None, 1
    for index, (_line, cells) in enumerate(rows[:MOST_PREAMBLE_ROWS]):
        filled = [cell for cell in cells if cell.strip()]
        count = sum(map(is_title, filled))
        if count > best_count and 2 * count >= len(filled):
            best, best_count = index, count
    return best


def _first_full_row(rows: Sequence[Row], width: int) -> int:
    """The index of the first row with more than a third of the table's cells filled differently."""
    enough = max(1, width // 3)
    for index, (_line, cells) in enumerate(rows[:MOST_PREAMBLE_ROWS]):
        if len({cell.strip() for cell in cells} - {""}) > enough:
            return index
    return 0


def _titles(
    header: Sequence[Sequence[str]], width: int, merged_cells: bool = False
) -> tuple[str, ...]:
    """One title a column; the parts in several header rows are joined."""
    columns = itertools.zip_longest(*header, fillvalue="")
    if len(header) == 1:
        titles = [parts[0].strip() for parts in columns]
    else:
        cleaned = [[part.strip() for part in parts if part.strip()] for parts in columns]
        titles = [" ".join(dict.fromkeys(parts) if merged_cells else parts) for parts in cleaned]
    while len(titles) > width and not titles[-1]:
        titles.pop()
    return (*titles, *[""] * (width - len(titles)))
