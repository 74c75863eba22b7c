"""The pipeline with a service whose tries take unequal time, and what one run of it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.course.api import SAME_TIME, Own, Pipeline, Plan, Rule, Trace, Try, World

__all__ = ["SLACK", "Run", "Runs", "Weather"]

SLACK = 1.5 * SAME_TIME
"""Seconds: what the difference of two times may be off by."""


@dataclass(frozen=True)
class Weather(Pipeline):
    """`Pipeline`, with tries that take another time than their jobs say.

    lasting: rows of an item's place, the number of a try, and the seconds that it takes.
    """

    lasting: tuple[tuple[int, int, float], ...] = ()

    def play(self, world: World) -> None:
        """As the lesson's, with these times."""
        items = world.items(job.item for job in self.jobs)
        service = world.service(
            "process_item",
            [Plan(job.seconds, job.fails, job.error) for job in self.jobs],
            *(Rule((place,), n, n, seconds=seconds) for place, n, seconds in self.lasting),
            failing=Own("TransientError"),
        )
        for some in self.calls:
            source = world.source(items[some.start : some.stop], lazy=self.lazy)
            world.call("run_pipeline", source, service, options=self.said)
        world.until_returned(hands=self.consumers * len(self.calls))

    @property
    def calls(self) -> tuple[range, ...]:
        """The places of the items of each call."""
        first, count = len(self.jobs) - self.beside, len(self.jobs)
        return (range(first), range(first, count)) if self.beside else (range(count),)

    @property
    def consumers(self) -> int:
        """The number of consumers of each call."""
        consumers: int = self.options["consumers"]
        return consumers

    @property
    def attempts(self) -> int:
        """The most tries of an item."""
        attempts: int = self.options["attempts"]
        return attempts

    def pause(self, number: int) -> tuple[float, float]:
        """The shortest and the longest pause, in seconds, after failed try `number`."""
        clean = self.options["delay"] * self.options["backoff"] ** (number - 1)
        return clean, clean * (1 + self.options["jitter"])


@dataclass(frozen=True)
class Run:
    """A scenario and its trace."""

    scenario: Weather
    trace: Trace

    @property
    def calls(self) -> list[tuple[range, list[Try]]]:
        """The places of each call's items, and its tries in the order of their beginnings."""
        tries = self.trace.tries
        return [(some, [t for t in tries if t.item in some]) for some in self.scenario.calls]

    def name(self, item: int) -> str:
        """The item's text, for a message."""
        return self.trace.name(item)


Runs = Sequence[Run]
