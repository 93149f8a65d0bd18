"""``deskcrm`` and ``python -m deskcrm``."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, or open the app when there is no command."""
    from deskcrm.cli import run
    from deskcrm.vault.files import harden_process

    harden_process()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
