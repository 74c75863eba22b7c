"""Whether the right things follow when the time of a try is over; and if not, by which mistake.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grader.course.api import SAME_TIME, Mistake, Retry, Try, lines
from grader.course.ex11_time_out_the_hung_call.limits import ASKS_AWAITING, ASKS_OWN_TIME
from grader.course.ex11_time_out_the_hung_call.mistakes import (
    CLEAN_UP_CUT_SHORT,
    CLEAN_UP_HOLDS_UP_OTHERS,
    LIMIT_ENDS_CONSUMER,
    OTHER_PAUSE_AFTER_TIMEOUT,
    PAUSE_FROM_THE_TIMEOUT,
    POLLS_THE_CALL,
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

__all__ = ["counts_as_a_try", "ended_before_the_next", "kills_no_consumer", "wait_as_usual"]

_ASKS_RETRY = "A try whose time is over counts as a failed try: it is retried like any other."
_ASKS_OWN = "A TimeoutError of the service's own is retried like a TransientError."
_ASKS_ITEM = "A consumer waits for an item as long as it takes."
_ASKS_END = (
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
        return LIMIT_ENDS_CONSUMER, why, _ASKS_RETRY
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
                _ASKS_END,
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
            f"{_ASKS_END} How long that takes is the service's affair.",
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
            _ASKS_RETRY,
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
            f"{left - first.start:.3g} s after its first try had begun.",
            ASKS_OWN_TIME,
            line=run.line_at(first.start + run.scenario.timeout),
            at=left,
            item=item,
        ).about(run.trace)
    if (item, last.number) in run.cuts:
        raise TIMEOUT_GIVES_UP(
            f"{run.name(last)} was cancelled at {run.cuts[item, last.number]:.3f} s, when its time was "
            f"over, and the item was never tried again, {asked}.",
            _ASKS_RETRY,
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


# -- the pause -----------------------------------------------------------------------------------


def wait_as_usual(runs: Runs) -> None:
    """The pause after a try that was timed out is as long as any, and counts from its end."""
    others = [r for run in runs for r in run.trace.retries if not _of_time(run, r)]
    usual = all(
        run.in_window(r.number, r.pause)
        for run in runs
        for r in run.trace.retries
        if not _of_time(run, r)
    )
    for run in runs:
        for retry in run.trace.retries:
            if run.in_window(retry.number, retry.pause):
                continue
            failed = run.trace.tries_of(retry.item)[retry.number - 1]
            _was_not_broken_off(run, retry, failed)
            _was_noticed(run, retry, failed)
            _was_not_held_up(run, retry, failed)
            if others and usual:
                _is_no_other(run, retry, failed)


def _of_time(run: Run, retry: Retry) -> bool:
    return run.is_of_time(retry.item, retry.number)


def _was_not_broken_off(run: Run, retry: Retry, failed: Try) -> None:
    """No limit ended, in the pause, that had begun with the failed try."""
    over, again = failed.start + run.scenario.timeout, retry.start + retry.pause
    timer = run.timer_at(over)
    in_pause = retry.start < over <= again + SAME_TIME
    if (retry.item, retry.number) not in run.cuts and timer is not None and in_pause:
        raise TIMEOUT_COVERS_THE_PAUSE(
            f"The pause after {run.name(failed).lower()} was broken off at {over:.3f} s: "
            f"{run.scenario.timeout:g} s after that try had begun{lines([timer.line])}.",
            ASKS_OWN_TIME,
            line=timer.line,
            at=over,
            task=run.owner[retry.task],
            item=retry.item,
        ).about(run.trace)


def _was_noticed(run: Run, retry: Retry, failed: Try) -> None:
    """The pause did not begin with the end of a sleep in which the consumer waited for the call."""
    again = retry.start + retry.pause
    nap = _nap_across(run, failed, again)
    if nap is not None and run.in_window(retry.number, again - nap.at):
        raise POLLS_THE_CALL(
            f"{run.name(failed)} ended at {retry.start:.3f} s, and its consumer noticed only at "
            f"{nap.at:.3f} s, after a sleep of {nap.data[0]:.3g} s{lines([nap.line])}.",
            ASKS_AWAITING,
            line=nap.line,
            at=nap.at,
            task=run.owner[retry.task],
            item=retry.item,
        ).about(run.trace)


def _nap_across(run: Run, failed: Try, again: float) -> Event | None:
    """A sleep of the consumer's that began before a try ended, and was over some time after that."""
    ended = failed.end or 0.0
    for event in run.trace.of("timer"):
        mine = run.owner[event.task] == run.owner[failed.task]
        across = event.at - event.data[0] < ended - SAME_TIME and event.at > ended + SAME_TIME
        if mine and across and event.at <= again + SAME_TIME:
            return event
    return None


def _was_not_held_up(run: Run, retry: Retry, failed: Try) -> None:
    """The pause did not begin with the end of a clean-up that was another consumer's."""
    again, mine = retry.start + retry.pause, run.owner[failed.task]
    for other in run.trace.tries:
        ended, cleaned = other.end or 0.0, (other.item, other.number) in run.cuts
        between = retry.start + SAME_TIME < ended < again + SAME_TIME
        if cleaned and between and run.owner[other.task] != mine:
            if not run.in_window(retry.number, again - ended):
                continue
            raise CLEAN_UP_HOLDS_UP_OTHERS(
                f"{run.name(failed)} had ended at {retry.start:.3f} s, and the next began at "
                f"{again:.3f} s{lines([retry.line])}: its pause counted only from {ended:.3f} s, when "
                f"{run.name(other).lower()}, of another consumer, had cleaned up.",
                "Nobody is held up by the call or the clean-up of another consumer.",
                line=retry.line,
                at=again,
                task=mine,
                item=retry.item,
            ).about(run.trace)


def _is_no_other(run: Run, retry: Retry, failed: Try) -> None:
    """A pause that is wrong, where those after other failed tries are right, is none of these."""
    again, (low, high) = retry.start + retry.pause, run.window(retry.number)
    cut = run.cuts.get((retry.item, retry.number), retry.start)
    asked = f"{low * 1000:.1f}" + (f" to {high * 1000:.1f}" if high > low else "") + " ms"
    paused = "at once" if retry.pause <= SAME_TIME else f"{retry.pause * 1000:.1f} ms later"
    over_with_it = retry.pause <= SAME_TIME and 0 < low <= retry.start - cut
    since_then = retry.start - cut > SAME_TIME and run.in_window(retry.number, again - cut)
    if over_with_it or since_then:
        found = PAUSE_FROM_THE_TIMEOUT(
            f"{run.name(failed)} was cancelled at {cut:.3f} s and had cleaned up at {retry.start:.3f} s; "
            f"the next began at {again:.3f} s{lines([retry.line])}, {paused}. The pause began with "
            "the clean-up, not after it.",
            f"{_ASKS_END} Asked: {asked}.",
            line=retry.line,
        )
    else:
        line = run.line_at(again)
        how = "was cancelled when its time was over, and ended"
        if failed.outcome == "error":
            how = "ended with a TimeoutError of the service's own"
        found = OTHER_PAUSE_AFTER_TIMEOUT(
            f"{run.name(failed)} {how} at {retry.start:.3f} s; the next began at {again:.3f} s, {paused}"
            f"{lines([line])}. After other failed tries the pause is as asked.",
            f"{_ASKS_RETRY} Asked: a pause of {asked}.",
            line=line,
        )
    raise found.showing(at=again, task=run.owner[retry.task], item=retry.item).about(run.trace)
