"""What leaves a consumer: errors that are not transient, and a cancellation, which is no timeout.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.course.api import SAME_TIME, Trace, Try, interruption, timeouts
from grader.course.ex11_time_out_the_hung_call.calls import Calls
from grader.course.ex11_time_out_the_hung_call.mistakes import CANCELLATION_TAKEN_FOR_TIMEOUT
from grader.course.ex11_time_out_the_hung_call.timed import Runs, limits_hold

__all__ = ["all_left", "all_passed_on"]


def all_left(runs: Runs) -> None:
    """The error of each run left its consumer at once, uncounted and not retried."""
    limits_hold(runs)
    with timeouts.by_the_lesson(runs) as counted:
        for scenario, trace in counted:
            kind = next(job.error for job in scenario.jobs if job.error is not None)
            if kind == "CancelledError":
                interruption.cancelled_from_within(trace, scenario)
            else:
                interruption.error_left(trace, scenario, kind)
            interruption.unsettled_is_not_counted(trace, scenario)
            interruption.unsettled_is_marked_once(trace, scenario)


def all_passed_on(runs: Runs, moments: Sequence[str]) -> None:
    """The cancellation of each run ended its consumers; moments: what they did then, in words."""
    limits_hold(runs)
    for where, (scenario, trace) in zip(moments, runs, strict=True):
        for task in trace.crew:
            _passes_on(trace, scenario, task, where)
        with timeouts.by_the_lesson([(scenario, trace)]) as [(_, counted)]:
            if not any(_running(trace, task) for task in trace.crew):
                interruption.cancelled_cleanly(counted, scenario, where)
            interruption.unsettled_is_not_counted(counted, scenario)
            interruption.unsettled_is_marked_once(counted, scenario)


def _running(trace: Trace, task: int) -> Try | None:
    """The try that ran, or cleaned up, for this consumer when all were cancelled."""
    moment = trace.events.index(trace.of("cancel")[0])
    owner = timeouts.owners(trace)
    for one in trace.tries:
        mine = owner[one.task] == task and one.order < moment
        if mine and (one.end_order is None or one.end_order > moment):
            return one
    return None


def _passes_on(trace: Trace, scenario: Calls, task: int, where: str) -> None:
    """A consumer that was cancelled in a try is ended, at the latest when the try has cleaned up."""
    moment = trace.of("cancel")[0]
    one = _running(trace, task)
    if one is None:
        return
    cut = timeouts.cancellations(trace).get((one.item, one.number))
    latest = (moment.at if cut is None else cut) + scenario.cleanup
    event, owner = trace.ending(task), timeouts.owners(trace)
    order = trace.events.index(moment)
    again = next((t for t in trace.tries if t.order > order and owner[t.task] == task), None)
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
        return
    raise CANCELLATION_TAKEN_FOR_TIMEOUT(
        f"{trace.label(task)} was cancelled at {moment.at:.3f} s {where} (try {one.number} of item "
        f"{trace.name(one.item)}), and {how}.",
        "The consumer's own cancellation is no timeout: it ends the consumer with CancelledError, at the "
        "latest when the call has cleaned up.",
        line=again.line if again is not None else None,
        at=moment.at,
        task=task,
        item=one.item,
    ).about(trace)
