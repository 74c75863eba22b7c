"""Whether the right things follow when the time of a try is over; and if not, by which mistake.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grader.course.api import SAME_TIME, Mistake, Try, lines, span
from grader.course.ex11_time_out_the_hung_call.limits import ASKS_OWN_TIME
from grader.course.ex11_time_out_the_hung_call.mistakes import (
    CLEAN_UP_CUT_SHORT,
    LIMIT_ENDS_CONSUMER,
    RETRIES_DURING_CLEAN_UP,
    SERVICE_TIMEOUT_NOT_RETRIED,
    TIMEOUT_COVERS_THE_GET,
    TIMEOUT_COVERS_THE_PAUSE,
    TIMEOUT_GIVES_UP,
    TIMEOUT_SHARED_BY_TRIES,
    TIMEOUT_USES_UP_NO_TRY,
)
from grader.course.ex11_time_out_the_hung_call.runs import Run, Runs, near
from grader.course.kit.failures import times
from grader.trace import Event

__all__ = [
    "ASKS_END",
    "ASKS_RETRY",
    "counts_as_a_try",
    "ended_before_the_next",
    "kills_no_consumer",
]

ASKS_RETRY = "A try whose time is over counts as a failed try: it is retried like any other."
_ASKS_OWN = "A TimeoutError of the service's own is retried like a TransientError."
_ASKS_ITEM = "A consumer waits for an item as long as it takes."
ASKS_END = (
    "The next try begins only when the cancelled one has ended, and the pause counts from there."
)


# -- the consumer --------------------------------------------------------------------------------


def kills_no_consumer(run: Run) -> None:
    """No `TimeoutError`, and no cancellation that came from nobody else, ended a consumer."""
    trace = run.trace
    for order, event in enumerate(trace.events[: run.end.order]):
        if event.kind != "end" or event.task not in trace.crew or not _ended_by_time(event):
            continue
        before = [t for t in trace.tries if run.owner[t.task] == event.task and t.order < order]
        mistake, why, asks = _why_killed(run, event, before)
        error = "a TimeoutError" if event.data[0] == "raised" else "its own cancellation"
        line = _line_of(event)
        raise mistake(
            f"{trace.label(event.task)} was ended by {error} at {event.at:.3f} s{lines([line])}: {why}.",
            asks,
            why="error",
            line=line,
            at=event.at,
            task=event.task,
            item=before[-1].item if before else None,
        ).about(trace)


def _ended_by_time(event: Event) -> bool:
    if event.data[0] == "raised":
        return _is_timeout(event.data[1])
    return bool(event.data[0] == "cancelled")


def _is_timeout(error: Mapping[str, Any]) -> bool:
    names = (error["type"], *error["bases"])
    return "TimeoutError" in names or any(map(_is_timeout, error.get("inner") or ()))


def _line_of(event: Event) -> int | None:
    passed = (event.data[1] or {}).get("lines") or [None]
    line: int | None = passed[-1]
    return line


def _why_killed(run: Run, event: Event, before: Sequence[Try]) -> tuple[Mistake, str, str]:
    """The mistake, words for it, and what is asked."""
    if not before:
        return TIMEOUT_COVERS_THE_GET, "it had waited for its first item until then", _ASKS_ITEM
    last, timeout = before[-1], run.scenario.timeout
    name, item = run.name(last).lower(), run.trace.name(last.item)
    if last.end is not None and near(last.end, event.at):
        if last.outcome == "error":
            why = f"{name} had ended with a TimeoutError of the service's own"
            return SERVICE_TIMEOUT_NOT_RETRIED, why, _ASKS_OWN
        why = f"the time of {name} was over, and nobody took that for a failed try"
        return LIMIT_ENDS_CONSUMER, why, ASKS_RETRY
    if last.outcome == "ok" or last.number >= run.scenario.options["attempts"]:
        why = f"it waited for an item, and was done with item {item}"
        return TIMEOUT_COVERS_THE_GET, why, _ASKS_ITEM
    first = run.trace.tries_of(last.item)[0]
    if last.number > 1 and near(first.start + timeout, event.at):
        why = f"its {timeout:g} s had begun with the first try of item {item}"
        return TIMEOUT_SHARED_BY_TRIES, why, ASKS_OWN_TIME
    return TIMEOUT_COVERS_THE_PAUSE, f"it was in the pause after {name}", ASKS_OWN_TIME


# -- the end of a cancelled try ------------------------------------------------------------------


def ended_before_the_next(run: Run) -> None:
    """The next try of an item begins when the cancelled one has ended, its clean-up included."""
    for timed in run.timed:
        one, cut = timed.one, timed.cut
        if cut is None:
            continue
        following = run.trace.tries_of(one.item)[one.number :][:1]
        began = following[0] if following and following[0].order < run.end.order else None
        if began is not None and (one.end is None or one.end - began.start > SAME_TIME):
            until = f"until {one.end:.3f} s" if one.end is not None else "on"
            raise RETRIES_DURING_CLEAN_UP(
                f"{run.name(one)} was cancelled at {cut:.3f} s and cleaned up {until}. Try "
                f"{began.number} began at {began.start:.3f} s{lines([began.line])}, in the middle of it.",
                ASKS_END,
                line=began.line,
                at=began.start,
                task=run.owner[began.task],
                item=one.item,
            ).about(run.trace)
        _cleaned_up(run, one, cut)


def _cleaned_up(run: Run, one: Try, cut: float) -> None:
    """Nobody broke off the clean-up of a cancelled try."""
    if one.end is None or one.end_order is None or one.end_order > run.end.order:
        return
    needs = run.scenario.cleanup_of(one.item, one.number)
    if cut + needs - one.end > SAME_TIME:
        line = run.line_at(one.end)
        raise CLEAN_UP_CUT_SHORT(
            f"{run.name(one)} was cancelled at {cut:.3f} s, and once more at {one.end:.3f} s"
            f"{lines([line])}: its clean-up takes {needs:.3f} s.",
            f"{ASKS_END} How long that takes is the service's affair.",
            line=line,
            at=one.end,
            task=run.owner[one.task],
            item=one.item,
        ).about(run.trace)


# -- a try like any other ------------------------------------------------------------------------


def counts_as_a_try(run: Run, runs: Runs) -> None:
    """A try that was timed out is followed by another, until there were `attempts` of them."""
    for item, job in enumerate(run.scenario.jobs):
        if job.error is None and run.trace.tries_of(item):
            _not_too_often(run, item)
            if run.trace.how == "quiet":
                _not_too_rarely(run, item, runs)


def _not_too_often(run: Run, item: int) -> None:
    every, attempts = run.trace.tries_of(item), run.scenario.options["attempts"]
    timed_out = sum(run.is_of_time(item, one.number) for one in every)
    if timed_out and len(every) > attempts >= len(every) - timed_out:
        raise TIMEOUT_USES_UP_NO_TRY(
            f"Item {run.trace.name(item)} was tried {times(len(every))}, with attempts={attempts}: "
            f"{timed_out} of its tries ended by a timeout, and were not counted.",
            ASKS_RETRY,
            line=every[attempts].line,
            at=every[attempts].start,
            item=item,
        ).about(run.trace)


def _not_too_rarely(run: Run, item: int, runs: Runs) -> None:
    first, *_, last = [*run.trace.tries_of(item)[:1], *run.trace.tries_of(item)]
    job, attempts = run.scenario.jobs[item], run.scenario.options["attempts"]
    succeeds = 0 <= job.fails < last.number
    if last.number >= attempts or last.end is None or succeeds:
        return
    name, asked = run.trace.name(item), f"with attempts={attempts}"
    if _left_when_over(run, last) or any(_left_when_over(*one) for one in _lasts(runs)):
        left = _left_at(run, last)
        raise TIMEOUT_SHARED_BY_TRIES(
            f"Item {name} was tried {times(last.number)}, and given up on at {left:.3f} s, {asked}: "
            f"{span(left - first.start)} after its first try had begun.",
            ASKS_OWN_TIME,
            line=run.line_at(first.start + run.scenario.timeout),
            at=left,
            item=item,
        ).about(run.trace)
    if (item, last.number) in run.cuts:
        raise TIMEOUT_GIVES_UP(
            f"{run.name(last)} was cancelled at {run.cuts[item, last.number]:.3f} s, when its time was "
            f"over, and the item was never tried again, {asked}.",
            ASKS_RETRY,
            line=last.line,
            at=last.end,
            item=item,
        ).about(run.trace)
    if last.outcome == "error":
        raise SERVICE_TIMEOUT_NOT_RETRIED(
            f"{run.name(last)} ended with a TimeoutError of the service's own at {last.end:.3f} s, and "
            f"the item was never tried again, {asked}.",
            _ASKS_OWN,
            line=last.line,
            at=last.end,
            item=item,
        ).about(run.trace)


def _lasts(runs: Runs) -> Iterator[tuple[Run, Try]]:
    """The last tries of items that were tried less often than they may be."""
    for run in runs:
        last = {one.item: one for one in run.trace.tries}
        yield from ((run, t) for t in last.values() if t.number < run.scenario.options["attempts"])


def _left_when_over(run: Run, last: Try) -> bool:
    """Was an item left, in a pause, when the first of its tries had begun `timeout` seconds before?"""
    first, left = run.trace.tries_of(last.item)[0], _left_at(run, last)
    in_pause = last.end is not None and left - last.end > SAME_TIME
    return in_pause and near(left, first.start + run.scenario.timeout)


def _left_at(run: Run, last: Try) -> float:
    """When the consumer of an item did something else after its last try."""
    mine = run.owner[last.task]
    for event in run.trace.events[(last.end_order or len(run.trace.events)) + 1 :]:
        if run.owner[event.task] == mine and event.kind in ("get", "get_wait", "done", "begin"):
            return event.at
    return last.end or 0.0
