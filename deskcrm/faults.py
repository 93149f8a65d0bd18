"""What is written down when the program itself is at fault.

A trace is redacted: files, lines, functions and the types of the exceptions, but neither their
messages nor any value, because both may hold customer data. The person sees only a number that
finds the trace again.
"""

from __future__ import annotations

import os
import traceback
from datetime import datetime
from pathlib import Path

LOG_NAME = "faults.log"
KEEP_BYTES = 512 * 1024


def record_fault(error: BaseException, folder: Path | None, at: datetime) -> str:
    """Append the redacted trace to the log in ``folder`` and return the error number.

    A log that cannot be written is not an error of its own: the number is returned all the same.
    """
    number = os.urandom(3).hex().upper()
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _append(folder / LOG_NAME, f"{at.isoformat()} {number}\n{redacted_trace(error)}\n")
        except OSError:
            pass
    return number


def redacted_trace(error: BaseException) -> str:
    """Where it happened and of what type, from the first cause to the last; no values."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    lines: list[str] = []
    for part in reversed(chain):
        lines.append(f"{type(part).__module__}.{type(part).__qualname__}")
        lines += [
            f"  {Path(frame.filename).name}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(part.__traceback__)
        ]
    return "\n".join(lines)


def _append(path: Path, entry: str) -> None:
    if path.exists() and path.stat().st_size > KEEP_BYTES:
        path.replace(path.with_suffix(".old.log"))
    with path.open("a", encoding="utf-8") as file:
        file.write(entry)
