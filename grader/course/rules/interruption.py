"""How consumers react to an error or a cancellation in the middle of their work.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from dataclasses import replace

from grader.course.kit.draw import Draw
from grader.course.kit.failures import Failure, apart, asked_of_trace, lines, times
from grader.course.kit.lesson import Consume, Job
from grader.course.mistakes.counts import COUNTS_UNSETTLED_ITEM
from grader.course.mistakes.errors import (
    CANCELLATION_REPLACED,
    ERROR_HANGS_PIPELINE,
    ERROR_HELD_BACK,
    ERROR_HIDDEN,
    ERROR_WRAPPED,
    RETRIES_OTHER_ERRORS,
    SWALLOWS_CANCELLATION,
    SWALLOWS_OTHER_ERRORS,
)
from grader.course.mistakes.marks import TASK_DONE_MISSING, TASK_DONE_TWICE
from grader.course.rules.counts import true_counts
from grader.course.rules.ends import waiting_words
from grader.course.rules.escapes import left_consumer
from grader.course.rules.exceptions import describe_error, holds_error, last_line
from grader.course.rules.setting import options_of
from grader.trace import SAME_TIME, Trace, Try

__all__ = [
    "NOT_TRANSIENT",
    "cancelled_cleanly",
    "cancelled_from_within",
    "cut_short",
    "error_left",
    "error_surfaced",
    "settled_are_marked",
    "unsettled_is_marked_once",
    "unsettled_is_not_counted",
]

NOT_TRANSIENT = (
    "ValueError",
    "ConnectionError",
    "TimeoutError",
    "RuntimeError",
    "KeyError",
    "IndexError",
    "TransientError",  # of another module
    "QueueEmpty",
    "QueueFull",
    "InvalidStateError",
    "StopAsyncIteration",
    "ExceptionGroup",  # of TransientErrors
)
"""Values of `Job.error` for errors that must leave a consumer at once."""

# -- errors -----------------------------------------------------------------------------------


@asked_of_trace
def error_surfaced(trace: Trace, kind: str, *, all_die: bool) -> None:
    """An error of the service left `run_pipeline`, bare or in a group, and did not hang it."""
    failed = [one for one in trace.tries if one.outcome == "error"]
    where = (
        f"Item {trace.name(failed[0].item)} raised {kind} at {failed[0].end:.3f} s"
        if failed
        else f"The {kind} of an item was to surface"
    )
    asks = "An error that is not transient surfaces from run_pipeline, bare or in a group."
    if trace.how == "deadlock":
        waits = f"run_pipeline waits for ever: {waiting_words(trace, trace.waits)}"
        line = next((wait.line for wait in trace.waits if wait.task == 1), None)
        if not failed:
            item = f"the item whose try raises {kind} was begun"
            raise Failure(f"Before {item}, {waits}.", asks, why="deadlock", line=line)
        who = "every consumer died of it, " if all_die else "its consumer died of it, "
        died = who if trace.died() else ""
        raise ERROR_HANGS_PIPELINE(f"{where}, {died}and {waits}.", asks, why="deadlock", line=line)
    if trace.how == "returned":
        retried = [
            t
            for t in trace.tries
            if failed and t.item == failed[0].item and t.order > failed[0].order
        ]
        mistake = RETRIES_OTHER_ERRORS if retried else ERROR_HIDDEN
        how = (
            "it was tried again" if retried else "run_pipeline returned as if nothing had happened"
        )
        raise mistake(f"{where}, and {how}.", asks)
    error = trace.end["error"]
    if not holds_error(error, kind):
        raise ERROR_WRAPPED(
            f"{where}, but what left run_pipeline was {describe_error(error)}.",
            asks,
        )


@asked_of_trace
def error_left(
    trace: Trace, scenario: Consume, kind: str, *, retried: str = "TransientError"
) -> None:
    """An error that is not transient leaves the consumer at once, uncounted and not retried."""
    index = next(i for i, job in enumerate(scenario.jobs) if job.error is not None)
    name = trace.name(index)
    tries = trace.tries_of(index)
    failing = scenario.jobs[index].fails + 1
    asks = f"Only {retried} is retried; any other exception leaves the consumer at once."
    raised = f"the {kind} of another module" if kind == "TransientError" else kind
    if len(tries) > failing:
        raise RETRIES_OTHER_ERRORS(
            f"Try {failing} of item {name} raised {raised}, and it was tried again "
            f"at {tries[failing].start:.3f} s.",
            asks,
            line=tries[failing].line,
            at=tries[failing].start,
        )
    if len(tries) < failing:
        other = left_consumer(trace, scenario)
        if other is not None:
            raise other
        raise Failure(
            f"Item {name} was tried {times(len(tries))}, and try {failing} never came.", asks
        )
    task = trace.crew[0]
    event = trace.ending(task)
    cancelled = trace.of("cancel")
    if event is None or event.data[0] != "raised":
        how = "ended quietly" if event is not None and event.data[0] == "returned" else "went on"
        quiet = trace.of("quiet")
        raise (
            SWALLOWS_OTHER_ERRORS(
                f"Item {name} raised {kind} at {tries[-1].end:.3f} s, and the consumer {how} "
                "as if nothing had happened.",
                asks,
                at=tries[-1].end,
            )
            if cancelled or quiet
            else Failure("The consumer never ended.", asks)
        )
    error = event.data[1]
    if not holds_error(error, kind):
        raise ERROR_WRAPPED(
            f"Item {name} raised {kind}, but what left the consumer was {describe_error(error)}.",
            asks,
            line=last_line(error),
        )
    if tries[-1].end is not None and event.at - tries[-1].end > SAME_TIME:
        naps = [e for e in trace.of("timer") if e.task == task and e.at > tries[-1].end]
        line = naps[-1].line if naps else None
        raised_at, left_at = apart(tries[-1].end, event.at)
        raise ERROR_HELD_BACK(
            f"{kind} was raised at {raised_at} and left the consumer only at "
            f"{left_at}{lines([line])}.",
            asks,
            line=line,
            at=tries[-1].end,
        )


# -- cancellation ----------------------------------------------------------------------------


@asked_of_trace
def cancelled_cleanly(trace: Trace, scenario: Consume, where: str) -> None:
    """A cancelled consumer ends at once, as cancelled, and counts nothing for its item."""
    moment = trace.of("cancel")[0]
    asks = "CancelledError leaves the consumer at once: not swallowed, not counted, not retried."
    for task in trace.crew:
        event = trace.ending(task)
        label = trace.label(task)
        if event is None or event.at - moment.at > SAME_TIME:
            later = [
                one
                for one in trace.tries
                if one.task == task and one.order > trace.events.index(moment)
            ]
            what = f"tried {_again(trace, later[0])}" if later else "went on"
            raise SWALLOWS_CANCELLATION(
                f"{label} was cancelled at {moment.at:.3f} s {where}, and {what}.",
                asks,
                line=later[0].line if later else None,
                at=moment.at,
            )
        if event.data[0] == "raised" and moment.at - event.at > SAME_TIME:
            died = left_consumer(trace, scenario)
            if died is not None:  # of something else, before that
                raise died
        if event.data[0] == "returned":
            raise SWALLOWS_CANCELLATION(
                f"{label} was cancelled at {moment.at:.3f} s {where}, and returned as if it were "
                "finished: whoever cancelled it cannot see that it was.",
                asks,
                at=moment.at,
            )
        if event.data[0] == "raised":
            raise CANCELLATION_REPLACED(
                f"{label} was cancelled at {moment.at:.3f} s {where}, and ended with "
                f"{describe_error(event.data[1])} instead.",
                asks,
                at=moment.at,
            )
    order = trace.events.index(moment)
    after = [one for one in trace.tries if one.order > order]
    if after:
        raise SWALLOWS_CANCELLATION(
            f"After the cancellation at {moment.at:.3f} s somebody tried "
            f"{_again(trace, after[0])}.",
            asks,
            line=after[0].line,
            at=moment.at,
        )


def _again(trace: Trace, one: Try) -> str:
    return f"item {trace.name(one.item)}{' again' if one.number > 1 else ''}"


@asked_of_trace
def cancelled_from_within(trace: Trace, scenario: Consume) -> None:
    """A `CancelledError` raised by the service leaves the consumer like one from outside."""
    index = next(i for i, job in enumerate(scenario.jobs) if job.error == "CancelledError")
    tries = trace.tries_of(index)
    cut = next((one for one in tries if one.outcome == "error"), None)
    asks = "CancelledError leaves the consumer at once, wherever it comes from, and is not retried."
    if cut is None:
        raise Failure(f"Item {trace.name(index)} was tried {times(len(tries))}, and no more.", asks)
    seen = f"In try {cut.number} of item {trace.name(index)}, at {cut.end:.3f} s, the service itself was "
    seen += "cancelled"
    if tries[-1] is not cut:
        raise SWALLOWS_CANCELLATION(
            f"{seen}, and the item was tried again.",
            asks,
            line=tries[-1].line,
            at=cut.end,
            task=cut.task,
        )
    event = trace.ending(trace.crew[0])
    quiet = trace.of("quiet")[0]
    if event is None or event.data[0] != "cancelled" or event.at > quiet.at:
        how = "went on"
        if event is not None and event.data[0] == "returned":
            how = "returned as if it were finished"
        elif event is not None and event.data[0] == "raised":
            how = f"ended with {describe_error(event.data[1])} instead"
        raise SWALLOWS_CANCELLATION(
            f"{seen}, and the consumer {how}.", asks, at=cut.end, task=cut.task
        )


# -- items left unsettled by an error or a cancellation -----------------------------------------


def cut_short(draw: Draw) -> Consume:
    """Two consumers are stopped in mid-item, one by an error and one by a cancellation.

    Two more items are still waiting then.
    """
    jobs = zip(draw.items(6), (0.02, 0.03, 0.05, 5.0, 0.05, 0.05), strict=True)
    first, second, broken, *rest = (Job(item, seconds) for item, seconds in jobs)
    broken = replace(broken, fails=1, error="ValueError")
    return Consume((first, second, broken, *rest), names=("C1", "C2"), cancel=1.0)


@asked_of_trace
def settled_are_marked(trace: Trace, scenario: Consume) -> None:
    """`task_done()` was called for every item that was settled when the consumers ended."""
    attempts, calls = options_of(scenario)[0], len(trace.dones)
    settled = sum(_settled(one, attempts) for one in trace.tries)
    if _all_left(trace) and calls < settled:
        raise TASK_DONE_MISSING(
            f"An error and a cancellation ended the consumers while items still waited: {settled} items "
            f"were settled then, and task_done() had been called {times(calls)}.",
            "task_done() exactly once per item, as soon as it is settled: a consumer may end any time.",
        )


@asked_of_trace
def unsettled_is_not_counted(trace: Trace, scenario: Consume) -> None:
    """An item that an error or a cancellation leaves unsettled is not counted.

    Only checked if the error or the cancellation ended the consumers, as it should, and left an item
    unsettled: counts that are wrong without that are for other checks to tell.
    """
    attempts = options_of(scenario)[0]
    last = {one.item: one for one in trace.tries}
    unsettled = [item for item, one in last.items() if not _settled(one, attempts)]
    if not unsettled or not _all_left(trace):
        return
    stats, true = trace.last_stats or {}, true_counts(trace, scenario)
    for key in ("consumed", "failed"):
        said = stats.get(key)
        if type(said) is int and said > true[key]:
            items = " and on item ".join(map(trace.name, unsettled))
            raise COUNTS_UNSETTLED_ITEM(
                f"An error or a cancellation ended the work on item {items}, and "
                f'stats["{key}"] is {said} where it should be {true[key]}.',
                "An item that is not settled counts neither as consumed nor as failed.",
                item=unsettled[0],
            )


def _settled(last: Try, attempts: int) -> bool:
    return last.outcome == "ok" or (last.outcome == "transient" and last.number >= attempts)


@asked_of_trace
def unsettled_is_marked_once(trace: Trace, scenario: Consume) -> None:
    """`task_done()` is called at most once for an item left unsettled by an error or a cancellation."""
    for task in trace.crew if _all_left(trace) else ():
        items = [one for one in trace.tries if one.task == task and one.number == 1]
        calls = [step for step in trace.dones if step.task == task]
        if len(calls) > len(items):
            label = trace.label(task)
            raise TASK_DONE_TWICE(
                f"{label} took {len(items)} item, was stopped in the middle of it by an error or a "
                f"cancellation, and called task_done() {len(calls)} times"
                f"{lines([step.line for step in calls])}.",
                "task_done() at most once for an item that was not settled.",
                line=calls[-1].line,
            )


def _all_left(trace: Trace) -> bool:
    """Whether every consumer ended at once by the error or the cancellation during its item."""
    cancelled = [event.at for event in trace.of("cancel")]
    for task in trace.crew:
        mine = [one for one in trace.tries if one.task == task]
        last = mine[-1] if mine else None
        event = trace.ending(task)
        elsewhere = last is None and any(step.task == task for step in trace.gets)
        if elsewhere or event is None or event.data[0] == "returned":
            return False
        if any(one.outcome == "error" for one in mine[:-1]):
            return False
        moments = [] if last is None or last.end is None else [last.end]
        if last is None or last.outcome != "error":  # an error ends it before the cancellation
            moments += cancelled
        if not any(abs(event.at - moment) <= SAME_TIME for moment in moments):
            return False
    return True
