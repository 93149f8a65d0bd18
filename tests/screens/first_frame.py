"""Runs the app in a process of its own: up to its first frame, or in the terminal it is given."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from deskcrm.terminal import clean_environment

clean_environment()

from deskcrm import app as app_module  # noqa: E402
from deskcrm.config import Settings  # noqa: E402
from deskcrm.screens.gate import Gate  # noqa: E402

HEAVY = (
    "sqlalchemy",
    "sqlmodel",
    "sqlcipher3",
    "apscheduler",
    "keyring",
    "cryptography",
    "pypinyin",
    "typer",
)


def make(home: str) -> app_module.DeskApp:
    return app_module.DeskApp(
        Path(home), gate=Gate(has_vault=lambda _home: True), settings=Settings(language="en")
    )


async def first_frame(home: str) -> None:
    app_module.warm_up = lambda: None
    app = make(home)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        heavy = [name for name in HEAVY if name in sys.modules]
        print(json.dumps({"screen": type(app.screen).__name__, "heavy": heavy}))  # noqa: T201


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        if sys.argv[1:] == ["run"]:
            make(folder).run()
        else:
            asyncio.run(first_frame(folder))
