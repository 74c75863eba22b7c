"""Whether a try that was timed out is in the counts like any that failed, and its item is marked once.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Mapping

from grader.course.api import Trace, counts, interruption, marks, timeouts
from grader.course.ex11_time_out_the_hung_call.calls import Calls
from grader.course.ex11_time_out_the_hung_call.mistakes import TIMEOUTS_NOT_COUNTED
from grader.course.ex11_time_out_the_hung_call.timed import Runs

__all__ = ["all_true", "unsettled_is_not_counted"]


def all_true(runs: Runs) -> None:
    """The three counts are true, and each item was marked as done once, after it was settled."""
    # Whether a consumer waits for the clean-up of an item's last try is left to it.
    with timeouts.by_the_lesson(runs, early=True) as counted:
        for scenario, trace in counted:
            _timeouts_are_counted(trace, scenario)
            counts.stats_true(trace, scenario, trace.stats)
            counts.true_when_joined(trace, scenario)
            marks.items_done_once(trace, scenario)


def unsettled_is_not_counted(trace: Trace, scenario: Calls) -> None:
    """An item that an error or a cancellation leaves unsettled is in no count, and marked once."""
    with timeouts.by_the_lesson([(scenario, trace)]) as [(_, counted)]:
        interruption.unsettled_is_not_counted(counted, scenario)
        interruption.unsettled_is_marked_once(counted, scenario)
        interruption.settled_are_marked(counted, scenario)


def _timeouts_are_counted(trace: Trace, scenario: Calls) -> None:
    """What is missing in a count is not what the tries that were timed out would have added."""
    said: Mapping[str, object] = trace.stats or {}
    true, missing = counts.true_counts(trace, scenario), _of_timeouts(trace)
    for key, what in _WHAT.items():
        short = said.get(key) == true[key] - len(missing[key])
        if missing[key] and short:
            item, number, at = missing[key][0]
            raise TIMEOUTS_NOT_COUNTED(
                f'stats["{key}"] is {said.get(key)} where it should be {true[key]}: {what} when the '
                f"time of a try was over. Item {trace.name(item)}, try {number}, is one of them.",
                'A try that was timed out has failed: stats["retried"] + 1 when another follows it, '
                'stats["failed"] + 1 when it was the last.',
                at=at,
                item=item,
            ).about(trace)


_WHAT = {
    "retried": "it does not go up for the retry",
    "failed": "it does not go up for the item that is given up on",
}
_Missing = dict[str, list[tuple[int, int, float]]]


def _of_timeouts(trace: Trace) -> _Missing:
    """The tries that were timed out, each with its end, by the count that they belong to."""
    found: _Missing = {"retried": [], "failed": []}
    cuts = timeouts.cancellations(trace)
    for one in trace.tries:
        if (one.item, one.number) in cuts and one.end is not None:
            again = len(trace.tries_of(one.item)) > one.number
            found["retried" if again else "failed"].append((one.item, one.number, one.end))
    return found
