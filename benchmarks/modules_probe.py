"""Runs the app until its first frame and writes down which modules were imported by then."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from textual.drivers import _writer_thread

FRAME_BYTES = 1_000
"""A first frame has more; what is written before it only sets up the terminal."""


def main(report: Path, home: str) -> None:
    """Run the app on ``home`` and leave at the first frame."""
    original = _writer_thread.WriterThread.write

    def write(self: Any, text: str) -> None:
        if len(text) >= FRAME_BYTES:
            report.write_text(json.dumps(sorted(sys.modules)), encoding="utf-8")
            os._exit(0)
        original(self, text)

    _writer_thread.WriterThread.write = write  # type: ignore[method-assign]
    sys.argv = ["deskcrm", "--home", home]
    from deskcrm.__main__ import main as start

    start()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
