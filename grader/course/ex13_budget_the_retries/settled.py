"""How a run with a budget looks to the lesson's rules, and what its stats have to say.

The lesson's rules take an item for settled when it has succeeded or had all of its tries.
`seen_by_lesson` gives them a trace in which an item that the budget refused a retry has succeeded
instead: what follows from being settled is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from grader.course.api import Failure, Misconception, Pipeline, Trace, lines
from grader.course.ex13_budget_the_retries.budgets import Run, Runs
from grader.course.ex13_budget_the_retries.mistakes import (
    REFUSED_ITEM_NOT_FAILED,
    REFUSED_RETRY_COUNTED,
)
from grader.course.mistakes.counts import CONSUMED_COUNTS_FAILURES, STATS_WRONG
from grader.course.mistakes.crew import FALSY_ITEM_TAKEN_FOR_END
from grader.course.mistakes.marks import TASK_DONE_MISSING_WHEN_GIVEN_UP

__all__ = ["no_item_ends_a_consumer", "seen_by_lesson", "stats_true"]


_UNMARKED = ("task-done-missing", "task-done-missing-on-success")


class _Seen(Trace):
    """A trace in which items that were refused a retry have succeeded."""

    original: Trace


@contextmanager
def seen_by_lesson(runs: Runs) -> Iterator[list[tuple[Pipeline, Trace]]]:
    """Give the runs to the lesson's rules; a failure that they find shows the trace as it was."""
    seen = [_seen(run) for run in runs]
    try:
        yield seen
    except Failure as failure:
        if failure.mistake is not None and failure.mistake.code in _UNMARKED:
            _missing_when_refused(runs, failure)
        if isinstance(failure.trace, _Seen):
            failure.trace = failure.trace.original
        raise


def _refused(run: Run) -> dict[int, int]:
    """The items that were refused a retry: the try after which, by the position of its end."""
    over = run.trace.how == "returned"
    return {
        ruling.one.end_order or 0: ruling.one.item
        for ruling in run.rulings
        if ruling.again is None
        and (run.forbids_retry(ruling) or (over and not run.asks_retry(ruling)))
    }


def _seen(run: Run) -> tuple[Pipeline, Trace]:
    refused = _refused(run)
    rows: list[Any] = [[*event] for event in run.trace.events]
    jobs = list(run.scenario.jobs)
    for order, item in refused.items():
        rows[order][6] = "ok"
        jobs[item] = replace(jobs[item], fails=rows[order][5] - 1)
    trace = _Seen({**run.trace.raw, "events": rows}, run.trace.items)
    trace.original = run.trace
    return replace(run.scenario, jobs=tuple(jobs)), trace


def _missing_when_refused(runs: Runs, failure: Failure) -> None:
    """Raise if items that were refused a retry are those that were not marked as done."""
    for run in runs:
        trace, refused = run.trace, _refused(run)
        settled = sum(run.again(one) is None for one in run.ended)
        if trace.how != "deadlock" or not refused or settled - len(refused) != len(trace.dones):
            continue
        order = min(refused)
        one = next(one for one in run.ended if one.end_order == order)
        raise TASK_DONE_MISSING_WHEN_GIVEN_UP(
            f"task_done() was called {len(trace.dones)} times for {settled} settled items: item "
            f"{trace.name(one.item)}, given up on at {one.end:.3f} s because the budget refused it a "
            "retry, was never marked as done. So run_pipeline waits for ever.",
            "task_done() exactly once per item, on every path, the new one too.",
            why="deadlock",
            line=failure.line,
            at=one.end,
            task=one.task,
            item=one.item,
        ).about(trace) from None


def no_item_ends_a_consumer(runs: Runs) -> None:
    """No consumer of a run that got stuck took an item like 0 for the end of the items."""
    for run in runs:
        trace = run.trace
        for got in trace.gets if trace.how == "deadlock" else ():
            if got.item is None or run.scenario.jobs[got.item].item or trace.tries_of(got.item):
                continue
            ending = trace.ending(got.task)
            if ending is not None and ending.data[0] == "returned" and ending.at == got.at:
                raise FALSY_ITEM_TAKEN_FOR_END(
                    f"{trace.label(got.task)} took the item {run.scenario.jobs[got.item].item!r} at "
                    f"{got.at:.3f} s{lines([got.line])}, and ended without a try. In the end nobody was "
                    "left to take an item.",
                    "An item may be 0 or empty: it is an item like any other.",
                    why="deadlock",
                    line=got.line,
                    at=got.at,
                    task=got.task,
                    item=got.item,
                ).about(trace)


# -- the stats ----------------------------------------------------------------------------------

_ASKS = {
    "consumed": 'stats["consumed"] goes up by 1 for each success.',
    "retried": 'stats["retried"] goes up by 1 for each retry that is made.',
    "failed": 'stats["failed"] goes up by 1 for each item that is given up on, for whichever reason.',
}


def stats_true(run: Run) -> None:
    """The stats agree with the tries, where some items were refused a retry."""
    stats = run.trace.result if isinstance(run.trace.result, Mapping) else {}
    for key, true in _true(run).items():
        said = stats.get(key)
        if type(said) not in (int, float) or said != true:
            raise _why_wrong(run, key, said, true).about(run.trace)


def _true(run: Run) -> dict[str, int]:
    given_up = [one for one in run.ended if one.outcome == "transient" and run.again(one) is None]
    return {
        "consumed": sum(one.outcome == "ok" for one in run.trace.tries),
        "retried": sum(one.number > 1 for one in run.trace.tries),
        "failed": len(given_up),
    }


def _why_wrong(run: Run, key: str, said: Any, true: int) -> Misconception:
    refused = len(_refused(run))
    usual = {
        "consumed": (
            CONSUMED_COUNTS_FAILURES,
            true + refused,
            f"it counts the {refused} items that were refused a retry, too",
        ),
        "retried": (
            REFUSED_RETRY_COUNTED,
            true + refused,
            f"it counts the {refused} retries that the budget refused, too",
        ),
        "failed": (
            REFUSED_ITEM_NOT_FAILED,
            true - refused,
            f"the {refused} items that were refused a retry are missing",
        ),
    }
    shown = f'stats["{key}"] is {said!r:.40} where it should be {true}'
    mistake, wrong, words = usual[key]
    if said == wrong:
        return mistake(f"{shown}: {words}.", _ASKS[key])
    return STATS_WRONG(f"{shown}.", _ASKS[key])
