"""Whether each try is cancelled when its time is over, and no other is; and if not, by which mistake."""

from __future__ import annotations

from typing import NoReturn

from grader.course.api import SAME_TIME, Mistake, Try, lines
from grader.course.ex11_time_out_the_hung_call.mistakes import (
    CALL_LEFT_RUNNING,
    HANGS_WITH_THE_CALL,
    IGNORES_TIMEOUT,
    POLLS_THE_CALL,
    SOME_TRIES_HAVE_NO_LIMIT,
    TIMEOUT_CHANGES_WITH_THE_TRY,
    TIMEOUT_COVERS_THE_GET,
    TIMEOUT_COVERS_THE_PAUSE,
    TIMEOUT_HITS_OTHERS,
    TIMEOUT_SHARED_BY_TRIES,
    WRONG_TIMEOUT,
)
from grader.course.ex11_time_out_the_hung_call.runs import Run, Runs, Timed, near
from grader.trace import Event

__all__ = ["ASKS_AWAITING", "ASKS_OWN_TIME", "limits_hold"]

_ASKS_LIMIT = (
    "A try that takes longer than `timeout` is cancelled at that instant, and counts as failed."
)
ASKS_OWN_TIME = (
    "Each try has the whole `timeout` to itself: no pause, no wait and no other try counts."
)
ASKS_AWAITING = (
    "Waiting is awaiting: asyncio wakes you when the call has ended, or when its time is over."
)


def limits_hold(runs: Runs) -> None:
    """Each try was cancelled when its time was over, and no other was."""
    for run in runs:
        _nobody_spins(run)
        for timed in run.timed:
            if timed.cut is None and timed.over:
                _never_cut(run, timed, runs)
            elif timed.cut is not None and not (timed.over and near(timed.cut, timed.limit)):
                _cut_otherwise(run, timed, timed.cut, runs)


# -- a try that nobody cancelled -------------------------------------------------------------------


def _nobody_spins(run: Run) -> None:
    """No loop asks without end whether a call is over, while nobody else can move."""
    trace, line = run.trace, run.trace.end.get("line")
    spins = run.owner.get(trace.end.get("task") or 0) if trace.how == "livelock" else None
    one = next((t for t in trace.tries if t.end is None and run.owner[t.task] == spins), None)
    if one is not None:
        raise POLLS_THE_CALL(
            f"{run.name(one)} began at {one.start:.3f} s, and its consumer asks again and again "
            f"whether it is over{lines([line])}: no time passes any more.",
            ASKS_AWAITING,
            why="livelock",
            line=line,
            at=one.start,
            task=spins,
            item=one.item,
        ).about(trace)


def _never_cut(run: Run, timed: Timed, runs: Runs) -> NoReturn:
    one, trace, timeout = timed.one, run.trace, run.scenario.timeout
    owner, went_on = run.owner[one.task], _went_on(run, one)
    if went_on is not None:
        event, what = went_on
        raise CALL_LEFT_RUNNING(
            f"{run.name(one)} began at {one.start:.3f} s and had to be cancelled at {timed.limit:.3f} s, "
            f"with timeout={timeout:g}. It ran on, while its consumer {what} at {event.at:.3f} s"
            f"{lines([event.line])}.",
            _ASKS_LIMIT,
            line=event.line,
            at=event.at,
            task=owner,
            item=one.item,
        ).about(trace)
    how = "never ended, and its consumer waits for it for ever"
    if one.end is not None and one.outcome != "cancelled":
        how = f"took {one.end - one.start:.3f} s: nobody cancelled it"
    others = _others_were_cut(runs)
    raise (SOME_TRIES_HAVE_NO_LIMIT if others else HANGS_WITH_THE_CALL)(
        f"{run.name(one)} began at {one.start:.3f} s and {how}{lines([one.line])}.{others}",
        f"With timeout={timeout:g} it has to be cancelled at {timed.limit:.3f} s. {_ASKS_LIMIT}",
        line=one.line,
        at=min(timed.limit, trace.clock),
        task=owner,
        item=one.item,
    ).about(trace)


_DOES = {
    "get": "took its next item",
    "get_wait": "asked for its next item",
    "done": "called task_done()",
}


def _went_on(run: Run, one: Try) -> tuple[Event, str] | None:
    """What the consumer of an overdue try did next, while that was still running."""
    ends = run.end.order if one.end_order is None else min(one.end_order, run.end.order)
    for event in run.trace.events[one.order + 1 : ends]:
        if run.owner[event.task] != run.owner[one.task]:
            continue
        if event.kind == "begin":
            return event, f"began try {event.data[1]} of item {run.trace.name(event.data[0])}"
        if event.kind in _DOES:
            return event, _DOES[event.kind]
    return None


def _others_were_cut(runs: Runs) -> str:
    """Words for a try that was cancelled in time, where there is one."""
    for run in runs:
        for timed in run.timed:
            if timed.over and timed.cut is not None and near(timed.cut, timed.limit):
                name = f"try {timed.one.number} of item {run.trace.name(timed.one.item)}"
                return f" Others have a limit: {name} was cancelled in time."
    return ""


# -- one that was cancelled at another moment -------------------------------------------------------


def _cut_otherwise(run: Run, timed: Timed, cut: float, runs: Runs) -> NoReturn:
    one, timeout, line = timed.one, run.scenario.timeout, run.line_at(cut)
    mistake, why, asks = _why_otherwise(run, timed, cut, runs)
    would = "" if timed.over else " It would have ended in time."
    raise mistake(
        f"{run.name(one)} was cancelled at {cut:.3f} s, {_amount(cut - one.start, timeout)} s after it "
        f"had begun, with timeout={timeout:g}{lines([line])}: {why}.{would}",
        asks,
        line=line,
        at=cut,
        task=run.owner[one.task],
        item=one.item,
    ).about(run.trace)


def _amount(seconds: float, asked: float) -> str:
    """The seconds, with as many digits as show that they are others than asked."""
    for digits in range(3, 7):
        if f"{seconds:.{digits}f}" != f"{asked:.{digits}f}":
            return f"{seconds:.{digits}f}"
    return f"{seconds:.6f}"


def _why_otherwise(run: Run, timed: Timed, cut: float, runs: Runs) -> tuple[Mistake, str, str]:
    """The mistake, words for it, and what is asked."""
    one = timed.one
    around = _around_other_lines(run, one, cut)
    if around is not None:
        return *around, ASKS_OWN_TIME
    other = _of_another(run, timed, cut)
    if other is not None:
        why = f"just then the time of item {run.trace.name(other.item)}, in other hands, was over"
        return TIMEOUT_HITS_OTHERS, why, "A consumer cancels its own call, and no other."
    mine = next(t for t in run.trace.tries if run.owner[t.task] == run.owner[one.task])
    if mine.item != one.item and near(mine.start, cut - run.scenario.timeout):
        why = f"the time runs since {run.name(mine).lower()} began"
        return TIMEOUT_SHARED_BY_TRIES, why, ASKS_OWN_TIME
    if (constant := _constant(one, cut, runs)) is not None:
        return IGNORES_TIMEOUT, constant, "The parameter says how long a try may take."
    said = "timeout" not in run.scenario.unsaid
    if said and (changing := _changing(run, one, cut)) is not None:
        return TIMEOUT_CHANGES_WITH_THE_TRY, changing, ASKS_OWN_TIME
    if cut > timed.limit and (naps := _naps(run, one, cut)) > 1:
        why = f"its consumer slept {naps} times meanwhile, to look whether it was over"
        return POLLS_THE_CALL, why, ASKS_AWAITING
    why = "too early" if cut < timed.limit else "too late"
    for share, words in ((1000, "long"), (0.001, "short")):
        if abs((cut - one.start) / run.scenario.timeout / share - 1) < 0.01:
            why = f"a thousand times too {words}, as timeout is in seconds"
    return WRONG_TIMEOUT, why, _ASKS_LIMIT


def _around_other_lines(run: Run, one: Try, cut: float) -> tuple[Mistake, str] | None:
    """The mistake and words for it, where the time is as long as asked but began elsewhere."""
    begun_at = cut - run.scenario.timeout
    earlier = run.trace.tries_of(one.item)[: one.number - 1]
    if earlier and near(earlier[0].start, begun_at):
        return TIMEOUT_SHARED_BY_TRIES, "the time runs from the start of the item's first try"
    if earlier and near(cut, one.start) and begun_at > earlier[0].start:
        passed = one.start - earlier[0].start
        return (
            TIMEOUT_SHARED_BY_TRIES,
            f"{passed:.3f} s had passed since the item's first try began",
        )
    if earlier and earlier[-1].end is not None and near(earlier[-1].end, begun_at):
        why = "the time runs from the end of the try before, and the pause is part of it"
        return TIMEOUT_COVERS_THE_PAUSE, why
    if not earlier and any(near(at, begun_at) for at in _waits_for_items(run, one)):
        return TIMEOUT_COVERS_THE_GET, "the time runs since its consumer waited for an item"
    return None


def _waits_for_items(run: Run, one: Try) -> list[float]:
    """When the consumer of this try began to wait, or looked, for what it got then."""
    mine = run.owner[one.task]
    found: list[float] = []
    for event in run.trace.events[: one.order]:
        if run.owner[event.task] == mine and event.kind == "begin":
            found.clear()
        if run.owner[event.task] == mine and event.kind in ("get_wait", "end", "spawn"):
            found.append(event.at)
    return found


def _of_another(run: Run, timed: Timed, cut: float) -> Try | None:
    """Another consumer's try whose time was over when this one was cancelled."""
    for other in run.timed:
        apart = run.owner[other.one.task] != run.owner[timed.one.task]
        if apart and other.over and other.cut is not None and near(other.limit, cut):
            return other.one
    return None


_DEFAULT = 0.5


def _constant(one: Try, cut: float, runs: Runs) -> str | None:
    """Words for a time that does not depend on the parameter, where it is so in all runs."""
    lasted = [
        (round(timed.cut - timed.one.start, 6), other.scenario.timeout)
        for other in runs
        for timed in other.timed
        if timed.cut is not None
    ]
    if len({took for took, _ in lasted}) == 1 < len({asked for _, asked in lasted}):
        return f"every try may take {cut - one.start:.6g} s, whatever timeout says"
    if near(cut - one.start, _DEFAULT):
        return f"it may take {_DEFAULT:g} s, as long as the default says"
    return None


def _changing(run: Run, one: Try, cut: float) -> str | None:
    """Words for a time that is another one for each of an item's tries."""
    given, k = run.scenario.options, one.number
    known = {
        "divided by the number of attempts": 1 / given["attempts"],
        "multiplied by backoff": given["backoff"],
    }
    if k > 1:
        known |= {
            f"multiplied by {k} for try {k}": k,
            "multiplied by backoff for each try, as the pauses are": given["backoff"] ** (k - 1),
            f"divided by {k} for try {k}": 1 / k,
            "divided by backoff for each try": given["backoff"] ** (1 - k),
        }
    factor = (cut - one.start) / run.scenario.timeout
    for words, share in known.items():
        if share != 1 and abs(factor - share) < 1e-4:
            return f"its time is timeout {words}"
    return None


def _naps(run: Run, one: Try, cut: float) -> int:
    """How many timers of this consumer's fired while the try ran."""
    mine = run.owner[one.task]
    fired = [e for e in run.trace.of("timer") if one.start < e.at <= cut + SAME_TIME]
    return sum(run.owner[event.task] == mine for event in fired)
