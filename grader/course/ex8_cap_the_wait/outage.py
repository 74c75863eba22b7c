"""What is played: consumers of a service that is down for a while, or takes its time now and then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from grader.course.api import Consume, Draw, Job, Own, Plan, Rule, Trace, Try, World

__all__ = ["DEFAULTS", "TOLD_APART", "Outage", "Runs", "asked", "by_item", "jobs", "seen_as"]

DEFAULTS: dict[str, Any] = {
    "attempts": 12,
    "delay": 0.03,
    "backoff": 2.0,
    "jitter": 0.25,
    "max_delay": 1.0,
    "deadline": 5.0,
}
COUNTS = ("consumed", "retried", "failed")
TOLD_APART = 1e-3
"""Seconds: what comes nearer to a deadline than this is not judged."""


@dataclass(frozen=True)
class Outage(Consume):
    """As `Consume`, and some tries go by rules instead of their items' plans."""

    rules: tuple[Rule, ...] = ()

    def play(self, world: World) -> None:
        """Put each item when its time comes, and start the consumers."""
        items = world.items(job.item for job in self.jobs)
        queue, counts = world.queue(), world.counts(*COUNTS)
        plans = [Plan(job.seconds, job.fails, job.error) for job in self.jobs]
        failing = Own("TransientError")
        service = world.service("process_item", plans, *self.rules, failing=failing)
        for place, job in zip(items, self.jobs, strict=True):
            world.put(queue, place, job.at)
        for number, name in enumerate(self.names):
            start = self.starts[number] if self.starts else 0.0
            given = name, queue, service, counts
            world.call("consumer", *given, options=self.said, at=start, task=name)
        if self.cancel is not None:
            world.cancel(at=self.cancel)
        world.until_quiet()


Runs = Sequence[tuple[Outage, Trace]]


def asked(**options: Any) -> dict[str, Any]:
    """All options, some of them other than by default."""
    return {**DEFAULTS, **options}


def jobs(
    draw: Draw, fails: Sequence[int], low: float = 0.05, high: float = 0.12
) -> tuple[Job, ...]:
    """One job for each number of failing tries, each with a duration of its own."""
    named = draw.items(len(fails))
    return tuple(
        Job(item, draw.seconds(low, high), n) for item, n in zip(named, fails, strict=True)
    )


def seen_as(scenario: Outage, **options: Any) -> Outage:
    """The scenario as rules of the lesson's know it, which have no ceiling and no deadline."""
    return replace(scenario, options={**scenario.options, **options})


def by_item(trace: Trace) -> list[list[Try]]:
    """The tries of each item that was begun, in the order in which they were."""
    items = dict.fromkeys(one.item for one in trace.tries)
    return [trace.tries_of(item) for item in items]
