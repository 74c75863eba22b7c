"""All that holds of a run whose tries have their time, the most telling first."""

from __future__ import annotations

from grader.course.api import crew, order, pauses, timeouts, tries
from grader.course.ex11_time_out_the_hung_call import after
from grader.course.ex11_time_out_the_hung_call.limits import limits_hold
from grader.course.ex11_time_out_the_hung_call.pausing import wait_as_usual
from grader.course.ex11_time_out_the_hung_call.runs import Runs, by_the_lesson

__all__ = ["ENDS", "holds"]

ENDS = ("died", "livelock", "time_limit")
"""The ends of a run that `holds` judges itself."""


def holds(runs: Runs) -> None:
    """Each try had its time, and what followed is what the lesson asks after a try that failed.

    What one run does not show another may: each question is asked of all runs before the next one.
    """
    limits_hold(runs)
    for run in runs:
        after.kills_no_consumer(run)
        if run.trace.how == "quiet":
            with timeouts.by_the_lesson():
                timeouts.ended_well(run.counted, run.scenario)
    for run in runs:
        after.ended_before_the_next(run)
    with by_the_lesson(runs) as counted:
        for scenario, trace in counted:
            order.none_put_back(trace, scenario)
    for run in runs:
        after.counts_as_a_try(run, runs)
    wait_as_usual(runs)
    with by_the_lesson(runs) as counted:
        for scenario, trace in counted:
            timeouts.ended_well(trace, scenario)
            tries.settled_and_tried(trace, scenario)
            pauses.loop_never_blocked(trace)
        pauses.pauses_hold(counted, jitter=None)
        for scenario, trace in counted:
            if not scenario.starts:
                crew.begins_at_once(trace, scenario)
