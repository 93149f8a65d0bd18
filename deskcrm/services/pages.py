"""The one way to page a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows ``offset`` to ``offset + len(rows)`` of a list; ``more`` says that others follow."""

    rows: tuple[Row, ...]
    offset: int = 0
    more: bool = False


def page_of(rows: Sequence[Row], offset: int, limit: int) -> Page[Row]:
    """A page from the result of a statement that asked for one row more than ``limit``."""
    return Page(tuple(rows[:limit]), offset, len(rows) > limit)
