"""Whether a pipeline ends once every item is settled, no later, and if not, by which mistake.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.course.kit.failures import (
    Failure,
    Misconception,
    Mistake,
    apart,
    asked_of_trace,
    lines,
    span,
)
from grader.course.kit.lesson import Pipeline
from grader.course.mistakes.bound import PRODUCER_SLEEPS
from grader.course.mistakes.crew import (
    CONSUMERS_NEVER_TOLD_TO_STOP,
    STOPS_ON_TIMEOUT,
    TASKS_LEFT_BEHIND,
)
from grader.course.mistakes.loop import BLOCKS_THE_LOOP
from grader.course.mistakes.marks import (
    JOIN_BOUNDED,
    POLLS_INSTEAD_OF_JOIN,
    RETURNS_WITHOUT_WAITING,
    SLEEP_INSTEAD_OF_JOIN,
    SLEEPS_BEFORE_RETURN,
    TASK_DONE_FROM_OUTSIDE,
    TASK_DONE_MISSING,
    TASK_DONE_MISSING_ON_SUCCESS,
    TASK_DONE_MISSING_WHEN_GIVEN_UP,
    TASK_DONE_PER_TRY,
    TASK_DONE_TOO_EARLY,
    TASK_DONE_TWICE,
)
from grader.course.mistakes.pauses import SLEEPS_AFTER_LAST_FAILURE
from grader.course.rules.deadlock import private_count, why_deadlocked
from grader.course.rules.ends import waiting_words
from grader.course.rules.marks import items_done_once, none_done_early
from grader.course.rules.order import all_worked_on_in_order
from grader.course.rules.shapes import marked_from_outside, producers_naps, tampered_count
from grader.course.rules.tries import none_abandoned
from grader.trace import SAME_TIME, Trace

__all__ = ["all_came_to_their_end", "came_to_its_end", "returned_promptly", "waits_for_real"]


def all_came_to_their_end(runs: Sequence[tuple[Pipeline, Trace]]) -> None:
    """`came_to_its_end` for several runs: one may show what another does not."""
    for scenario, trace in runs:
        try:
            came_to_its_end(trace, scenario)
        except Failure as failure:
            if failure.mistake in _OF_MARKS:
                none_abandoned(trace, scenario)  # if this raises, the item was abandoned too early
            raise _told_by_another(runs, failure) or failure from None


_OF_MARKS = (TASK_DONE_PER_TRY, TASK_DONE_TOO_EARLY)
_MISSING = (TASK_DONE_MISSING, TASK_DONE_MISSING_ON_SUCCESS, TASK_DONE_MISSING_WHEN_GIVEN_UP)


def _told_by_another(
    runs: Sequence[tuple[Pipeline, Trace]], failure: Failure
) -> Misconception | None:
    if failure.mistake not in _MISSING:
        return None
    for _, trace in runs:
        if tampered_count(trace) is not None:
            return _shown_by(private_count(trace), trace)
        outside = marked_from_outside(trace)
        if outside is not None:
            cause = TASK_DONE_FROM_OUTSIDE(
                f"task_done() was called at {outside.at:.3f} s{lines([outside.line])} by "
                "run_pipeline, which does not know which items are settled: some were left out.",
                "Whoever took an item calls task_done() for it, once it is settled.",
                why=failure.why,
                line=outside.line,
                at=outside.at,
            )
            return _shown_by(cause, trace)
    return None


def _shown_by(cause: Misconception, trace: Trace) -> Misconception:
    cause.about(trace)
    return cause


def came_to_its_end(trace: Trace, scenario: Pipeline) -> None:
    """Every item was settled once and in order before `run_pipeline` returned."""
    if trace.how == "deadlock":
        raise _why_stuck(trace, scenario).about(trace)
    try:
        all_worked_on_in_order(trace, scenario)
    except Failure as failure:
        # A wrong task_done() or a wrong count of them can cause an early return.
        if trace.gets and failure.mistake in _EARLY:
            if tampered_count(trace) is not None:
                raise private_count(trace).about(trace) from None
            none_done_early(trace, scenario)
        raise


_EARLY = {None, RETURNS_WITHOUT_WAITING, TASK_DONE_TWICE, CONSUMERS_NEVER_TOLD_TO_STOP}


def _why_stuck(trace: Trace, scenario: Pipeline) -> Failure:
    general = why_deadlocked(trace, scenario)
    if general.mistake is TASK_DONE_MISSING or (trace.dones and general.mistake is None):
        try:
            items_done_once(trace, scenario)
        except Misconception as cause:
            where = f" (line {general.line})" if general.line else ""
            return (cause.mistake or TASK_DONE_MISSING)(
                f"{cause.message} So run_pipeline{where} waits for ever.",
                cause.asks,
                why="deadlock",
                line=cause.line or general.line,
            )
    return general


# -- promptly ---------------------------------------------------------------------------------


@asked_of_trace
def returned_promptly(trace: Trace) -> None:
    """`run_pipeline` returns as soon as the last item is settled, and leaves no task behind."""
    ended = max((one.end for one in trace.tries if one.end is not None), default=0.0)
    if trace.clock - ended > SAME_TIME:
        late = [e for e in trace.of("timer") if e.at > ended]
        mistake = _lateness(trace, late)
        last, returned = apart(ended, trace.clock)
        raise mistake(
            f"The last item was finished at {last}, but run_pipeline returned only at "
            f"{returned}{_MEANWHILE.get(mistake, '')}{lines([late[-1].line] if late else [])}.",
            "It returns promptly when all items are finished: join() wakes it at that moment.",
            line=late[-1].line if late else None,
            at=ended,
            task=1,
        )
    if trace.left:
        raise TASKS_LEFT_BEHIND(
            f"run_pipeline returned, and left tasks behind: {waiting_words(trace, trace.left)}.",
            "Every task that it started is done or cancelled when it returns.",
            line=trace.left[0].line,
        )


_MEANWHILE = {
    STOPS_ON_TIMEOUT: ", when its consumers had waited long enough for more",
    SLEEPS_AFTER_LAST_FAILURE: ", when a consumer had slept once more",
    JOIN_BOUNDED: ", when the time for its join() was over",
    POLLS_INSTEAD_OF_JOIN: ", when it looked again",
    SLEEP_INSTEAD_OF_JOIN: ", when its sleep was over",
    SLEEPS_BEFORE_RETURN: ", when it had slept once more",
    PRODUCER_SLEEPS: ", when its producer had slept once more",
}


@asked_of_trace
def waits_for_real(trace: Trace) -> None:
    """`run_pipeline` waits for the work itself: it does not wake up in between."""
    waiting = {1} | {event.task for event in trace.of("join")}
    workers = {one.task for one in trace.tries}
    for nap in trace.of("timer"):
        if nap.task in waiting - workers:
            raise POLLS_INSTEAD_OF_JOIN(
                f"While the work went on, run_pipeline woke up at {nap.at:.3f} s, after "
                f"{span(nap.data[0])} (line {nap.line}), to look whether all was done.",
                "The wait is a real one: join(), or the consumers' own end, wakes it once.",
                line=nap.line,
                at=nap.at,
            )


def _lateness(trace: Trace, late: Sequence[Any]) -> Mistake:
    """The mistake behind a late return: a join with a timeout, polling, a sleep and so on."""
    joins, joined = trace.of("join"), trace.of("joined")
    workers = {one.task for one in trace.tries}
    naps = [e.at - e.data[0] for e in late]
    waited = [e.at for e in trace.of("get_wait")]
    last_take = trace.taken[-1].at if trace.taken else 0.0
    between = {e.line for e in trace.of("timer") if e.at - e.data[0] < last_take - SAME_TIME}
    if late and all(e.line in between for e in late) and producers_naps(trace):
        return PRODUCER_SLEEPS
    after = bool(late and joined) and min(naps) > joined[-1].at - SAME_TIME
    if after and all(e.task == joined[-1].task for e in late):
        return SLEEPS_BEFORE_RETURN
    # As many waits for an item begin at each of these moments as naps do.
    if late and all(_near(nap, waited) >= _near(nap, naps) for nap in naps):
        return STOPS_ON_TIMEOUT
    if after:
        return SLEEPS_BEFORE_RETURN
    if late and all(e.task in workers for e in late):
        return SLEEPS_AFTER_LAST_FAILURE
    if late and len(joins) > len(joined):
        return JOIN_BOUNDED
    if len([e for e in trace.of("timer") if late and e.line == late[-1].line]) > 1:
        return POLLS_INSTEAD_OF_JOIN
    if trace.blocked and not late:
        return BLOCKS_THE_LOOP
    return SLEEP_INSTEAD_OF_JOIN


def _near(moment: float, others: Sequence[float]) -> int:
    return sum(1 for other in others if abs(other - moment) < SAME_TIME)
