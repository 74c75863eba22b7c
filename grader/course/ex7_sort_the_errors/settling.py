"""Whether each item is settled once: counted under one of three keys, marked as done, without a wait.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from grader.course.api import Failure, Retry, Trace, counts, marks, pauses
from grader.course.ex7_sort_the_errors.calls import COUNTS, Calls, Runs, words
from grader.course.ex7_sort_the_errors.mistakes import (
    LAST_REFUSAL_COUNTS_AS_FAILED,
    PAUSE_DEPENDS_ON_KIND,
    REFUSAL_COUNTS_AS_FAILED,
    REFUSAL_MISCOUNTED,
    REFUSAL_NOT_MARKED,
)
from grader.course.kit.failures import times
from grader.course.mistakes.counts import COUNTS_UNSETTLED_ITEM, STATS_LOST_UPDATE, STATS_TOO_LATE
from grader.course.mistakes.growth import DELAY_CARRIED_TO_NEXT_ITEM
from grader.course.mistakes.jitter import JITTER_WINDOW_TOO_SMALL
from grader.trace import SAME_TIME

__all__ = [
    "begins_anew",
    "default_is_whole",
    "draws_are_alike",
    "marked_once",
    "only_retries_count",
    "pauses_are_alike",
    "rejected_counts",
    "rejected_when_joined",
    "unsettled_not_rejected",
]

# -- counts -----------------------------------------------------------------------------------

_ASKS = "A refused item adds 1 to rejected, whichever of its tries was refused, and nothing else."


def rejected_counts(runs: Runs) -> None:
    """All four counts are true, now that every item is settled.

    Asked of runs with refusals in them, of which each was sorted as it should be.
    """
    for scenario, trace in runs:
        true, said = _true(scenario, trace), trace.stats or {}
        if any(said.get(key) != true[key] for key in COUNTS):
            raise _why_wrong(scenario, trace, said, true).about(trace)


def _true(scenario: Calls, trace: Trace) -> dict[str, int]:
    refused = sum(1 for one in trace.tries if one.outcome == "error")
    return {**counts.true_counts(trace, scenario), "rejected": refused}


def _why_wrong(
    scenario: Calls, trace: Trace, said: Mapping[str, Any], true: Mapping[str, int]
) -> Failure:
    attempts = scenario.options.get("attempts", 4)
    refused = [one for one in trace.tries if one.outcome == "error"]
    last = [one for one in refused if one.number >= attempts]
    shown = refused[0]
    over = _number(said, "failed") - true["failed"]
    under = true["rejected"] - _number(said, "rejected")
    if (trace.last_stats or {}) == true:
        mistake, what = STATS_TOO_LATE, ", and is counted only when the consumer is ended"
    elif last and len(last) < len(refused) and over == under == len(last):
        mistake, shown = LAST_REFUSAL_COUNTS_AS_FAILED, last[0]
        what = ", the last one, and is among the failed"
    elif over == under > 0:
        mistake = REFUSAL_COUNTS_AS_FAILED
        if len(last) == len(refused) and attempts > 1:
            mistake = LAST_REFUSAL_COUNTS_AS_FAILED
        what = ", and is among the failed"
    elif under > 0 and over == 0 and len({one.task for one in refused}) > 1:
        mistake, what = STATS_LOST_UPDATE, "; of several consumers' refusals some were not counted"
    else:
        mistake, what = REFUSAL_MISCOUNTED, _otherwise(said, true)
    return mistake(
        f"Item {trace.name(shown.item)} was refused at {shown.end:.3f} s, at try {shown.number}{what}. "
        f"stats says {_listed(said)}.",
        f"True is {_listed(true)}. {_ASKS}",
        at=shown.end,
        task=shown.task,
        item=shown.item,
    )


def _otherwise(said: Mapping[str, Any], true: Mapping[str, int]) -> str:
    """How a refused item was counted, as part of a sentence."""
    ways = "consumed", "failed", "rejected"
    more = sum(_number(said, key) - true[key] for key in ways)
    if more:
        return ", and counts twice" if more > 0 else ", and is in no count"
    if _number(said, "retried") > true["retried"]:
        return ", and counts as a retry, too"
    return ", and is counted otherwise"


def _listed(said: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} {said.get(key)!r:.12}" for key in COUNTS)


def _number(said: Mapping[str, Any], key: str) -> int:
    value = said.get(key)
    return value if type(value) is int else 0


def rejected_when_joined(scenario: Calls, trace: Trace) -> None:
    """Whoever waits with join() finds the true number of rejected items.

    Asked of a run in which each item was marked once, and the counts were true in the end.
    """
    true, said = _true(scenario, trace)["rejected"], trace.joined_stats
    settled = max((one.end_order or 0 for one in trace.tries), default=0)
    if said is None or not trace.dones or trace.dones[-1].order < settled:
        return
    if said.get("rejected") != true:
        raise STATS_TOO_LATE(
            f'When join() returned, stats["rejected"] was {said.get("rejected")!r:.12}, and only later '
            f"{true}: task_done() came before the count, and something was awaited between.",
            "The counts are true as soon as every item is settled.",
            line=trace.dones[-1].line,
        ).about(trace)


def unsettled_not_rejected(trace: Trace) -> None:
    """An item that an error or a cancellation leaves unsettled does not count as rejected.

    Asked of a run in which nothing was refused.
    """
    said = (trace.last_stats or {}).get("rejected")
    cut = [
        one for one in trace.tries if one.outcome in ("error", "cancelled", "stopped", "transient")
    ]
    if said and cut:
        raise COUNTS_UNSETTLED_ITEM(
            f"An error or a cancellation ended the work on item {trace.name(cut[-1].item)}, and "
            f'stats["rejected"] is {said!r:.12} where it should be 0.',
            "An item that is not settled is in none of the three counts.",
            at=cut[-1].end,
            task=cut[-1].task,
            item=cut[-1].item,
        ).about(trace)


def only_retries_count(scenario: Calls, trace: Trace) -> None:
    """An error that is none of the service's does not count as a retry.

    Asked of a run that such an error ended, at once and as it was.
    """
    true, said = _true(scenario, trace)["retried"], (trace.last_stats or {}).get("retried")
    if type(said) is int and said > true:
        last = trace.tries[-1]
        raise COUNTS_UNSETTLED_ITEM(
            f"Item {trace.name(last.item)} raised {words(scenario.kind(last))} at {last.end:.3f} s, and "
            f'stats["retried"] is {said} where it should be {true}.',
            "retried goes up by 1 for each retry that is made, and here none was made.",
            at=last.end,
            task=last.task,
            item=last.item,
        ).about(trace)


# -- marks ------------------------------------------------------------------------------------


def marked_once(scenario: Calls, trace: Trace) -> None:
    """`task_done()` exactly once for each item, after it is settled, refused ones included."""
    refused = [one for one in trace.tries if one.outcome == "error"]
    settled = sum(_true(scenario, trace)[key] for key in ("consumed", "failed", "rejected"))
    quiet = next((place for place, e in enumerate(trace.events) if e.kind == "quiet"), 0)
    called = sum(1 for step in trace.dones if step.order < quiet)
    if refused and called == settled - len(refused) > 0:
        first = refused[0]
        raise REFUSAL_NOT_MARKED(
            f"task_done() was called {times(called)} for {settled} settled items: item "
            f"{trace.name(first.item)}, refused at {first.end:.3f} s, was never marked as done.",
            "task_done() exactly once per item, whichever way it was settled.",
            at=first.end,
            task=first.task,
            item=first.item,
        ).about(trace)
    marks.items_done_once(trace, scenario)


# -- pauses -----------------------------------------------------------------------------------

_Pause = tuple[Calls, Trace, Retry]


def pauses_are_alike(runs: Runs) -> None:
    """The pause before a retry does not depend on what the try before it failed with.

    Says nothing where pauses are wrong whatever the error was: that is another mistake.
    """
    right: list[_Pause] = []
    wrong: list[_Pause] = []
    for scenario, trace in runs:
        for retry in trace.retries:
            window = pauses.window(scenario.options, retry.number)
            if window is None or not window[1]:
                continue
            slack = 2 * SAME_TIME + window[0] * 1e-9
            fits = window[0] - slack <= retry.pause <= window[1] + slack
            (right if fits else wrong).append((scenario, trace, retry))
    if not wrong or not right:
        return
    bad, good = ({_kind(one[0], one[2]) for one in some} for some in (wrong, right))
    if not bad & good:
        raise _why_unlike(wrong, f"After {words(min(good))} it is as asked")
    mixed = [one for one in wrong if len(set(one[0].jobs[one[2].item].by)) > 1]
    if len(mixed) == len(wrong):
        raise _why_unlike(wrong, "Where an item fails with one kind of error alone it is as asked")


def _kind(scenario: Calls, retry: Retry) -> str:
    return scenario.jobs[retry.item].kind(retry.number)


def _why_unlike(wrong: Sequence[_Pause], otherwise: str) -> Failure:
    scenario, trace, retry = wrong[0]
    low, high = pauses.window(scenario.options, retry.number) or (0.0, 0.0)
    asked = f"{low * 1000:.1f}" + (f" to {high * 1000:.1f}" if high > low else "")
    return PAUSE_DEPENDS_ON_KIND(
        f"Item {trace.name(retry.item)} failed at {retry.start:.3f} s with "
        f"{words(_kind(scenario, retry))}, and waited {retry.pause * 1000:.1f} ms before its next try. "
        f"{otherwise}.",
        f"After failed try {retry.number}: {asked} ms, whatever it failed with.",
        line=retry.line,
        at=retry.start + retry.pause,
        task=retry.task,
        item=retry.item,
    ).about(trace)


def begins_anew(scenario: Calls, trace: Trace) -> None:
    """The first pause of an item does not go on where a refused one before it had ended.

    Asked where pauses are as they should be as long as nothing is refused.
    """
    before: dict[int, int] = {}  # by task, the item that it had tried before this one
    held: dict[int, int] = {}
    for one in trace.tries:
        if held.get(one.task, one.item) != one.item:
            before[one.task] = held[one.task]
        held[one.task] = one.item
        retry = next(iter(trace.retries_of(one.item)), None)
        window = pauses.window(scenario.options, 1)
        earlier = before.get(one.task)
        if retry is None or window is None or earlier is None or not scenario.jobs[earlier].refused:
            continue
        if not window[0] - 2 * SAME_TIME <= retry.pause <= window[1] + 2 * SAME_TIME:
            raise DELAY_CARRIED_TO_NEXT_ITEM(
                f"Item {trace.name(earlier)} was refused, and the one after it waited "
                f"{retry.pause * 1000:.1f} ms before its first retry.",
                f"Each item begins again at `delay`: {window[0] * 1000:.1f} to "
                f"{window[1] * 1000:.1f} ms.",
                line=retry.line,
                at=retry.start + retry.pause,
                task=retry.task,
                item=one.item,
            ).about(trace)


def draws_are_alike(scenario: Calls, trace: Trace, rows: Sequence[Sequence[float]]) -> None:
    """A random part is added after every kind of error, where it is after any.

    rows: the random parts as fractions of their windows, one row for each item.
    """
    parts: dict[str, list[float]] = {}
    for job, row in zip(scenario.jobs, rows, strict=True):
        parts.setdefault(job.kind(1), []).extend(row)
    fixed = [kind for kind, found in parts.items() if max(found) - min(found) < 1e-4]
    drawn = [kind for kind in parts if kind not in fixed]
    if fixed and drawn:
        retry = next(one for one in trace.retries if scenario.jobs[one.item].kind(1) == fixed[0])
        raise _why_unlike(
            [(scenario, trace, retry)],
            f"So it was after each {words(fixed[0]).partition(' ')[2]}, and no two pauses after "
            f"{words(drawn[0])} were alike",
        )


def default_is_whole(unsaid: Sequence[float], said: Sequence[float], trace: Trace) -> None:
    """Left to its default, `jitter` opens the whole window.

    unsaid: the random parts of a thousand retries or more, as fractions of the window; trace: theirs.
    said: others, where jitter was handed over.
    """
    reached = max(unsaid)
    if reached < 0.95 < max(said):  # 0.95 ** 1495 < 1e-33
        raise JITTER_WINDOW_TOO_SMALL(
            f"the random parts of {len(unsaid)} retries used only {reached * 100:.0f} % of the window.",
            "u is drawn uniformly from 0 to d * jitter.",
        ).about(trace)
