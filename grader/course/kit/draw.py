"""Draws the random parts of scenarios, from the run's seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from grader.script import Item

__all__ = ["Draw"]

_T = TypeVar("_T")


class Draw:
    """A source of random values that repeats for one seed, exercise and check."""

    def __init__(self, seed: str, exercise: str = "") -> None:
        """seed: of this check; exercise: the seed of its exercise, which the checks share."""
        self._random = random.Random(seed)
        self._exercise = exercise or seed

    def shared(self, name: str) -> Draw:
        """A source that repeats for all checks of the exercise, for a scenario that they share."""
        return Draw(f"{self._exercise}/shared/{name}")

    def integer(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return self._random.randint(low, high)

    def seconds(self, low: float, high: float) -> float:
        """A time, in seconds to the microsecond, that nothing else is likely to coincide with.

        Never a whole number of milliseconds: code that reads a clock shall not find it at 0.
        """
        while True:
            value = round(self._random.uniform(low, high), 6)
            if round(value * 1e6) % 1000:
                return value

    def hours(self) -> float:
        """Nearly three hours, the longest that a wait may take: a limit of the learner's own shows."""
        return self.seconds(10_500.0, 10_700.0)

    def one_of(self, choices: Sequence[_T]) -> _T:
        """One of the choices."""
        return self._random.choice(choices)

    def some(self, choices: Sequence[_T], count: int) -> list[_T]:
        """`count` different ones of the choices, in random order."""
        return self._random.sample(list(choices), count)

    def items(self, count: int) -> list[Item]:
        """Item numbers in a row, from a random start: `[417, 418, ...]`."""
        start = self._random.randint(300, 900)
        return list(range(start, start + count))

    def shuffled(self, values: Sequence[_T]) -> list[_T]:
        """The values in random order."""
        return self._random.sample(list(values), len(values))
