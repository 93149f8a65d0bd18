"""Seeded chance, quick enough to be asked some hundred million times."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """Things to draw from, each with a weight."""

    def __init__(self, pairs: Iterable[tuple[T, float]]) -> None:
        listed = list(pairs)
        self.items = tuple(item for item, _ in listed)
        self.bounds = list(accumulate(weight for _, weight in listed))


class Dice:
    """A source of chance that gives the same throws for the same seed."""

    def __init__(self, seed: int) -> None:
        chance = Random(f"demo branch {seed}")  # noqa: S311 - invents people, guards nothing
        self.random = chance.random
        self.shuffle = chance.shuffle
        self._lognormal = chance.lognormvariate

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.random() < probability

    def between(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + int(self.random() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One of ``items``, all alike."""
        return items[int(self.random() * len(items))]

    def draw(self, table: Weighted[T]) -> T:
        """One of the items by weight."""
        return table.items[bisect_right(table.bounds, self.random() * table.bounds[-1])]

    def around(self, median: float, spread: float) -> float:
        """A positive figure with this median, skewed upwards as incomes and wealth are."""
        return median * self._lognormal(0.0, spread)

    def digits(self, count: int) -> str:
        """``count`` decimal digits."""
        return f"{int(self.random() * 10**count):0{count}d}"


class Deck(Generic[T]):
    """Things dealt out in exact shares: in a full round each one comes as often as it should."""

    def __init__(self, shares: Iterable[tuple[T, int]]) -> None:
        self._cards = [card for card, count in shares for _ in range(count)]
        self._left: list[T] = []

    def deal(self, dice: Dice) -> T:
        """The next card; a deck that is used up is shuffled anew."""
        if not self._left:
            self._left = self._cards.copy()
            dice.shuffle(self._left)
        return self._left.pop()
