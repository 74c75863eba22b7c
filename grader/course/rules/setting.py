"""The retry settings of a scenario, with the pauses that were observed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.course.kit.failures import Mistake
from grader.course.kit.world import Scenario
from grader.trace import Retry, Trace

__all__ = ["Model", "Setting", "options_of"]


def options_of(scenario: Scenario) -> tuple[int, float, float]:
    """The attempts, delay (seconds) and backoff of a scenario, or their defaults."""
    given = scenario.options
    return given.get("attempts", 4), given.get("delay", 0.03), given.get("backoff", 2.0)


@dataclass(frozen=True)
class Setting:
    """A scenario's settings, and the observed pauses of each item in order of time.

    equal: whether all its items are equal.
    """

    delay: float
    backoff: float
    jitter: float
    pauses: dict[int, list[Retry]]
    equal: bool = False

    def clean(self, number: int) -> float:
        return self.delay * self.backoff ** (number - 1)

    def all(self) -> list[Retry]:
        return [retry for retries in self.pauses.values() for retry in retries]

    def by_task(self) -> list[list[Retry]]:
        """The pauses of each consumer, in order of time."""
        found: dict[int, list[Retry]] = {}
        for retry in sorted(self.all(), key=lambda one: one.start):
            found.setdefault(retry.task, []).append(retry)
        return list(found.values())


Model = tuple[Mistake, Callable[[Trace, Setting], bool], str]
"""A known mistake, the function that recognises it, and words for it."""
