"""Whether a consumer that retries lets other errors and its cancellation propagate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.course.kit.lesson import Consume, Job
from grader.course.rules import interruption
from grader.script import HARD_STOP, Item
from grader.trace import Trace

__all__ = ["all_let_out", "ways_out"]

Runs = Sequence[tuple[Consume, Trace]]


def ways_out(
    item: Item,
    after: Sequence[Job],
    held: Item,
    slow: Mapping[str, float],
    moments: Mapping[str, float],
) -> list[Consume]:
    """The scenarios that `all_let_out` judges.

    item: fails once or twice and then ends with another error; the jobs `after` follow it.
    held: the item of a consumer that is cancelled at each of the `moments`, with the options `slow`.
    moments: virtual seconds, by what the consumer does then.
    """
    return [
        *(Consume((Job(item, 0.05, 1, kind), *after)) for kind in interruption.NOT_TRANSIENT),
        *(Consume((Job(held, 0.1, 2),), options=slow, cancel=at) for at in moments.values()),
        *(Consume((Job(item, 0.05, 2, kind), *after)) for kind in ("CancelledError", HARD_STOP)),
    ]


def all_let_out(runs: Runs, moments: Mapping[str, float]) -> None:
    """Each error and each cancellation left its consumer at once."""
    kinds = interruption.NOT_TRANSIENT
    *others, (inside, cancelled), (stopping, stopped) = runs
    for kind, (scenario, trace) in zip(kinds, others, strict=False):
        interruption.error_left(trace, scenario, kind)
    for where, (scenario, trace) in zip(moments, others[len(kinds) :], strict=True):
        interruption.cancelled_cleanly(trace, scenario, where)
        interruption.unsettled_is_not_counted(trace, scenario)
        interruption.unsettled_is_marked_once(trace, scenario)
    interruption.cancelled_from_within(cancelled, inside)
    interruption.error_left(stopped, stopping, HARD_STOP)
