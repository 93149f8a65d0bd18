"""Opens the app on a measured branch, on the day of the branch and without a question."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from benchmarks.branches import DAY, clock_on, open_branch
from deskcrm.launch import run_app

if __name__ == "__main__":
    home = Path(sys.argv[1])
    sys.exit(run_app(home, clock=clock_on(DAY), open_at_once=partial(open_branch, home)))
