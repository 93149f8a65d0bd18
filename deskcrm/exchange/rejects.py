"""The rejects file: rejected rows as they came, with line, column, reason and raw value.

CSV in UTF-8 with a byte order mark, which spreadsheets need. The original columns come first and
under their own titles, so that the file can be corrected and imported again; the columns added are
known by their titles and left alone then.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TextIO

from deskcrm.exchange.columns import Reject
from deskcrm.i18n import N_, translate

ADDED_TITLES = (N_("Source line"), N_("Problem column"), N_("Problem"), N_("Problem value"))
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_AMOUNT_CHARACTERS = frozenset("+-0123456789.,%() ")


class RejectsWriter:
    """Writes rejects as they come; the file is made with the first one.

    Use it as a context manager; ``count`` is the number of rows written.
    """

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self.path = path
        self.count = 0
        self._header = header
        self._file: TextIO | None = None

    def __enter__(self) -> RejectsWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()

    def write(self, rejects: Sequence[Reject]) -> None:
        """Append ``rejects``, one row each; several problems of a row are parted by ``; ``."""
        if not rejects:
            return
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._file).writerow([*self._header, *map(translate, ADDED_TITLES)])
        csv.writer(self._file).writerows(map(self._row, rejects))
        self.count += len(rejects)

    def _row(self, reject: Reject) -> list[str]:
        # A row too short or too long keeps the added columns in their places.
        width = len(self._header)
        cells = [*reject.cells[:width], *[""] * (width - len(reject.cells))]
        surplus = " | ".join(reject.cells[width:])
        raw = "; ".join(filter(None, (*(error.raw for error in reject.errors), surplus)))
        titles = "; ".join(error.title for error in reject.errors if error.title)
        reasons = "; ".join(str(error.reason) for error in reject.errors)
        return [defused(cell) for cell in (*cells, str(reject.line), titles, reasons, raw)]


def defused(cell: str) -> str:
    """A cell that a spreadsheet does not run as a formula: an apostrophe goes before it.

    Signed numbers stay as they are.
    """
    if cell.startswith(_FORMULA_STARTS) and not _AMOUNT_CHARACTERS.issuperset(cell):
        return "'" + cell
    return cell
