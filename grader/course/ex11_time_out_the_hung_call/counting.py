"""Whether a try that was timed out is in the counts like any that failed, and its item is marked once.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.course.api import Trace, Try, counts, interruption, marks, timeouts
from grader.course.ex11_time_out_the_hung_call.calls import Calls
from grader.course.ex11_time_out_the_hung_call.mistakes import TIMEOUTS_NOT_COUNTED
from grader.course.ex11_time_out_the_hung_call.timed import Runs

__all__ = ["all_true", "unsettled_is_not_counted"]


def all_true(runs: Runs) -> None:
    """The three counts are true, and each item was marked as done once, after it was settled."""
    # Whether a consumer waits for the clean-up of an item's last try is left to it.
    with timeouts.by_the_lesson(runs, early=True) as counted:
        for (scenario, trace), (_, seen) in zip(counted, runs, strict=True):
            _timeouts_are_counted(seen, scenario, counts.true_counts(trace, scenario))
            counts.stats_true(trace, scenario, trace.stats)
            counts.true_when_joined(trace, scenario)
            marks.items_done_once(trace, scenario)


def unsettled_is_not_counted(trace: Trace, scenario: Calls) -> None:
    """An item that an error or a cancellation leaves unsettled is in no count, and marked once."""
    with timeouts.by_the_lesson([(scenario, trace)]) as [(_, counted)]:
        interruption.unsettled_is_not_counted(counted, scenario)
        interruption.unsettled_is_marked_once(counted, scenario)
        interruption.settled_are_marked(counted, scenario)


def _timeouts_are_counted(trace: Trace, scenario: Calls, true: Mapping[str, int]) -> None:
    """What is missing in a count is not what the tries that were timed out would have added."""
    said: Mapping[str, object] = trace.stats or {}
    for key, what in _WHAT.items():
        for some in _of_timeouts(trace, scenario):
            if said.get(key) != true[key] - len(some[key]) or not some[key]:
                continue
            one = some[key][0]
            raise TIMEOUTS_NOT_COUNTED(
                f'stats["{key}"] is {said.get(key)} where it should be {true[key]}: {what} when the '
                f"time of a try was over, as that of item {trace.name(one.item)} at {one.end:.3f} s.",
                'A try that was timed out has failed: stats["retried"] + 1 when another follows it, '
                'stats["failed"] + 1 when it was the last.',
                at=one.end,
                item=one.item,
            ).about(trace)


_WHAT = {
    "retried": "it does not go up for the retry",
    "failed": "it does not go up for the item that is given up on",
}


def _of_timeouts(trace: Trace, scenario: Calls) -> list[dict[str, list[Try]]]:
    """The tries whose time was over, by the count that they belong to; then with the service's own."""
    cuts = timeouts.cancellations(trace)
    cut = [one for one in trace.tries if (one.item, one.number) in cuts]
    own = [one for one in trace.tries if scenario.is_transient(one.item, one.number)]
    last = {one.item: one for one in trace.tries}
    return [
        {
            "retried": [one for one in some if one is not last[one.item]],
            "failed": [one for one in some if one is last[one.item]],
        }
        for some in (cut, [*cut, *own])
    ]
