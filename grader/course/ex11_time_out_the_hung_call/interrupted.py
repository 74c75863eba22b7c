"""What leaves a consumer: errors that are not transient, and a cancellation, which is no timeout.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from grader.course.api import SAME_TIME, Failure, Trace, Try, interruption
from grader.course.ex11_time_out_the_hung_call.limits import limits_hold
from grader.course.ex11_time_out_the_hung_call.mistakes import (
    CALL_LEFT_RUNNING,
)
from grader.course.ex11_time_out_the_hung_call.runs import Run, Runs, by_the_lesson
from grader.course.mistakes.errors import CANCELLATION_TAKEN_FOR_TIMEOUT

__all__ = ["all_left", "all_passed_on"]


def all_left(runs: Runs) -> None:
    """The error of each run left its consumer at once, uncounted and not retried."""
    limits_hold(runs)
    with by_the_lesson(runs) as counted:
        for scenario, trace in counted:
            kind = next(job.error for job in scenario.jobs if job.error is not None)
            interruption.error_left(
                trace, scenario, kind, retried="TransientError, or a TimeoutError,"
            )
            interruption.unsettled_is_not_counted(trace, scenario)
            interruption.unsettled_is_marked_once(trace, scenario)


def all_passed_on(runs: Runs, moments: Sequence[str]) -> None:
    """The cancellation of each run ended its consumers; moments: what they did then, in words."""
    limits_hold(runs)
    for where, run in zip(moments, runs, strict=True):
        running = [(task, _running(run, task)) for task in run.trace.crew]
        for task, one in running:
            if one is not None:
                _passes_on(run, task, one, where)
        with by_the_lesson([run]) as [(scenario, trace)]:
            if not any(one for _, one in running):
                interruption.cancelled_cleanly(trace, scenario, where)
        with by_the_lesson([run], early=True) as [(scenario, trace)]:
            interruption.unsettled_is_not_counted(trace, scenario)
            interruption.unsettled_is_marked_once(trace, scenario)


def _running(run: Run, task: int) -> Try | None:
    """The try that ran, or cleaned up, for this consumer when all were cancelled."""
    for one in run.trace.tries:
        mine = run.owner[one.task] == task and one.order < run.end.order
        if mine and (one.end_order is None or one.end_order > run.end.order):
            return one
    return None


def _passes_on(run: Run, task: int, one: Try, where: str) -> None:
    """A consumer that was cancelled in a try is ended, at the latest when the try has cleaned up."""
    trace, cancelled = run.trace, run.end.when
    cut = run.cuts.get((one.item, one.number), cancelled)
    latest = cut + run.scenario.cleanup_of(one.item, one.number)
    event = trace.ending(task)
    later = (t for t in trace.tries if t.order > run.end.order and run.owner[t.task] == task)
    again = next(later, None)
    if again is not None:
        how = f"tried item {trace.name(again.item)}{' again' if again.number > 1 else ''} at "
        how += f"{again.start:.3f} s"
    elif event is None or event.at - latest > SAME_TIME:
        how = "went on"
    elif event.data[0] == "returned":
        how = "returned as if it were finished"
    elif event.data[0] == "raised":
        how = f"ended with {event.data[1]['type']} instead"
    else:
        if _stopped_at(trace, one) - cancelled > SAME_TIME:
            raise _left_running(run, task, one, where).about(trace)
        return
    raise CANCELLATION_TAKEN_FOR_TIMEOUT(
        f"{trace.label(task)} was cancelled at {cancelled:.3f} s {where} (try {one.number} of item "
        f"{trace.name(one.item)}), and {how}.",
        "The consumer's own cancellation is no timeout: it ends the consumer with CancelledError, at the "
        "latest when the call has cleaned up.",
        line=again.line if again is not None else None,
        at=cancelled,
        task=task,
        item=one.item,
    ).about(trace)


def _stopped_at(trace: Trace, one: Try) -> float:
    """When somebody cancelled a try, or it ended by itself; infinity if it ran on to the end."""
    key = one.item, one.number, one.service
    stopping = (event.at for event in trace.of("stopping") if event.data == key)
    return next(stopping, math.inf if one.end is None else one.end)


def _left_running(run: Run, task: int, one: Try, where: str) -> Failure:
    """The failure for a call that nobody cancelled when its consumer was, and left."""
    trace, name = run.trace, run.name(one)
    ended = one.outcome in ("ok", "transient", "error")
    until = f"until {one.end:.3f} s" if ended else "for ever"
    return CALL_LEFT_RUNNING(
        f"{trace.label(task)} was cancelled at {run.end.when:.3f} s {where}, and ended. {name} was not "
        f"cancelled with it, and went on {until}, with nobody to wait for it.",
        "The consumer's own cancellation ends the call that it waits for, too.",
        line=one.line,
        at=run.end.when,
        task=task,
        item=one.item,
    )
