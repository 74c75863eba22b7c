"""Whether the counts in `stats` agree with the trace of the work that they count.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from grader.course.kit.failures import Failure, Misconception, Mistake, asked_of_trace
from grader.course.kit.lesson import Consume, Pipeline
from grader.course.mistakes.counts import (
    CONSUMED_COUNTS_FAILURES,
    FAILED_COUNTS_TRIES,
    RETRIED_COUNTS_ITEMS,
    RETRIED_OFF_BY_ONE,
    RETURNS_NOTHING,
    STATS_COPIED,
    STATS_KEYS_MISSING,
    STATS_LOST_UPDATE,
    STATS_NOT_COUNTED,
    STATS_OVERWRITTEN,
    STATS_TOO_EARLY,
    STATS_TOO_LATE,
    STATS_WRONG,
)
from grader.course.mistakes.crew import STATE_SHARED_BETWEEN_RUNS
from grader.script import ALWAYS
from grader.trace import Trace, Try

__all__ = ["IN_PAIRS", "result_true", "stats_true", "true_counts", "true_when_joined"]

IN_PAIRS = (0, 0, 1, 1, ALWAYS, ALWAYS)
"""Failures of six items whose consumers succeed, retry and give up at the same time, two by two.

Who reads a count before a try and writes it after that loses one.
"""

_KEYS = ("consumed", "failed", "retried")


@asked_of_trace
def stats_true(trace: Trace, scenario: Consume | Pipeline, stats: Any) -> None:
    """The three counts agree with the tries, once every item is settled."""
    if not isinstance(stats, Mapping):
        raise RETURNS_NOTHING(
            f"run_pipeline returned {_shown(stats)}.",
            "It returns the stats: a dict with consumed, retried and failed.",
            at=trace.clock,
        )
    true = true_counts(trace, scenario)
    for key in _KEYS:
        said = stats.get(key)
        if type(said) not in (int, float) or said != true[key]:
            raise _why_wrong(trace, scenario, key, said, true)


@asked_of_trace
def true_when_joined(trace: Trace, scenario: Consume) -> None:
    """The counts are true when join() returns.

    For runs in which each item was marked as done after it was settled, and the counts were true at
    the end.
    """
    true, said = true_counts(trace, scenario), trace.joined_stats
    settled = max((one.end_order or 0 for one in trace.tries), default=0)
    if said is None or not trace.dones or trace.dones[-1].order < settled:
        return
    for key in _KEYS:
        if said.get(key) != true[key]:
            raise STATS_TOO_LATE(
                f'When join() returned, stats["{key}"] was {_shown(said.get(key))}, and only later '
                f"{true[key]}: task_done() came before the count, and something was awaited between.",
                _ASKS_IN_TIME,
                line=trace.dones[-1].line,
            )


def _shown(value: Any) -> str:
    return "None" if value is None else f"{value!r:.60}"


def true_counts(
    trace: Trace, scenario: Consume | Pipeline, tries: Sequence[Try] | None = None
) -> dict[str, int]:
    """The three counts according to the tries.

    tries: only these, for a part of the run; None for all.
    """
    attempts = scenario.options.get("attempts", 4)
    tries = trace.tries if tries is None else tries
    return {
        "consumed": sum(1 for one in tries if one.outcome == "ok"),
        "retried": sum(1 for one in tries if one.number > 1),
        "failed": sum(1 for one in tries if one.outcome == "transient" and one.number >= attempts),
    }


_ASKS = {
    "consumed": 'stats["consumed"] goes up by 1 for each success.',
    "retried": 'stats["retried"] goes up by 1 for each retry that is made.',
    "failed": 'stats["failed"] goes up by 1 for each item that is given up on.',
}
_ASKS_IN_TIME = (
    "The counts go into the dict that was handed in, and are true as soon as every item is settled."
)


def _why_wrong(
    trace: Trace, scenario: Consume | Pipeline, key: str, said: Any, true: Mapping[str, int]
) -> Failure:
    seen = f'stats["{key}"] is {_shown(said)} where it should be {true[key]}'
    if said is None:
        return STATS_KEYS_MISSING(
            f'There is no "{key}" in stats, where it should be {true[key]}.',
            "The three keys are always there, also when nothing of the kind happened.",
        )
    alone = _one_of_several(trace, scenario)
    if alone is not None:
        return STATS_OVERWRITTEN(
            f"{seen}: the counts are those of {trace.label(alone)} alone.",
            _ASKS[key] + " Several consumers share one dict.",
            task=alone,
        )
    # A single consumer is checked before several are.
    lost = isinstance(scenario, Consume) and type(said) is int and 0 < said < true[key]
    if lost and len(_workers(trace)) > 1:
        return _lost(trace, key, seen)
    for mistake, wrong, words in _usual_counts(trace, scenario, key, true):
        if said == wrong != true[key]:
            return mistake(f"{seen}: {words}.", _ASKS[key])
    if said == 0:
        return _why_nothing(trace, key, seen, true)
    if type(said) is int and said < true[key] and len(_workers(trace)) > 1:
        return _lost(trace, key, seen)
    return STATS_WRONG(f"{seen}.", _ASKS[key])


def _lost(trace: Trace, key: str, seen: str) -> Misconception:
    return STATS_LOST_UPDATE(
        f"{seen}, with {len(_workers(trace))} consumers at work: some of their counts were lost.",
        _ASKS[key] + " Nothing may come between reading a count and writing it.",
    )


def _usual_counts(
    trace: Trace, scenario: Consume | Pipeline, key: str, true: Mapping[str, int]
) -> Iterator[tuple[Mistake, int, str]]:
    """The usual wrong ways to count: the mistake, the count that it yields, and words for it."""
    tries = trace.tries
    failures = sum(1 for one in tries if one.outcome == "transient")
    if key == "retried":
        last = {one.item: one for one in tries}
        rescued = sum(one.number - 1 for one in last.values() if one.outcome == "ok")
        again = sum(1 for one in last.values() if one.number > 1)
        yield (
            RETRIED_OFF_BY_ONE,
            failures,
            "it counts every failed try, also those that no retry follows",
        )
        yield RETRIED_OFF_BY_ONE, len(tries), "it counts every try, also the first of each item"
        yield RETRIED_COUNTS_ITEMS, again, "it counts items that needed a retry"
        yield (
            RETRIED_COUNTS_ITEMS,
            rescued,
            "the retries of items that were given up on in the end are missing",
        )
    if key == "failed":
        yield FAILED_COUNTS_TRIES, failures, "it counts failed tries"
    if key == "consumed":
        both = true["consumed"] + true["failed"]
        yield CONSUMED_COUNTS_FAILURES, both, "it counts items that were given up on, too"


def _why_nothing(trace: Trace, key: str, seen: str, true: Mapping[str, int]) -> Failure:
    settled = f"{seen}, when everything is settled at {trace.clock:.3f} s"
    later = trace.last_stats or {}
    if later.get(key) == true[key]:
        return STATS_TOO_LATE(
            f"{seen} when everything is settled; it became {true[key]} only when the consumer was "
            "ended.",
            _ASKS_IN_TIME,
        )
    nothing = trace.stats is not None and not any(trace.stats.values())
    if nothing:
        return STATS_COPIED(f"{settled}, and so is every other count.", _ASKS_IN_TIME)
    return STATS_NOT_COUNTED(f"{settled}: it is never increased.", _ASKS[key])


def _one_of_several(trace: Trace, scenario: Consume | Pipeline) -> int | None:
    """The consumer whose own counts alone are in stats, if several have counted."""
    stats, workers = trace.stats or {}, _workers(trace)
    for task in workers if len(workers) > 1 else ():
        own = true_counts(trace, scenario, [one for one in trace.tries if one.task == task])
        if any(own.values()) and all(stats.get(key) == own[key] for key in _KEYS):
            return task
    return None


def _workers(trace: Trace) -> set[int]:
    return {one.task for one in trace.tries}


# -- what run_pipeline returns ----------------------------------------------------------------


def result_true(runs: Sequence[tuple[Pipeline, Trace]]) -> None:
    """`stats_true` for the results of `run_pipeline` in several consecutive runs."""
    _made_anew(runs)
    _made_last(runs)
    for scenario, trace in runs:
        stats_true(trace, scenario, trace.result)


def _made_anew(runs: Sequence[tuple[Pipeline, Trace]]) -> None:
    for (_, before), (scenario, trace) in pairwise(runs):
        if not isinstance(before.result, Mapping) or not isinstance(trace.result, Mapping):
            return
        true = true_counts(trace, scenario)
        added = [_number(trace.result, key) - _number(before.result, key) for key in _KEYS]
        if added == [true[key] for key in _KEYS] and any(
            _number(before.result, key) for key in _KEYS
        ):
            both = [before.result["consumed"], trace.result["consumed"]]
            raise STATE_SHARED_BETWEEN_RUNS(
                f'run_pipeline returned stats["consumed"] = {both[0]}, and when it ran again '
                f"{both[1]}: the counts of the first run were still in it.",
                "Every run of the pipeline begins with counts of 0.",
            ).about(trace)


def _made_last(runs: Sequence[tuple[Pipeline, Trace]]) -> None:
    """Raise if every run returned the counts of a moment before its end."""
    for scenario, trace in runs:
        said, true = trace.result, true_counts(trace, scenario)
        if not isinstance(said, Mapping) or not all(key in said for key in _KEYS):
            return
        if all(said[key] == true[key] for key in _KEYS) or not _was_true(trace, scenario, said):
            return
    if not runs:
        return
    scenario, trace = runs[0]
    true = true_counts(trace, scenario)
    wrong = [key for key in _KEYS if trace.result[key] != true[key]]
    says = " and ".join(f"{key} {trace.result[key]}" for key in wrong)
    raise STATS_TOO_EARLY(
        f"stats says {says}, where it should say {' and '.join(str(true[key]) for key in wrong)}: that "
        "was so before the last items were settled.",
        "run_pipeline returns the counts as they are when every item is settled.",
    ).about(trace)


def _was_true(trace: Trace, scenario: Pipeline, said: Mapping[str, Any]) -> bool:
    """Whether these were the true counts at some moment of the run."""
    moments = range(len(trace.tries) + 1)
    ended = sorted((one for one in trace.tries), key=lambda one: one.end_order or 0)
    past = (true_counts(trace, scenario, ended[:count]) for count in moments)
    return any(all(said[key] == then[key] for key in ("consumed", "failed")) for then in past)


def _number(counts: Mapping[str, Any], key: str) -> int:
    said = counts.get(key)
    return said if type(said) is int else 0
