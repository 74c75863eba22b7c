"""Which mistake deadlocked a pipeline, judged by what its tasks wait for."""

from __future__ import annotations

from collections.abc import Sequence

from grader.course.kit.failures import Failure, Misconception, lines
from grader.course.kit.lesson import Pipeline
from grader.course.mistakes.crew import (
    CONSUMERS_NEVER_TOLD_TO_STOP,
    CONSUMERS_START_TOO_LATE,
    GIVING_UP_ENDS_CONSUMER,
    ONE_SENTINEL_FOR_ALL,
)
from grader.course.mistakes.errors import SWALLOWS_CANCELLATION, WAITS_FOR_WHAT_NEVER_COMES
from grader.course.mistakes.marks import PRIVATE_COUNTERS, TASK_DONE_MISSING
from grader.course.rules.ends import unwelcome_end, waiting_words
from grader.course.rules.miscounts import dropped
from grader.course.rules.shapes import settled_items, tampered_count
from grader.trace import Trace, Wait

__all__ = ["private_count", "why_deadlocked"]


def why_deadlocked(trace: Trace, scenario: Pipeline) -> Failure:
    """The failure for a pipeline that never returns, according to what its tasks wait for."""
    failure = unwelcome_end(trace, scenario, ())
    assert failure is not None
    if failure.why != "deadlock":
        return failure
    waits = f"Waiting for ever: {waiting_words(trace, trace.waits)}."
    settled = set(settled_items(trace, scenario).values())
    locked = [wait for wait in trace.waits if wait.inside.endswith(("acquire", "__aenter__"))]
    if locked:
        return WAITS_FOR_WHAT_NEVER_COMES(
            f"{failure.message} {trace.label(locked[0].task)} waits for a lock that nobody gives "
            f"back{lines([locked[0].line])}.",
            waits,
            why="deadlock",
            line=locked[0].line,
            task=locked[0].task,
        )
    if not trace.tries and trace.of("put_wait"):
        line = trace.of("put_wait")[-1].line
        return CONSUMERS_START_TOO_LATE(
            f"The producer waits for room (line {line}) since {trace.clock:.3f} s, "
            "and no consumer has been started that could make any.",
            waits,
            why="deadlock",
            line=line,
            at=trace.clock,
        )
    if tampered_count(trace) is not None:
        return private_count(trace)
    if len(settled) == len(scenario.jobs):
        return _why_no_end(trace, waits, failure.line)
    return _nobody_left(trace, scenario, waits) or _let_go(trace, waits) or failure


def _let_go(trace: Trace, waits: str) -> Misconception | None:
    """The failure if an item was taken and never tried, so that join() waits for it."""
    found = (dropped(trace, index) for index in range(len(trace.items)))
    failure = next(filter(None, found), None)
    if failure is not None:
        failure.asks, failure.why = waits, "deadlock"
    return failure


def private_count(trace: Trace) -> Misconception:
    """The failure for a queue whose count of unfinished items was changed from outside."""
    event = tampered_count(trace)
    assert event is not None
    what = (
        f"join() returned at {event.at:.3f} s, though items were left that nobody had marked as done"
        if event.kind == "joined"
        else f"at {event.at:.3f} s the queue counted fewer unfinished items ({event.data[1]}) than its "
        "puts and task_done()s leave"
    )
    return PRIVATE_COUNTERS(
        f"{what.capitalize() if what[0] == 'a' else what}: something changed the queue's own count.",
        "What begins with an underscore is the queue's own; task_done() counts, and wakes join().",
        why="deadlock" if trace.how == "deadlock" else "expectation",
        line=event.line,
    )


def _nobody_left(trace: Trace, scenario: Pipeline, waits: str) -> Misconception | None:
    """The failure if a consumer ended by giving up on an item, so that nobody takes the rest."""
    attempts = scenario.options.get("attempts", 1)
    for event in trace.of("end"):
        mine = [one for one in trace.tries if one.task == event.task]
        gave_up = mine and mine[-1].outcome == "transient" and mine[-1].number >= attempts
        if gave_up and event.data[0] == "returned":
            return GIVING_UP_ENDS_CONSUMER(
                f"{trace.label(event.task)} ended at {event.at:.3f} s, after it had given up on "
                f"item {trace.name(mine[-1].item)}: in the end nobody was left to take an item.",
                waits,
                why="deadlock",
                line=mine[-1].line,
                at=event.at,
                task=event.task,
            )
    return None


def _why_no_end(trace: Trace, waits: str, line: int | None) -> Failure:
    done, got = len(trace.dones), len([step for step in trace.gets if step.item is not None])
    joins = [wait for wait in trace.waits if wait.inside.endswith("join")]
    if joins and done < got:
        return TASK_DONE_MISSING(
            f"All {got} items are settled at {trace.clock:.3f} s, but task_done() was called "
            f"{done} times: join() waits for {got - done} more.",
            "task_done() exactly once for each item, on every path, also when it is given up.",
            why="deadlock",
            line=joins[0].line,
            at=trace.clock,
        )
    waiters = [wait for wait in trace.waits if wait.inside.endswith("get")]
    if waiters and not joins:
        return _never_told(trace, waiters)
    return Failure(
        f"All items are finished at {trace.clock:.3f} s, but run_pipeline never returns.",
        waits,
        why="deadlock",
        line=line,
        at=trace.clock,
    )


def _never_told(trace: Trace, waiters: Sequence[Wait]) -> Misconception:
    """The failure for consumers that still wait when all is done and joined."""
    many = len(waiters) > 1
    seen = (
        f"All items are finished at {trace.clock:.3f} s, but {len(waiters)} "
        f"consumer{'s' if many else ''} still wait{'' if many else 's'} for an item, and "
        "run_pipeline for them"
    )
    line = waiters[0].line
    joined = [order for order, event in enumerate(trace.events) if event.kind == "joined"]
    again = [e for e in trace.events[joined[-1] :] if e.kind == "get_wait"] if joined else []
    if len(again) >= len(waiters):
        return SWALLOWS_CANCELLATION(
            f"{seen}: after the end of join() each began to wait anew{lines([line])}.",
            "A consumer that is cancelled ends: CancelledError leaves it at once.",
            why="deadlock",
            line=line,
        )
    told = {event.task for event in trace.of("end") if event.data[0] == "cancelled"}
    if told & {step.task for step in trace.gets}:
        return CONSUMERS_NEVER_TOLD_TO_STOP(
            f"{seen}: {len(told)} {'was' if len(told) == 1 else 'were'} cancelled, the others not.",
            "Each consumer has to be told that there is no more: all of them are cancelled.",
            why="deadlock",
        )
    workers = {step.task for step in trace.gets} | {wait.task for wait in waiters}
    none_told = len(waiters) == len(workers)
    return (CONSUMERS_NEVER_TOLD_TO_STOP if none_told else ONE_SENTINEL_FOR_ALL)(
        f"{seen}.",
        "Each consumer has to be told that there is no more: one end mark each, or cancel().",
        why="deadlock",
        line=line,
    )
