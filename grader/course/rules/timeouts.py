"""Tries that are cancelled when their time is over: how they look to the lesson's rules.

A try that was timed out counts as one that has failed, but the record has it as cancelled.
`counted` gives the lesson's rules a trace in which it failed: they judge what follows from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from grader.course.kit.failures import Failure, asked_of_trace
from grader.course.kit.world import Scenario
from grader.course.rules.ends import unwelcome_end
from grader.course.rules.marks import with_its_item
from grader.trace import SAME_TIME, Trace, Try

__all__ = [
    "Counted",
    "Limited",
    "by_the_lesson",
    "cancellations",
    "counted",
    "ended_well",
    "owners",
]


class Limited(Protocol):
    """A scenario whose tries have their time."""

    @property
    def timeout(self) -> float:
        """The seconds that a try may take."""

    def is_transient(self, item: int, number: int) -> bool:
        """Whether another error than a `TransientError`, with which this try ends, is transient too."""


class Counted(Trace):
    """A trace in which a timed-out try has failed, and each try is made by the consumer itself."""

    original: Trace


@contextmanager
def by_the_lesson() -> Iterator[None]:
    """Let a failure that a rule of the lesson finds in a `Counted` show the trace as it was."""
    try:
        yield
    except Failure as failure:
        if isinstance(failure.trace, Counted):
            failure.trace = failure.trace.original
        raise


@asked_of_trace
def ended_well(trace: Trace, scenario: Scenario) -> None:
    """The run came to its end, and no error ended a consumer."""
    failure = unwelcome_end(trace, scenario, ())
    if failure is not None:
        raise with_its_item(failure, trace, scenario)


def cancellations(trace: Trace) -> dict[tuple[int, int], float]:
    """When the learner's code cancelled a try, by its item and number: its clean-up began then."""
    first = next((n for n, e in enumerate(trace.events) if e.kind in ("cancel", "quiet")), None)
    found: dict[tuple[int, int], float] = {}
    for event in trace.events[:first]:
        stopped = event.kind == "finish" and event.data[2] in ("cancelled", "stopped")
        if stopped or event.kind == "stopping":
            found.setdefault((event.data[0], event.data[1]), event.at)
    return found


def owners(trace: Trace) -> dict[int, int]:
    """The consumer for which each task works, or the task itself where it works for none.

    A task that was made outside of tasks, and makes a try, works for the only consumer that there is.
    """
    lone = trace.crew[0] if len(trace.crew) == 1 else None
    workers = {one.task for one in trace.tries} if lone is not None else set()
    parents = {e.data[0]: e.task for e in trace.of("spawn") if e.task < e.data[0]}
    found: dict[int, int] = {}
    for task in range(len(trace.tasks)):  # each is younger than its parent
        owner = found.get(parents.get(task, 0), 0)
        if task in trace.crew or owner not in trace.crew:
            owner = lone if lone is not None and task in workers else task
        found[task] = owner
    return found


def counted(trace: Trace, scenario: Limited, *, early: bool = False) -> Counted:
    """The trace as the lesson's rules are to see it: what was timed out, or timed out itself, failed.

    A call that was left running by a consumer that has ended comes to no end.

    early: an item's last try has failed from the moment at which it was cancelled, and not only when it
        has cleaned up.
    """
    owner, timed_out = owners(trace), _timed_out(trace, scenario)
    last = {one.item: one for one in trace.tries}
    moved = {
        one.end_order: _first_event_at(trace, one, cut)
        for one, cut in timed_out
        if early and one is last[one.item] and one.end_order is not None
    }
    ends = {one.end_order for one, _ in timed_out}
    gone: set[int] = set()
    rows: list[Any] = []
    before: dict[
        int, list[Any]
    ] = {}  # rows that come earlier now, by the event before which they come
    for order, event in enumerate(trace.events):
        row: list[Any] = [*event]
        if event.kind in ("begin", "finish"):
            row[1] = owner[event.task]
        if event.kind == "finish" and (
            order in ends or (row[6] == "error" and scenario.is_transient(row[4], row[5]))
        ):
            row[6] = "transient"
        if order in moved:
            place = moved[order]
            row[0] = trace.events[place].at
            before.setdefault(place, []).append(row)
        if event.kind == "end":
            gone.add(event.task)
        outlives = event.kind == "finish" and row[1] != event.task and row[1] in gone
        rows.append(None if order in moved or outlives else row)
    every = [(*before.get(order, ()), row) for order, row in enumerate(rows)]
    events = [row for some in every for row in some if row is not None]
    seen = Counted({**trace.raw, "events": events}, trace.items)
    seen.original = trace
    return seen


def _timed_out(trace: Trace, scenario: Limited) -> list[tuple[Try, float]]:
    """The tries that were cancelled when their time was over, each with that moment."""
    cuts = cancellations(trace)
    found = []
    for one in trace.tries:
        cut = cuts.get((one.item, one.number))
        if cut is not None and abs(cut - one.start - scenario.timeout) <= SAME_TIME:
            found.append((one, cut))
    return found


def _first_event_at(trace: Trace, one: Try, moment: float) -> int:
    """The place of the first event, after this try began, at a moment or later."""
    places = range(one.order + 1, len(trace.events))
    return next(place for place in places if trace.events[place].at >= moment - SAME_TIME)
