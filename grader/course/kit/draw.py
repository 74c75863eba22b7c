"""Draws the random parts of scenarios, from the run's seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

from grader.course.kit.ranges import NEARLY_LONGEST
from grader.script import Item

__all__ = ["Draw"]

_T = TypeVar("_T")


class Draw:
    """A source of random values that is reproducible per seed, exercise and check."""

    def __init__(self, seed: str, exercise: str = "") -> None:
        """seed: the seed of this check; exercise: the seed shared by all checks of its exercise."""
        self._random = random.Random(seed)
        self._exercise = exercise or seed

    def shared(self, name: str) -> Draw:
        """A source that is the same in all checks of the exercise, for scenarios that they share."""
        return Draw(f"{self._exercise}/shared/{name}")

    def integer(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both inclusive."""
        return self._random.randint(low, high)

    def seconds(self, low: float, high: float) -> float:
        """A time in seconds, rounded to microseconds, that is unlikely to coincide with any other.

        Never a whole number of milliseconds, so that a clock's fraction is never read as 0.
        """
        while True:
            value = round(self._random.uniform(low, high), 6)
            if round(value * 1e6) % 1000:
                return value

    def hours(self) -> float:
        """Nearly three hours, in seconds: the longest wait of all, to expose limits in learners' code."""
        return self.seconds(*NEARLY_LONGEST)

    def grows_to_hours(self, factor: float) -> float:
        """A delay in seconds that, `factor` times as long, is nearly three hours."""
        low, high = NEARLY_LONGEST
        return self.seconds(low / factor, high / factor)

    def one_of(self, choices: Sequence[_T]) -> _T:
        """One of the choices."""
        return self._random.choice(choices)

    def some(self, choices: Sequence[_T], count: int) -> list[_T]:
        """`count` distinct choices, in random order."""
        return self._random.sample(list(choices), count)

    def items(self, count: int) -> list[Item]:
        """Consecutive item numbers from a random start: `[417, 418, ...]`."""
        start = self._random.randint(300, 900)
        return list(range(start, start + count))

    def shuffled(self, values: Sequence[_T]) -> list[_T]:
        """The values in random order."""
        return self._random.sample(list(values), len(values))
