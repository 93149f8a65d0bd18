"""Runs a program until its first frame and writes down the CPU and the modules it took.

python -m benchmarks.first_frame_probe REPORT bare
python -m benchmarks.first_frame_probe REPORT HOME
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

FRAME_BYTES = 200
"""A first frame has more; what is written before it only sets up the terminal."""


def main(report: Path, program: str) -> None:
    """Start ``bare`` or the app on a vault folder, and leave when its first frame is written."""
    from textual.drivers import _writer_thread

    original = _writer_thread.WriterThread.write

    def write(self: Any, text: str) -> None:
        if len(text) >= FRAME_BYTES and "\x1b[" in text:
            content = {"cpu": time.process_time(), "modules": sorted(sys.modules)}
            report.with_suffix(".tmp").write_text(json.dumps(content), encoding="utf-8")
            report.with_suffix(".tmp").rename(report)
            os._exit(0)
        original(self, text)

    _writer_thread.WriterThread.write = write  # type: ignore[method-assign]
    if program == "bare":
        from benchmarks.bare_app import BareApp

        BareApp().run()
        return
    sys.argv = ["deskcrm", "--home", program]
    from deskcrm.__main__ import main as start

    start()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
