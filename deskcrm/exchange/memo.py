"""Remembering what recurring texts mean, so that each is worked out once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

LIMIT = 100_000  # a day has 86,400 seconds


class Memo(dict[str, T], Generic[T]):
    """A function of texts as a mapping: ``memo[text]`` is worked out once.

    What raises is not remembered. Emptied when it has grown to ``LIMIT`` texts, so that a column
    without repetition costs no memory.
    """

    def __init__(self, work_out: Callable[[str], T]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, text: str) -> T:
        value = self._work_out(text)
        if len(self) >= LIMIT:
            self.clear()
        self[text] = value
        return value
