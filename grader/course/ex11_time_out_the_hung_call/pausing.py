"""Whether the pause after a try that was timed out is as any; and if not, by which mistake."""

from __future__ import annotations

from grader.course.api import SAME_TIME, Retry, Try, lines, span
from grader.course.ex11_time_out_the_hung_call.after import ASKS_END, ASKS_RETRY
from grader.course.ex11_time_out_the_hung_call.limits import ASKS_AWAITING, ASKS_OWN_TIME
from grader.course.ex11_time_out_the_hung_call.mistakes import (
    CLEAN_UP_HOLDS_UP_OTHERS,
    OTHER_PAUSE_AFTER_TIMEOUT,
    PAUSE_FROM_THE_TIMEOUT,
    POLLS_THE_CALL,
    TIMEOUT_COVERS_THE_PAUSE,
)
from grader.course.ex11_time_out_the_hung_call.runs import Run, Runs
from grader.trace import Event

__all__ = ["wait_as_usual"]


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
            f"{nap.at:.3f} s, after a sleep of {span(nap.data[0])}{lines([nap.line])}.",
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
            f"{ASKS_END} Asked: {asked}.",
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
            f"{ASKS_RETRY} Asked: a pause of {asked}.",
            line=line,
        )
    raise found.showing(at=again, task=run.owner[retry.task], item=retry.item).about(run.trace)
