"""The scenario of this exercise, a pipeline that is told to stop, and the facts of its trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from grader.course.api import Failure, Pipeline, Plan, Subject, Trace, Try, World
from grader.course.ex10_stop_when_told.mistakes import POLLS
from grader.course.mistakes.crew import POLLS_FOR_ITEMS
from grader.course.mistakes.marks import POLLS_INSTEAD_OF_JOIN
from grader.script import Own

__all__ = ["CLOCK", "Facts", "Runs", "Told", "played"]

CLOCK = 1e-5
"""Seconds: tolerance for times that are reckoned from `stop`; no two events are drawn as near."""


@dataclass(frozen=True)
class Told(Pipeline):
    """Call `run_pipeline(items, service, stop, **options)`, set its `stop`, and cancel it, perhaps.

    stop, cancel, begins: when it is told, when the call is cancelled, and when it is made, in virtual
        seconds (None: never). Of two calls (`beside`) the first alone is told or cancelled.
    cleanup: seconds that a cancelled try needs.
    turns: the jobs' numbers in the order in which `items` gives them, if not each once: a job that is
        there twice is the same object both times.
    """

    stop: float | None = None
    cancel: float | None = None
    begins: float = 0.0
    cleanup: float = 0.0
    turns: tuple[int, ...] = ()

    def play(self, world: World) -> None:
        """Call the pipeline on all items, or twice, on the first items and on the last `beside`."""
        items = world.items(job.item for job in self.jobs)
        service = world.service(
            "process_item",
            [Plan(job.seconds, job.fails, job.error) for job in self.jobs],
            failing=Own("TransientError"),
            cleanup=self.cleanup,
        )
        first = len(items) - self.beside
        calls: list[int] = []
        for some in (items[:first], items[first:]) if self.beside else (items,):
            stop = world.event("stop")
            if self.stop is not None and not calls:
                world.set(stop, self.stop)
            given = world.source(some, lazy=self.lazy, turns=self.turns), service, stop
            calls.append(
                world.call("run_pipeline", *given, options=self.said, at=self.begins),
            )
        if self.cancel is not None:
            world.cancel(calls[0], at=self.cancel)
        world.note_values()
        world.until_returned(hands=self.options["consumers"] * len(calls))

    @property
    def over(self) -> float | None:
        """When the grace is over; None if it is never told to stop."""
        return None if self.stop is None else self.stop + float(self.options["grace"])

    def longest_pause(self, number: int) -> float:
        """The longest pause after failed try `number`, in seconds."""
        given = self.options
        clean: float = given["delay"] * given["backoff"] ** (number - 1)
        return clean * (1 + float(given["jitter"]))


Runs = Sequence[tuple[Told, Trace]]


class Facts:
    """What became of each item of a run that was told to stop, or of its first `count` items."""

    def __init__(self, trace: Trace, scenario: Told, count: int | None = None) -> None:
        self.trace = trace
        self.scenario = scenario
        self.stop = float("inf") if scenario.stop is None else scenario.stop
        self.over = float("inf") if scenario.over is None else scenario.over
        self.first = len(scenario.jobs) - scenario.beside if count is None else count
        self.taken = {e.data[0]: e for e in trace.taken if e.data[0] < self.first}
        self.began = {one.item: one for one in trace.tries if one.number == 1}
        breaks = trace.of("stopping")
        self._stopping = {(event.data[0], event.data[1]): event.at for event in breaks}

    def tries(self) -> Iterator[Try]:
        """Every try of these items."""
        return (one for one in self.trace.tries if one.item < self.first)

    def settled(self, item: int) -> bool:
        """Whether it succeeded or was given up on."""
        tries = self.trace.tries_of(item)
        if not tries:
            return False
        last = tries[-1]
        given_up = last.outcome == "transient" and last.number >= self.scenario.options["attempts"]
        return last.outcome == "ok" or given_up

    def in_hand(self) -> list[int]:
        """The items in hand when it was told to stop, in the order in which they were taken."""
        found = []
        for item in self.taken:
            first = self.began.get(item)
            if first is None or first.start > self.stop + CLOCK:
                continue
            last = self.trace.tries_of(item)[-1]
            if not self.settled(item) or (last.end or 0.0) > self.stop:
                found.append(item)
        return found

    def waiting(self) -> list[int]:
        """The items that were taken and never begun."""
        return [item for item in self.taken if item not in self.began]

    def broken_off(self, one: Try) -> float | None:
        """When a try was cancelled, which is before its clean-up; None if it was not."""
        if (
            one.outcome not in ("cancelled", "stopped")
            and (one.item, one.number) not in self._stopping
        ):
            return None
        return self._stopping.get((one.item, one.number), one.end)

    def paused(self, item: int) -> Try | None:
        """The failed try after which an item in hand was not tried again, though tries were left."""
        last = self.trace.tries_of(item)[-1]
        return last if last.outcome == "transient" and not self.settled(item) else None

    def unfinished(self) -> list[int]:
        """What `unfinished` has to hold: items taken and not settled, in the order of taking."""
        return [item for item in self.taken if not self.settled(item)]

    def counted_anew(self) -> tuple[float, int | None] | None:
        """From when on a grace was counted once more and waited for, and the line; None if none was."""
        grace = float(self.scenario.options["grace"])
        for timer in self.trace.of("timer"):
            began = timer.at - grace
            if abs(timer.data[0] - grace) <= CLOCK and self.stop < began - CLOCK < self.over:
                return began, timer.line
        return None

    def result(self) -> Any:
        """What `run_pipeline` returned, the first one of two."""
        result = self.trace.result
        return result[0] if self.scenario.beside and isinstance(result, list) else result


async def played(
    learner: Subject, scenarios: Sequence[Told], *, allow: tuple[str, ...] = ("deadlock",)
) -> Runs:
    """Run the scenarios; one that polls without any pause is told so."""
    try:
        return await learner.run_all(scenarios, allow=allow)
    except Failure as failure:
        polls = failure.mistake in (POLLS_FOR_ITEMS, POLLS_INSTEAD_OF_JOIN)
        if polls and failure.why == "livelock":
            raise POLLS(
                failure.message,
                "Waiting is awaiting: `await stop.wait()`, and join(), wake whoever waits for them.",
                why=failure.why,
                line=failure.line,
                at=failure.at,
                task=failure.task,
            ).about(learner.runs[-1][1]) from None
        raise
