"""The pipeline with a service that may say how long to wait, and what one run of it shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from grader.course.api import (
    ALWAYS,
    SAME_TIME,
    Consume,
    Failure,
    Job,
    Own,
    Pipeline,
    Plan,
    Retry,
    Rule,
    Trace,
    Try,
    World,
)

__all__ = ["SLACK", "Asked", "Quota", "Run", "Runs", "by_the_lesson"]

SLACK = 1.5 * SAME_TIME
"""Seconds: what the difference of two times may be off by."""


@dataclass(frozen=True)
class Asked(Job):
    """A job whose failing tries may be refused.

    says: for each failing try, `retry_after` of the `TooManyRequests`, or None for a `TransientError`;
        the last one goes for all further ones.
    """

    says: tuple[float | None, ...] = ()

    def said(self, number: int) -> float | None:
        """What the failing try with this number said."""
        return self.says[min(number, len(self.says)) - 1] if self.says else None


@dataclass(frozen=True)
class Quota(Pipeline):
    """`Pipeline`, with jobs of which some are refused."""

    jobs: tuple[Asked, ...]

    def play(self, world: World) -> None:
        """As the lesson's, with a service that refuses."""
        items = world.items(job.item for job in self.jobs)
        service = world.service(
            "process_item",
            [Plan(job.seconds, job.fails, job.error) for job in self.jobs],
            *self._refusals,
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
    def rate(self) -> int:
        """The most tries that may begin in a second."""
        rate: int = self.options["rate"]
        return rate

    @property
    def attempts(self) -> int:
        """The most tries of an item."""
        attempts: int = self.options["attempts"]
        return attempts

    def refusal(self, item: int, number: int) -> float | None:
        """`retry_after` of a try that is refused; None for all others."""
        job = self.jobs[item]
        return job.said(number) if job.fails == ALWAYS or number <= job.fails else None

    def clean(self, number: int) -> float:
        """d, in seconds, after failed try `number`."""
        clean: float = self.options["delay"] * self.options["backoff"] ** (number - 1)
        return clean

    def least(self, item: int, number: int) -> float:
        """The shortest pause, in seconds, after failed try `number` of an item."""
        return max(self.clean(number), self.refusal(item, number) or 0.0)

    def most(self, item: int, number: int) -> float:
        """The longest pause, in seconds, that the rate does not make longer."""
        jitter: float = self.options["jitter"]
        return self.least(item, number) * (1 + jitter)

    def below(self, item: int) -> bool:
        """Whether an item is refused with a class below `TooManyRequests`: every second one is."""
        return item % 2 == 1

    @property
    def _refusals(self) -> Iterator[Rule]:
        places: dict[tuple[int, int | None, float, bool], list[int]] = defaultdict(list)
        for place, job in enumerate(self.jobs):
            for number, said in enumerate(job.says, start=1):
                last = number if number < len(job.says) else job.fails
                if said is not None and (job.fails == ALWAYS or number <= job.fails):
                    until = None if last == ALWAYS else last
                    places[number, until, said, self.below(place)].append(place)
        for (first, until, said, below), items in places.items():
            error = Own("TooManyRequests", (said,), below=below)
            yield Rule(tuple(items), first, until, error=error)


class Heard(Trace):
    """A trace in which a refused try has failed like any other."""

    original: Trace


class Run:
    """A scenario and its trace."""

    def __init__(self, scenario: Quota, trace: Trace) -> None:
        self.scenario = scenario
        self.trace = trace

    @cached_property
    def heard(self) -> Trace:
        """The trace as the lesson's rules are to see it: a refused try is one that failed."""
        rows = []
        for event in self.trace.events:
            row = [*event]
            if event.kind == "finish" and row[6] == "error":
                refused = self.scenario.refusal(row[4], row[5]) is not None
                row[6] = "transient" if refused else row[6]
            rows.append(row)
        heard = Heard({**self.trace.raw, "events": rows}, self.trace.items)
        heard.original = self.trace
        return heard

    @cached_property
    def calls(self) -> tuple[Sequence[Try], ...]:
        """The tries of each call of `run_pipeline`, in the order in which they began."""
        tries = self.heard.tries
        return tuple([t for t in tries if t.item in some] for some in self.scenario.calls)

    @property
    def alone(self) -> Consume:
        """The scenario for those of the lesson's rules that know one consumer alone."""
        return Consume(self.scenario.jobs, options=self.scenario.options)

    def name(self, item: int) -> str:
        """The item's text, for a message."""
        return self.trace.name(item)

    def refusal(self, retry: Retry) -> float | None:
        """What the failed try before a retry said."""
        return self.scenario.refusal(retry.item, retry.number)

    def settles(self, one: Try) -> bool:
        """Whether nothing follows a try: its item has succeeded, or is given up on."""
        return one.outcome != "transient" or one.number >= self.scenario.attempts


Runs = Sequence[Run]


@contextmanager
def by_the_lesson() -> Iterator[None]:
    """Let a failure that a rule of the lesson finds in a `Heard` show the trace as it was."""
    try:
        yield
    except Failure as failure:
        if isinstance(failure.trace, Heard):
            failure.trace = failure.trace.original
        raise
