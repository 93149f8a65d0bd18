"""Style sheets that are parsed once.

Textual parses every source again whenever a screen brings a file of its own or a mode is first
shown, and once more when the theme is set at the start: some 50 ms each time.
"""

from __future__ import annotations

from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

MOST_SOURCES = 1000


class ParsedOnce(Stylesheet):
    """Keeps what was parsed for as long as the variables, which come from the theme, are the
    same."""

    def __init__(self, *, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(MOST_SOURCES)

    def set_variables(self, variables: dict[str, str]) -> None:
        if variables != self._variables:
            super().set_variables(variables)

    def reparse(self) -> None:
        self.parse()
