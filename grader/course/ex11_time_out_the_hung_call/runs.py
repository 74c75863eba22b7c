"""What one run says of the time of its tries: when it was over, and when somebody cancelled them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from grader.course.api import SAME_TIME, Trace, Try, pauses, timeouts
from grader.course.ex11_time_out_the_hung_call.calls import Calls
from grader.trace import Event

__all__ = ["Run", "Runs", "Timed", "by_the_lesson", "near"]


@dataclass(frozen=True)
class Timed:
    """A try, when its time is over, and when the learner's code cancelled it (None: never).

    over: its time was over while the run went on, and it would not have ended by then.
    """

    one: Try
    limit: float
    cut: float | None
    over: bool


@dataclass(frozen=True)
class End:
    """Where the scenario ended a run, or it came to rest: the event's place, and when.

    when: infinity where all was quiet: then what still ran would have run for ever.
    """

    order: int
    when: float


class Run:
    """A scenario and its trace."""

    def __init__(self, scenario: Calls, trace: Trace) -> None:
        self.scenario = scenario
        self.trace = trace

    @cached_property
    def owner(self) -> Mapping[int, int]:
        """The consumer for which each task works."""
        return timeouts.owners(self.trace)

    @cached_property
    def cuts(self) -> Mapping[tuple[int, int], float]:
        """When the learner's code cancelled a try, by its item and number."""
        return timeouts.cancellations(self.trace)

    @cached_property
    def end(self) -> End:
        """Where the run was ended."""
        for order, event in enumerate(self.trace.events):
            if event.kind in ("cancel", "quiet"):
                return End(order, event.at if event.kind == "cancel" else math.inf)
        return End(len(self.trace.events), math.inf)

    @cached_property
    def timed(self) -> tuple[Timed, ...]:
        """The tries that began before the end."""
        return tuple(self._timed(one) for one in self.trace.tries if one.order < self.end.order)

    def _timed(self, one: Try) -> Timed:
        timeout, limit = self.scenario.timeout, one.start + self.scenario.timeout
        takes = self.scenario.act(one.item, one.number).seconds
        ended = one.end_order is not None and one.end_order < self.end.order
        over = takes > timeout and (self.end.when > limit or ended)
        return Timed(one, limit, self.cuts.get((one.item, one.number)), over)

    @cached_property
    def counted(self) -> Trace:
        """The trace in which what was timed out has failed, for the lesson's rules."""
        return timeouts.counted(self.trace, self.scenario)

    @cached_property
    def counted_early(self) -> Trace:
        """The same; whether a consumer waits for the clean-up of an item's last try is left to it."""
        return timeouts.counted(self.trace, self.scenario, early=True)

    def name(self, one: Try) -> str:
        """`Try 2 of item 7`."""
        return f"Try {one.number} of item {self.trace.name(one.item)}"

    def is_of_time(self, item: int, number: int) -> bool:
        """Whether a try was timed out, or ended with a `TimeoutError` of the service's own."""
        return (item, number) in self.cuts or self.scenario.is_transient(item, number)

    def timer_at(self, moment: float) -> Event | None:
        """The last timer of the learner's that fired at a moment."""
        fired = [event for event in self.trace.of("timer") if near(event.at, moment)]
        return fired[-1] if fired else None

    def line_at(self, moment: float) -> int | None:
        """The line at which that timer was set."""
        timer = self.timer_at(moment)
        return timer.line if timer is not None else None

    def window(self, number: int) -> tuple[float, float]:
        """The least and the most to wait after a failed try; anything where no float is as large."""
        return pauses.window(self.scenario.options, number) or (0.0, math.inf)

    def in_window(self, number: int, pause: float) -> bool:
        """Whether a pause after a failed try is as long as asked."""
        low, high = self.window(number)
        slack = 1.5 * SAME_TIME + low * 1e-9
        return low - slack <= pause <= high + slack


Runs = Sequence[Run]


@contextmanager
def by_the_lesson(runs: Runs, *, early: bool = False) -> Iterator[list[tuple[Calls, Trace]]]:
    """Give the runs to the lesson's rules, in which what was timed out has failed.

    early: an item's last try has failed when it was cancelled, before it has cleaned up.
    """
    with timeouts.by_the_lesson():
        yield [(run.scenario, run.counted_early if early else run.counted) for run in runs]


def near(one: float, other: float) -> bool:
    """Whether two moments are the same."""
    return abs(one - other) <= SAME_TIME
