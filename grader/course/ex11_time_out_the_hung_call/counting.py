"""Whether a try that was timed out is in the counts like any that failed, and its item is marked once.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.course.api import Try, counts, interruption, marks
from grader.course.ex11_time_out_the_hung_call.mistakes import TIMEOUTS_NOT_COUNTED
from grader.course.ex11_time_out_the_hung_call.runs import Run, Runs, by_the_lesson

__all__ = ["all_true", "unsettled_is_not_counted"]


def all_true(runs: Runs) -> None:
    """The three counts are true, and each item was marked as done once, after it was settled."""
    with by_the_lesson(runs, early=True) as counted:
        for run, (scenario, trace) in zip(runs, counted, strict=True):
            _timeouts_are_counted(run, counts.true_counts(trace, scenario))
            counts.stats_true(trace, scenario, trace.stats)
            counts.true_when_joined(trace, scenario)
            marks.items_done_once(trace, scenario)


def unsettled_is_not_counted(runs: Runs) -> None:
    """An item that an error or a cancellation leaves unsettled is in no count, and marked once."""
    with by_the_lesson(runs) as counted:
        for scenario, trace in counted:
            interruption.unsettled_is_not_counted(trace, scenario)
            interruption.unsettled_is_marked_once(trace, scenario)
            interruption.settled_are_marked(trace, scenario)


def _timeouts_are_counted(run: Run, true: Mapping[str, int]) -> None:
    """What is missing in a count is not what the tries that were timed out would have added."""
    said: Mapping[str, object] = run.trace.stats or {}
    for key, what in _WHAT.items():
        for some in _of_timeouts(run):
            if said.get(key) != true[key] - len(some[key]) or not some[key]:
                continue
            one = some[key][0]
            raise TIMEOUTS_NOT_COUNTED(
                f'stats["{key}"] is {said.get(key)} where it should be {true[key]}: {what} when the '
                f"time of a try was over, as that of item {run.trace.name(one.item)} at {one.end:.3f} s.",
                'A try that was timed out has failed: stats["retried"] + 1 when another follows it, '
                'stats["failed"] + 1 when it was the last.',
                at=one.end,
                item=one.item,
            ).about(run.trace)


_WHAT = {
    "retried": "it does not go up for the retry",
    "failed": "it does not go up for the item that is given up on",
}


def _of_timeouts(run: Run) -> list[dict[str, list[Try]]]:
    """The tries whose time was over, by the count that they belong to; then with the service's own."""
    last = {one.item: one for one in run.trace.tries}
    cut = [one for one in run.trace.tries if (one.item, one.number) in run.cuts]
    own = [one for one in run.trace.tries if run.scenario.is_transient(one.item, one.number)]
    return [
        {
            "retried": [one for one in some if one is not last[one.item]],
            "failed": [one for one in some if one is last[one.item]],
        }
        for some in (cut, [*cut, *own])
    ]
