"""Write data/lunar.json from sxtwl: python tools/make_lunar_table.py [DATE OF THE RUN]

Development only; the program reads the table and needs no lunar package.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

import sxtwl

FIRST_YEAR, LAST_YEAR = 1900, 2100
TABLE = Path(__file__).resolve().parent.parent / "data" / "lunar.json"


def year_code(year: int) -> int:
    """Leap month (0: none) in the bits from 13 up; bit i is set when the i-th month has 30 days."""
    leap = sxtwl.getRunMonth(year)
    months = [(month, False) for month in range(1, 13)]
    if leap:
        months.insert(leap, (leap, True))
    long = sum(
        1 << index
        for index, (month, is_leap) in enumerate(months)
        if sxtwl.getLunarMonthNum(year, month, is_leap) == 30
    )
    return leap << 13 | long


def new_year(year: int) -> date:
    day = sxtwl.fromLunar(year, 1, 1, False)
    return date(day.getSolarYear(), day.getSolarMonth(), day.getSolarDay())


def main() -> None:
    table = {
        "source": f"sxtwl {version('sxtwl')} (astronomical, GB/T 33661-2017)",
        "date": sys.argv[1] if len(sys.argv) > 1 else date.today().isoformat(),  # noqa: DTZ011
        "note": "years: leap month * 8192 + bit i set when the i-th month of the year has 30 days",
        "first_year": FIRST_YEAR,
        "first_new_year": new_year(FIRST_YEAR).isoformat(),
        "years": [year_code(year) for year in range(FIRST_YEAR, LAST_YEAR + 1)],
    }
    lines = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in table.items())
    TABLE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
