"""Whether each item is marked with `task_done()` exactly once, after it is settled.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.course.kit.failures import Failure, asked_of_trace, lines, times
from grader.course.kit.world import Scenario
from grader.course.mistakes.marks import (
    TASK_DONE_MISSING,
    TASK_DONE_MISSING_ON_SUCCESS,
    TASK_DONE_MISSING_WHEN_GIVEN_UP,
    TASK_DONE_ONCE_PER_CONSUMER,
    TASK_DONE_PER_TRY,
    TASK_DONE_TOO_EARLY,
    TASK_DONE_TWICE,
    TASK_DONE_WITHOUT_ITEM,
)
from grader.course.rules.miscounts import after_success
from grader.course.rules.setting import options_of
from grader.course.rules.shapes import settled_items
from grader.trace import QueueStep, Trace, Try

__all__ = ["items_done_once", "none_done_early", "with_its_item"]


def with_its_item(failure: Failure, trace: Trace, scenario: Scenario) -> Failure:
    """For a run that ended with one `task_done()` too many, the failure that names its item."""
    if failure.mistake is TASK_DONE_TWICE and failure.why == "error":
        try:
            items_done_once(trace, scenario)
        except Failure as cause:
            cause.why = failure.why
            return cause
    return failure


@asked_of_trace
def items_done_once(trace: Trace, scenario: Scenario) -> None:
    """`task_done()` is called exactly once per item taken, and never before it is settled."""
    settled, marks = none_done_early(trace, scenario)
    quiet = next((order for order, e in enumerate(trace.events) if e.kind == "quiet"), None)
    if settled and quiet is not None and min(marks, default=quiet) >= quiet:
        raise _no_mark_in_time(trace, settled, quiet)
    if len(marks) < settled:
        raise _missing_mark(trace, scenario, settled, len(marks))
    _marks_by_consumer(trace, scenario, marks)


@asked_of_trace
def none_done_early(trace: Trace, scenario: Scenario) -> tuple[int, Mapping[int, QueueStep]]:
    """No `task_done()` comes before its item is settled, or a second time.

    Returns the number of settled items, and the calls by their position in the trace.
    """
    settles = settled_items(trace, scenario)
    queue = trace.gets[0].queue if trace.gets else 0
    marks = {step.order: step for step in trace.dones if step.queue == queue}
    gots = {step.order for step in trace.gets if step.queue == queue and step.item is None}
    settled = done = spare = 0
    for order in range(len(trace.events)):
        if order in settles:
            settled += 1
        spare += order in gots  # a sentinel, for which task_done() is optional
        if order in marks:
            done += 1
            if done > settled + spare:
                raise _early_mark(trace, scenario, order, settled)
            if marks[order].size < 0:
                raise _second_mark(trace, scenario, marks[order].line, order)
    return settled, marks


def _holding(trace: Trace, order: int) -> Try | None:
    """The last try that the same task began before this position in the trace, or None."""
    task = trace.events[order].task
    mine = [one for one in trace.tries if one.order < order and one.task == task]
    return mine[-1] if mine else None


def _early_mark(trace: Trace, scenario: Scenario, order: int, settled: int) -> Failure:
    event = trace.events[order]
    asks = "task_done() exactly once per item, after it is settled."
    attempts = options_of(scenario)[0]
    held = _holding(trace, order)
    got = [step for step in trace.gets if step.order < order and step.task == event.task]
    untried = (
        got
        and got[-1].item is not None
        and not any(one.item == got[-1].item and one.order < order for one in trace.tries)
    )
    if untried:
        return TASK_DONE_TOO_EARLY(
            f"task_done() was called for item {trace.name(got[-1].item)} at {event.at:.3f} s "
            f"(line {event.line}), before it had been tried.",
            f"{asks} Or else join() returns while work is still going on.",
            line=event.line,
            at=event.at,
        )
    if held is not None and held.outcome == "transient" and held.number < attempts:
        return (TASK_DONE_TOO_EARLY if _marked_once(trace, held) else TASK_DONE_PER_TRY)(
            f"task_done() was called at {event.at:.3f} s (line {event.line}) after failed try "
            f"{held.number} of item {trace.name(held.item)}, which was not settled yet.",
            f"{asks} A try that fails and is followed by another settles nothing.",
            line=event.line,
            at=event.at,
        )
    if (held is not None and held.outcome is None) or (
        held is not None and (held.end_order or 0) > order
    ):
        return TASK_DONE_TOO_EARLY(
            f"task_done() was called at {event.at:.3f} s (line {event.line}) while item "
            f"{trace.name(held.item)} was still being worked on.",
            asks,
            line=event.line,
            at=event.at,
        )
    return _second_mark(trace, scenario, event.line, order)


def _second_mark(trace: Trace, scenario: Scenario, line: int | None, order: int) -> Failure:
    task = trace.events[order].task
    again = (after_success(trace, item) for item in dict.fromkeys(one.item for one in trace.tries))
    if (failure := next(filter(None, again), None)) is not None:  # and each success marked it
        return failure
    mine = [e for e in trace.events[:order] if e.task == task and e.kind in ("get", "get_wait")]
    marked = [step for step in trace.dones if step.task == task and step.order < order]
    if mine and mine[-1].kind == "get_wait" and len(marked) >= sum(e.kind == "get" for e in mine):
        return TASK_DONE_WITHOUT_ITEM(
            f"{trace.label(task)} was still waiting for an item when it called task_done() at "
            f"{trace.events[order].at:.3f} s{lines([line])}: there was nothing to mark as done.",
            "task_done() is for an item that was taken: it has no place where get() may not have "
            "given any.",
            line=line,
            at=trace.events[order].at,
            task=task,
        )
    return TASK_DONE_TWICE(
        f"task_done() was called twice for one item{lines([line])}: "
        f"{len(trace.dones)} calls for {len({*settled_items(trace, scenario).values()})} settled items.",
        "task_done() exactly once per item: on each path through the loop, one call.",
        line=line,
    )


def _missing_mark(trace: Trace, scenario: Scenario, settled: int, done: int) -> Failure:
    attempts = options_of(scenario)[0]
    given_up = [t for t in trace.tries if t.outcome == "transient" and t.number >= attempts]
    succeeded = [t for t in trace.tries if t.outcome == "ok"]
    count = f"task_done() was called {times(done)} for {settled} settled items"
    asks = "task_done() exactly once per item, on every path: join() waits for the missing call for ever."
    if done == 0:
        return TASK_DONE_MISSING(f"{count}.", asks)
    if done == len(succeeded) and given_up:
        one = given_up[0]
        return TASK_DONE_MISSING_WHEN_GIVEN_UP(
            f"{count}: item {trace.name(one.item)}, given up on at {one.end:.3f} s, was never "
            "marked as done.",
            asks,
            at=one.end,
        )
    if done == len(given_up) and succeeded:
        one = succeeded[0]
        return TASK_DONE_MISSING_ON_SUCCESS(
            f"{count}: item {trace.name(one.item)}, which succeeded at {one.end:.3f} s, was never "
            "marked as done.",
            asks,
            at=one.end,
        )
    return TASK_DONE_MISSING(f"{count}.", asks)


def _marked_once(trace: Trace, held: Try) -> bool:
    """Whether a later try of the item failed too, without another task_done()."""
    later = [one for one in trace.tries_of(held.item) if one.number > held.number]
    if len(later) < 2 or later[0].end_order is None:
        return False
    between = trace.events[later[0].end_order : later[1].order]
    return not any(event.kind == "done" and event.task == held.task for event in between)


def _no_mark_in_time(trace: Trace, settled: int, quiet: int) -> Failure:
    after = [step for step in trace.dones if step.order > quiet]
    count = f"task_done() was called 0 times for {settled} settled items"
    asks = "task_done() exactly once per item: join() waits for the missing calls for ever."
    if after:
        return TASK_DONE_ONCE_PER_CONSUMER(
            f"{count}; the only call of each consumer came when the consumer itself was ended"
            f"{lines([after[0].line])}.",
            asks,
            line=after[0].line,
        )
    return TASK_DONE_MISSING(f"{count}.", asks)


def _marks_by_consumer(trace: Trace, scenario: Scenario, marks: Mapping[int, Any]) -> None:
    """Raise if a consumer made more calls than it took or settled items, although the totals agree.

    Consumers may hand an item over to each other between two tries.
    """
    consumers = {step.task for step in trace.gets}
    settles = settled_items(trace, scenario)
    for task in consumers:
        own = sum(1 for step in marks.values() if step.task == task)
        got = [s for s in trace.gets if s.task == task and s.item in settles.values()]
        taken = sum(1 for step in trace.gets if step.task == task)
        settled = sum(1 for order in settles if trace.events[order].task == task)
        if got and own > max(taken, settled):
            raise TASK_DONE_TWICE(
                f"{trace.label(task)} took {len(got)} items and called task_done() {own} times.",
                "task_done() exactly once per item.",
                task=task,
            )
