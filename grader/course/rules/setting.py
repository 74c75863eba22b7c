"""What a scenario asks of retries, and the pauses that came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from grader.course.kit.failures import Mistake
from grader.course.kit.world import Scenario
from grader.trace import Retry, Trace

__all__ = ["Model", "Setting", "options_of"]


def options_of(scenario: Scenario) -> tuple[int, float, float]:
    """The attempts, the delay and the backoff that a scenario asks for."""
    given = scenario.options
    return given.get("attempts", 4), given.get("delay", 0.03), given.get("backoff", 2.0)


@dataclass(frozen=True)
class Setting:
    """What the scenario asked for, and the pauses that came, item by item (in order of time).

    equal: its items are all equal.
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
"""A known mistake, what recognises it, and words for it."""
