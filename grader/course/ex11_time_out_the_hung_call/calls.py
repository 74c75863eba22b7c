"""The lesson's consumers with a service that may hang, and what becomes of each of its tries."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from grader.course.api import ALWAYS, Consume, Plan, Rule, World
from grader.script import Act, Own, Service

__all__ = ["OWN_TIMEOUTS", "Calls", "breaks_off", "hangs", "takes"]

OWN_TIMEOUTS = ("TimeoutError", "<TimeoutError")
"""What a service raises that has a time limit of its own: `TimeoutError`, or a class below it."""


def hangs(
    *items: int, first: int = 1, last: int | None = None, cleanup: float | None = None
) -> Rule:
    """These items' tries, by their numbers, never end by themselves.

    cleanup: the seconds that they need to end when they are cancelled, if not those of the scenario.
    """
    return Rule(items, first, last, seconds=math.inf, cleanup=cleanup)


def takes(seconds: float, *items: int, first: int = 1, last: int | None = None) -> Rule:
    """These items' tries take so long, and then fail or succeed as planned."""
    return Rule(items, first, last, seconds=seconds)


def breaks_off(error: str, *items: int, first: int = 1, last: int | None = None) -> Rule:
    """These items' tries end with an error of the service's own."""
    return Rule(items, first, last, error=error)


@dataclass(frozen=True)
class Calls(Consume):
    """`Consume`, with rules for some of the tries. The options say what `timeout` is.

    A job's `fails` counts all tries that fail, in whatever way. rules: what becomes of some tries; one
        that makes them fail is for those alone that are to fail. cleanup: the seconds that a cancelled
        try needs to end.
    """

    rules: Sequence[Rule] = ()
    cleanup: float = 0.0

    def play(self, world: World) -> None:
        """As the lesson's, with a service that may hang."""
        items = world.items(job.item for job in self.jobs)
        queue, counts = world.queue(), world.counts("consumed", "retried", "failed")
        service = world.service(
            "process_item",
            self._service.plans,
            *self._service.rules,
            failing=Own("TransientError"),
            cleanup=self._service.cleanup,
        )
        for place, job in zip(items, self.jobs, strict=True):
            world.put(queue, place, job.at)
        for number, name in enumerate(self.names):
            start = self.starts[number] if self.starts else 0.0
            given = name, queue, service, counts
            world.call("consumer", *given, options=self.said, at=start, task=name)
        if self.cancel is not None:
            world.cancel(at=self.cancel)
        world.until_quiet()

    @property
    def timeout(self) -> float:
        """The seconds that a try may take."""
        timeout: float = self.options["timeout"]
        return timeout

    @cached_property
    def _service(self) -> Service:
        plans = tuple(Plan(job.seconds, job.fails, job.error) for job in self.jobs)
        rules = [part for rule in self.rules for part in self._of(rule)]
        return Service("process_item", plans, tuple(rules), cleanup=self.cleanup)

    def _of(self, rule: Rule) -> Iterator[Rule]:
        """A rule, without the tries that are to succeed where it makes them fail."""
        places: dict[int | None, list[int]] = {}  # by the last try that it is for
        makes_fail = rule.error is not None or (rule.seconds or 0.0) > self.timeout
        for item in rule.items or ():
            fails, last = self.jobs[item].fails, rule.last
            if makes_fail and fails != ALWAYS:
                last = fails if last is None else min(fails, last)
            places.setdefault(last, []).append(item)
        for last, items in places.items():
            if last is None or last >= rule.first:
                yield replace(rule, items=tuple(items), last=last)

    def act(self, item: int, number: int) -> Act:
        """What becomes of a try that nobody cancels."""
        return self._service.act(item, number, number, 0.0)

    def cleanup_of(self, item: int, number: int) -> float:
        """The seconds that this try needs to end when it is cancelled."""
        return self._service.cleanup_of(self.act(item, number))

    def is_transient(self, item: int, number: int) -> bool:
        """Whether this try ends with a `TimeoutError` of the service's own."""
        return self.act(item, number).error in OWN_TIMEOUTS
