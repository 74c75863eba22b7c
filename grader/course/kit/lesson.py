"""The two scenarios of the lesson: the whole pipeline, and consumers alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from grader.course.kit.world import Scenario, World
from grader.script import Item, Own, Plan, Ref

__all__ = ["Consume", "Job", "Pipeline"]

FAILING = Own("TransientError")
COUNTS = ("consumed", "retried", "failed")


@dataclass(frozen=True)
class Job:
    """One item, and what the service does with it.

    item: the item that the learner's code receives (never None; two equal items are two items).
    seconds, fails, error: as in a `grader.script.Plan`; failing tries raise a `TransientError`.
    at: when the item is put into the queue, in virtual seconds (`Consume` only).
    """

    item: Item
    seconds: float = 0.05
    fails: int = 0
    error: str | None = None
    at: float = 0.0


@dataclass(frozen=True)
class Pipeline(Scenario):
    """Call `run_pipeline(items, service, **options)` once, or twice at the same time.

    lazy: the items come from a generator, else from an iterable object.
    beside: the number of jobs, at the end, that go to a second call at the same time, with the options
        in `differently`; the result is then a list of both results.
    """

    jobs: tuple[Job, ...]
    options: Mapping[str, Any] = field(default_factory=dict)
    lazy: bool = True
    beside: int = 0
    differently: Mapping[str, Any] = field(default_factory=dict)
    unsaid: frozenset[str] = frozenset()
    brief: bool = False

    @property
    def runs(self) -> list[tuple[range, Mapping[str, Any]]]:
        """The places of the jobs of each call, and its options."""
        first, count = len(self.jobs) - self.beside, len(self.jobs)
        if not self.beside:
            return [(range(count), self.options)]
        return [
            (range(first), self.options),
            (range(first, count), {**self.options, **self.differently}),
        ]

    def apart(self) -> list[Pipeline]:
        """Each of the two calls as a scenario of its own."""
        return [
            replace(self, jobs=self.jobs[some.start : some.stop], options=options, beside=0)
            for some, options in self.runs
        ]

    def play(self, world: World) -> None:
        """Call the pipeline on all items, or twice, on the first items and on the last `beside`."""
        signature = world.signature("run_pipeline")
        items, hands = world.items(job.item for job in self.jobs), 0
        service = _service(world, self.jobs, signature.names[1:2])
        for some, options in self.runs:
            source = world.source(items[some.start : some.stop], lazy=self.lazy)
            said = {name: value for name, value in options.items() if name not in self.unsaid}
            world.call("run_pipeline", source, service, options=said)
            hands += options.get("consumers", signature.defaults.get("consumers", 1))
        world.until_returned(hands=hands)


@dataclass(frozen=True)
class Consume(Scenario):
    """Start one `consumer(name, q, service, stats, **options)` per name on one queue.

    The scenario ends when nothing moves any more. `starts` are the consumers' starting times in virtual
    seconds (all 0 if empty); `cancel` is when all are cancelled (None: once all is quiet).
    """

    jobs: tuple[Job, ...]
    names: tuple[str, ...] = ("C1",)
    options: Mapping[str, Any] = field(default_factory=dict)
    starts: tuple[float, ...] = ()
    cancel: float | None = None
    unsaid: frozenset[str] = frozenset()
    brief: bool = False

    def play(self, world: World) -> None:
        """Put each item and start each consumer at its time."""
        items = world.items(job.item for job in self.jobs)
        queue, counts = world.queue(), world.counts(*COUNTS)
        service = _service(world, self.jobs, world.signature("consumer").names[2:3])
        for place, job in zip(items, self.jobs, strict=True):
            world.put(queue, place, job.at)
        for number, name in enumerate(self.names):
            start = self.starts[number] if self.starts else 0.0
            given = name, queue, service, counts
            world.call("consumer", *given, options=self.said, at=start, task=name)
        if self.cancel is not None:
            world.cancel(at=self.cancel)
        world.until_quiet()


def _service(world: World, jobs: tuple[Job, ...], names: tuple[str, ...]) -> Ref:
    """The service, named like the parameter that receives it."""
    plans = [Plan(job.seconds, job.fails, job.error) for job in jobs]
    return world.service(names[0] if names else "service", plans, failing=FAILING)
