"""A line for the path of a file; the rest of a name is offered while it is typed."""

from __future__ import annotations

import os
from pathlib import Path

from textual.suggester import Suggester

from deskcrm.widgets.inputs import LineInput


class PathSuggester(Suggester):
    """Completes the last part of a path from what is in the folder; hidden names are left out."""

    def __init__(self) -> None:
        super().__init__(use_cache=False, case_sensitive=True)

    async def get_suggestion(self, value: str) -> str | None:
        folder, _, begun = value.rpartition(os.sep)
        if not folder and not value.startswith(os.sep):
            return None
        try:
            with os.scandir(Path(folder + os.sep).expanduser()) as entries:
                names = sorted(
                    entry.name + os.sep * entry.is_dir()
                    for entry in entries
                    if entry.name.startswith(begun) and not entry.name.startswith(".")
                )
        except OSError:
            return None
        return f"{folder}{os.sep}{names[0]}" if names and begun else None


class PathInput(LineInput):
    """The path of a file; right arrow takes the completion."""

    def __init__(self, value: str = "", *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(value, max_length=1_000, id=id)
        self.suggester = PathSuggester()

    @property
    def path(self) -> Path:
        """What was typed, with ``~`` for the home folder."""
        return Path(self.value.strip()).expanduser()
