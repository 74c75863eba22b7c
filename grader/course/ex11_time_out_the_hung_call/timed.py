"""Whether each try has its own time, and the right things follow when it is over.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from grader.course.api import SAME_TIME, Mistake, Trace, Try, crew, lines, pauses, timeouts, tries
from grader.course.ex11_time_out_the_hung_call.calls import Calls
from grader.course.ex11_time_out_the_hung_call.mistakes import (
    CALL_LEFT_RUNNING,
    CLEAN_UP_CUT_SHORT,
    HANGS_WITH_THE_CALL,
    IGNORES_TIMEOUT,
    NO_PAUSE_AFTER_TIMEOUT,
    PAUSE_FROM_THE_TIMEOUT,
    POLLS_THE_CALL,
    RETRIES_DURING_CLEAN_UP,
    SERVICE_TIMEOUT_NOT_RETRIED,
    SOME_TRIES_HAVE_NO_LIMIT,
    TIMEOUT_CHANGES_WITH_THE_TRY,
    TIMEOUT_COVERS_THE_GET,
    TIMEOUT_COVERS_THE_PAUSE,
    TIMEOUT_ENDS_CONSUMER,
    TIMEOUT_GIVES_UP,
    TIMEOUT_HITS_OTHERS,
    TIMEOUT_SHARED_BY_TRIES,
    TIMEOUT_USES_UP_NO_TRY,
    WRONG_TIMEOUT,
)
from grader.course.kit.failures import asked_of_trace, times
from grader.trace import Event

__all__ = ["ENDS", "Runs", "holds", "limits_hold"]

Runs = Sequence[tuple[Calls, Trace]]
ENDS = ("died", "livelock", "time_limit")
"""The ends that `holds` judges itself."""

_ASKS_LIMIT = (
    "A try that takes longer than `timeout` is cancelled at that instant: it counts as failed."
)
_ASKS_OWN_TIME = (
    "Each try has the whole `timeout` to itself: no pause, no wait and no other try counts."
)
_ASKS_RETRY = "A try whose time is over counts as a failed try: it is retried like any other."
_ASKS_END = (
    "The next try begins only when the cancelled one has ended, and the pause counts from there."
)


def holds(runs: Runs) -> None:
    """Each try had its time, and what followed is what the lesson asks after a try that failed."""
    limits_hold(runs)
    for scenario, trace in runs:
        _no_timeout_kills(trace, scenario)
        if trace.how == "quiet":
            with timeouts.by_the_lesson([(scenario, trace)]) as [(_, counted)]:
                timeouts.ended_well(counted, scenario)
    for scenario, trace in runs:
        _ended_before_the_next(trace, scenario)
    for scenario, trace in runs:
        _each_counts_as_a_try(trace, scenario, runs)
    for scenario, trace in runs:
        _waits_alike(trace, scenario)
    with timeouts.by_the_lesson(runs) as counted_runs:
        for scenario, counted in counted_runs:
            timeouts.ended_well(counted, scenario)
            tries.settled_and_tried(counted, scenario)
            pauses.loop_never_blocked(counted)
        pauses.pauses_hold(counted_runs, jitter=None)
        for scenario, counted in counted_runs:
            if not scenario.starts:
                crew.begins_at_once(counted, scenario)


def limits_hold(runs: Runs) -> None:
    """Each try was cancelled when its time was over, and no other was."""
    for scenario, trace in runs:
        _nobody_spins(trace)
        _Limits(trace, scenario, runs).hold()


@asked_of_trace
def _nobody_spins(trace: Trace) -> None:
    """No loop asks without end whether a call is over, while nobody else can move."""
    owner, line = timeouts.owners(trace), trace.end.get("line")
    spins = owner.get(trace.end.get("task") or 0) if trace.how == "livelock" else None
    one = next((t for t in trace.tries if t.end is None and owner[t.task] == spins), None)
    if one is not None:
        raise POLLS_THE_CALL(
            f"Try {one.number} of item {trace.name(one.item)} began at {one.start:.3f} s, and its "
            f"consumer asks again and again whether it is over{lines([line])}: no time passes any more.",
            "Waiting is awaiting: asyncio wakes you when the call has ended, or its time is over.",
            why="livelock",
            line=line,
            at=one.start,
            task=spins,
            item=one.item,
        )


# -- what a trace says of the time of its tries ---------------------------------------------------


@dataclass(frozen=True)
class _Timed:
    """A try, when its time was over, and when the learner's code cancelled it (None: never).

    over: its time was over while the run went on, and it would not have ended by then.
    """

    one: Try
    limit: float
    cut: float | None
    over: bool


def _timed(trace: Trace, scenario: Calls) -> list[_Timed]:
    cuts, ends = timeouts.cancellations(trace), _end_of_the_run(trace)
    found = []
    for one in trace.tries:
        if one.order > ends.order:
            continue
        limit = one.start + scenario.timeout
        takes = scenario.act(one.item, one.number).seconds
        ended = one.end_order is not None and one.end_order < ends.order
        stays = takes > scenario.timeout and (ends.when > limit or ended)
        found.append(_Timed(one, limit, cuts.get((one.item, one.number)), stays))
    return found


@dataclass(frozen=True)
class _End:
    """Where a run was ended by the scenario, or came to rest: the event's place, and when.

    when: infinity where all was quiet: then what still ran would have run for ever.
    """

    order: int
    when: float


def _end_of_the_run(trace: Trace) -> _End:
    for order, event in enumerate(trace.events):
        if event.kind == "cancel":
            return _End(order, event.at)
        if event.kind == "quiet":
            return _End(order, float("inf"))
    return _End(len(trace.events), float("inf"))


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= SAME_TIME


def _timer_at(trace: Trace, moment: float) -> Event | None:
    """The last timer of the learner's that fired at this moment."""
    fired = [event for event in trace.of("timer") if _near(event.at, moment)]
    return fired[-1] if fired else None


def _line_at(trace: Trace, moment: float) -> int | None:
    timer = _timer_at(trace, moment)
    return timer.line if timer is not None else None


# -- the limit ----------------------------------------------------------------------------------


class _Limits:
    """The times of a run's tries, and why one of them is not as asked."""

    def __init__(self, trace: Trace, scenario: Calls, runs: Runs) -> None:
        self.trace, self.scenario, self.runs = trace, scenario, runs
        self.tries = _timed(trace, scenario)
        self.owner = timeouts.owners(trace)

    def hold(self) -> None:
        """Each try was cancelled when its time was over, and no other was."""
        for timed in self.tries:
            if timed.cut is None and timed.over:
                self._never_cut(timed)
            elif timed.cut is not None and not (timed.over and _near(timed.cut, timed.limit)):
                self._cut_otherwise(timed, timed.cut)

    def _name(self, one: Try) -> str:
        return f"Try {one.number} of item {self.trace.name(one.item)}"

    # A try that nobody cancelled.

    def _never_cut(self, timed: _Timed) -> NoReturn:
        one, trace = timed.one, self.trace
        seconds = self.scenario.timeout
        went_on = self._went_on(timed)
        if went_on is not None:
            raise CALL_LEFT_RUNNING(
                f"{self._name(one)} began at {one.start:.3f} s and had to be cancelled at "
                f"{timed.limit:.3f} s, with timeout={seconds:g}. It ran on, while its consumer "
                f"{went_on[1]} at {went_on[0].at:.3f} s{lines([went_on[0].line])}.",
                _ASKS_LIMIT,
                line=went_on[0].line,
                at=went_on[0].at,
                task=self.owner[one.task],
                item=one.item,
            ).about(trace)
        how = "never ended, and its consumer waits for it for ever"
        if one.end is not None and one.outcome != "cancelled":
            how = f"took {one.end - one.start:.3f} s: nobody cancelled it"
        some = self._others_were_cut()
        seen = f"{self._name(one)} began at {one.start:.3f} s and {how}{lines([one.line])}."
        raise (SOME_TRIES_HAVE_NO_LIMIT if some else HANGS_WITH_THE_CALL)(
            f"{seen}{some}",
            f"With timeout={seconds:g} it has to be cancelled at {timed.limit:.3f} s. {_ASKS_LIMIT}",
            line=one.line,
            at=min(timed.limit, trace.clock),
            task=self.owner[one.task],
            item=one.item,
        ).about(trace)

    def _went_on(self, timed: _Timed) -> tuple[Event, str] | None:
        """What the consumer of an overdue try did next, while it was still running."""
        one = timed.one
        mine = self.owner[one.task]
        ends = one.end_order if one.end_order is not None else len(self.trace.events)
        ends = min(ends, _end_of_the_run(self.trace).order)
        for event in self.trace.events[one.order + 1 : ends]:
            if self.owner[event.task] == mine and event.kind in _DOES:
                what = _DOES[event.kind]
                if event.kind == "begin":
                    what = f"began try {event.data[1]} of item {self.trace.name(event.data[0])}"
                return event, what
        return None

    def _others_were_cut(self) -> str:
        """Words for a try that was cancelled in time, where there is one."""
        for scenario, trace in self.runs:
            for other in _timed(trace, scenario):
                if other.over and other.cut is not None and _near(other.cut, other.limit):
                    name = f"try {other.one.number} of item {trace.name(other.one.item)}"
                    return f" Others have a limit: {name} was cancelled in time."
        return ""

    # One that was cancelled at another moment.

    def _cut_otherwise(self, timed: _Timed, cut: float) -> NoReturn:
        one, trace, seconds = timed.one, self.trace, self.scenario.timeout
        timer = _timer_at(trace, cut)
        line = timer.line if timer is not None else None
        mistake, why, asks = self._why_otherwise(timed, cut)
        would = "" if timed.over else " It would have ended in time."
        raise mistake(
            f"{self._name(one)} was cancelled at {cut:.3f} s, {_amount(cut - one.start, seconds)} s "
            f"after it had begun, with timeout={seconds:g}{lines([line])}: {why}.{would}",
            asks,
            line=line,
            at=cut,
            task=self.owner[one.task],
            item=one.item,
        ).about(trace)

    def _why_otherwise(self, timed: _Timed, cut: float) -> tuple[Mistake, str, str]:
        """The mistake, words for it, and what is asked."""
        one, trace, seconds = timed.one, self.trace, self.scenario.timeout
        begun_at = cut - seconds  # of a limit as long as asked
        earlier = trace.tries_of(one.item)[: one.number - 1]
        over_before = _near(cut, one.start) and cut > seconds
        if earlier and (_near(earlier[0].start, begun_at) or over_before):
            why = "the time runs from the beginning of the item's first try"
            return TIMEOUT_SHARED_BY_TRIES, why, _ASKS_OWN_TIME
        if earlier and earlier[-1].end is not None and _near(earlier[-1].end, begun_at):
            why = "the time runs from the end of the try before, and the pause is part of it"
            return TIMEOUT_COVERS_THE_PAUSE, why, _ASKS_OWN_TIME
        if not earlier and any(_near(at, begun_at) for at in self._waits_for_items(one)):
            why = "the time runs from when the consumer began to wait for an item"
            return TIMEOUT_COVERS_THE_GET, why, _ASKS_OWN_TIME
        other = self._of_another(timed, cut)
        if other is not None:
            why = f"just then the time of item {trace.name(other.item)}, in other hands, was over"
            return TIMEOUT_HITS_OTHERS, why, "A consumer cancels its own call, and no other."
        if (constant := self._constant(one, cut)) is not None:
            return IGNORES_TIMEOUT, constant, "The parameter says how long a try may take."
        if (changing := self._changing(one, cut)) is not None:
            return TIMEOUT_CHANGES_WITH_THE_TRY, changing, _ASKS_OWN_TIME
        if cut > timed.limit + SAME_TIME and (naps := self._naps(one, cut)) > 1:
            why = f"its consumer slept {naps} times meanwhile, to look whether it was over"
            return POLLS_THE_CALL, why, _ASKS_LIMIT
        early = "too early" if cut < timed.limit else "too late"
        return WRONG_TIMEOUT, early, _ASKS_LIMIT

    def _waits_for_items(self, one: Try) -> list[float]:
        """When the consumer of this try began to wait, or looked, for what it got then."""
        mine = self.owner[one.task]
        found: list[float] = []
        for event in self.trace.events[: one.order]:
            if self.owner[event.task] == mine and event.kind == "begin":
                found.clear()
            if self.owner[event.task] == mine and event.kind in ("get_wait", "end", "spawn"):
                found.append(event.at)
        return found

    def _of_another(self, timed: _Timed, cut: float) -> Try | None:
        """Another consumer's try whose time was over when this one was cancelled."""
        for other in self.tries:
            apart = self.owner[other.one.task] != self.owner[timed.one.task]
            if apart and other.over and other.cut is not None and _near(other.limit, cut):
                return other.one
        return None

    def _constant(self, one: Try, cut: float) -> str | None:
        """Words for a time that does not depend on the parameter, where it is so in all runs."""
        lasted = [
            (round(timed.cut - timed.one.start, 6), scenario.timeout)
            for scenario, trace in self.runs
            for timed in _timed(trace, scenario)
            if timed.cut is not None
        ]
        if len({took for took, _ in lasted}) == 1 < len({asked for _, asked in lasted}):
            return f"every try may take {cut - one.start:.6g} s, whatever timeout says"
        if _near(cut - one.start, _DEFAULT) and not _near(self.scenario.timeout, _DEFAULT):
            return f"it may take {_DEFAULT:g} s, as long as the default says"
        return None

    def _changing(self, one: Try, cut: float) -> str | None:
        """Words for a time that is another one for each of an item's tries."""
        given, k = self.scenario.options, one.number
        factor = (cut - one.start) / self.scenario.timeout
        known = {
            f"{k} times as long as the first": k if k > 1 else None,
            "multiplied by backoff, as the pauses are": given["backoff"] ** (k - 1)
            if k > 1
            else None,
            "multiplied by backoff already": given["backoff"],
            f"divided by {k}": 1 / k if k > 1 else None,
            "divided by the number of attempts": 1 / given["attempts"],
            "divided by backoff each time": given["backoff"] ** (1 - k) if k > 1 else None,
        }
        for words, share in known.items():
            if share is not None and share != 1 and abs(factor - share) < 1e-4:
                return f"its time is the parameter's {words}"
        return None

    def _naps(self, one: Try, cut: float) -> int:
        """How many timers of this consumer's fired while the try ran."""
        mine = self.owner[one.task]
        fired = [e for e in self.trace.of("timer") if one.start < e.at <= cut + SAME_TIME]
        return sum(self.owner[event.task] == mine for event in fired)


_DOES = {
    "get": "took its next item",
    "get_wait": "asked for its next item",
    "done": "called task_done()",
    "begin": "",
}
_DEFAULT = 0.5


def _amount(seconds: float, asked: float) -> str:
    """The seconds, with as many digits as show that they are others than asked."""
    for digits in range(3, 7):
        if f"{seconds:.{digits}f}" != f"{asked:.{digits}f}":
            return f"{seconds:.{digits}f}"
    return f"{seconds:.6f}"


# -- consumers that end --------------------------------------------------------------------------


def _no_timeout_kills(trace: Trace, scenario: Calls) -> None:
    """No `TimeoutError`, and no cancellation of a consumer's own, ended it."""
    ends = _end_of_the_run(trace)
    for order, event in enumerate(trace.events[: ends.order]):
        if event.kind != "end" or event.task not in trace.crew or not _of_time(event):
            continue
        mine = [one for one in trace.tries if timeouts.owners(trace)[one.task] == event.task]
        before = [one for one in mine if one.order < order]
        mistake, why, asks = _why_killed(trace, scenario, event, before)
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


def _of_time(event: Event) -> bool:
    """Did the consumer end by a timeout, or by a cancellation that came from nobody else?"""
    if event.data[0] == "raised":
        return _is_timeout(event.data[1])
    return bool(event.data[0] == "cancelled")


def _is_timeout(error: dict[str, object]) -> bool:
    inner = error.get("inner") or ()
    assert isinstance(inner, (list, tuple))
    bases = error["bases"]
    assert isinstance(bases, list)
    return "TimeoutError" in (error["type"], *bases) or any(map(_is_timeout, inner))


def _line_of(event: Event) -> int | None:
    passed = (event.data[1] or {}).get("lines") or [None]
    line: int | None = passed[-1]
    return line


def _why_killed(
    trace: Trace, scenario: Calls, event: Event, before: Sequence[Try]
) -> tuple[Mistake, str, str]:
    """The mistake, words for it, and what is asked."""
    if not before:
        why = "it had waited for its first item until then"
        return TIMEOUT_COVERS_THE_GET, why, "A consumer waits for an item as long as it takes."
    last, seconds = before[-1], scenario.timeout
    name = f"try {last.number} of item {trace.name(last.item)}"
    if last.end is not None and _near(last.end, event.at):
        if last.outcome == "error":
            why = f"{name} had ended with a TimeoutError of the service's own"
            asks = "A TimeoutError of the service's own is retried like a TransientError."
            return SERVICE_TIMEOUT_NOT_RETRIED, why, asks
        why = f"the time of {name} was over, and nobody took that for a failed try"
        return TIMEOUT_ENDS_CONSUMER, why, _ASKS_RETRY
    settled = last.outcome == "ok" or last.number >= scenario.options["attempts"]
    if settled:
        why = f"it waited for an item, and {name} had been its last"
        return TIMEOUT_COVERS_THE_GET, why, "A consumer waits for an item as long as it takes."
    first = trace.tries_of(last.item)[0]
    if last.number > 1 and _near(first.start + seconds, event.at):
        why = f"its {seconds:g} s had begun with the first try of item {trace.name(last.item)}"
        return TIMEOUT_SHARED_BY_TRIES, why, _ASKS_OWN_TIME
    why = f"it was in the pause after {name}"
    return TIMEOUT_COVERS_THE_PAUSE, why, _ASKS_OWN_TIME


# -- the end of a cancelled try ------------------------------------------------------------------


def _ended_before_the_next(trace: Trace, scenario: Calls) -> None:
    """The next try of an item begins when the cancelled one has ended, its clean-up included."""
    ends, owner = _end_of_the_run(trace), timeouts.owners(trace)
    for timed in _timed(trace, scenario):
        one, cut = timed.one, timed.cut
        if cut is None:
            continue
        name = f"Try {one.number} of item {trace.name(one.item)}"
        following = trace.tries_of(one.item)[one.number :][:1]
        began = following[0] if following and following[0].order < ends.order else None
        if began is not None and (one.end is None or one.end - began.start > SAME_TIME):
            until = f"until {one.end:.3f} s" if one.end is not None else "on"
            raise RETRIES_DURING_CLEAN_UP(
                f"{name} was cancelled at {cut:.3f} s and cleaned up {until}. Try {began.number} began "
                f"at {began.start:.3f} s{lines([began.line])}, in the middle of it.",
                _ASKS_END,
                line=began.line,
                at=began.start,
                task=owner[began.task],
                item=one.item,
            ).about(trace)
        in_time = one.end is not None and (one.end_order or 0) < ends.order
        if in_time and cut + scenario.cleanup - (one.end or 0.0) > SAME_TIME:
            line = _line_at(trace, one.end or 0.0)
            raise CLEAN_UP_CUT_SHORT(
                f"{name} was cancelled at {cut:.3f} s, and once more at {one.end:.3f} s{lines([line])}: "
                f"its clean-up takes {scenario.cleanup:.3f} s.",
                f"{_ASKS_END} How long that takes is the service's affair.",
                line=line,
                at=one.end,
                task=owner[one.task],
                item=one.item,
            ).about(trace)


# -- a try like any other ------------------------------------------------------------------------


def _each_counts_as_a_try(trace: Trace, scenario: Calls, runs: Runs) -> None:
    """A try that was timed out is followed by another, until there were `attempts` of them."""
    attempts = scenario.options["attempts"]
    cuts = timeouts.cancellations(trace)
    for item, job in enumerate(scenario.jobs):
        every = trace.tries_of(item)
        if not every or job.error is not None:
            continue
        last, name = every[-1], trace.name(item)
        timed_out = [one for one in every if (item, one.number) in cuts]
        if len(every) > attempts >= len(every) - len(timed_out) and timed_out:
            raise TIMEOUT_USES_UP_NO_TRY(
                f"Item {name} was tried {times(len(every))}, with attempts={attempts}: those "
                f"{len(timed_out)} that were cancelled when their time was over were not counted.",
                _ASKS_RETRY,
                line=every[attempts].line,
                at=every[attempts].start,
                item=item,
            ).about(trace)
        fails = job.fails < 0 or last.number <= job.fails
        if last.number >= attempts or last.end is None or not fails or trace.how != "quiet":
            continue
        if _shared(trace, scenario, last) or any(
            _shared(other, one, found) for one, other in runs for found in _left(other, one)
        ):
            first = every[0]
            raise TIMEOUT_SHARED_BY_TRIES(
                f"Item {name} was tried {times(last.number)}, and given up on at "
                f"{_left_at(trace, last):.3f} s: {scenario.timeout:g} s after its first try had begun "
                f"at {first.start:.3f} s, with attempts={attempts}.",
                _ASKS_OWN_TIME,
                line=_line_at(trace, first.start + scenario.timeout),
                at=_left_at(trace, last),
                item=item,
            ).about(trace)
        if (item, last.number) in cuts:
            raise TIMEOUT_GIVES_UP(
                f"Try {last.number} of item {name} was cancelled at {cuts[item, last.number]:.3f} s, "
                f"when its time was over, and the item was never tried again, with attempts={attempts}.",
                _ASKS_RETRY,
                line=last.line,
                at=last.end,
                item=item,
            ).about(trace)
        if last.outcome == "error":
            raise SERVICE_TIMEOUT_NOT_RETRIED(
                f"Try {last.number} of item {name} ended with a TimeoutError of the service's own at "
                f"{last.end:.3f} s, and the item was never tried again, with attempts={attempts}.",
                "A TimeoutError of the service's own is retried like a TransientError.",
                line=last.line,
                at=last.end,
                item=item,
            ).about(trace)


def _left(trace: Trace, scenario: Calls) -> list[Try]:
    """The last tries of items that were given up on too early, while nothing was running."""
    attempts = scenario.options["attempts"]
    every = [trace.tries_of(item)[-1:] for item in range(len(scenario.jobs))]
    return [one for some in every for one in some if one.number < attempts]


def _shared(trace: Trace, scenario: Calls, last: Try) -> bool:
    """Was an item left, in a pause, when the first of its tries had begun `timeout` seconds before?"""
    first, left = trace.tries_of(last.item)[0], _left_at(trace, last)
    in_pause = last.end is not None and left - last.end > SAME_TIME
    return in_pause and _near(left, first.start + scenario.timeout)


def _left_at(trace: Trace, last: Try) -> float:
    """When the consumer of an item did something else after its last try."""
    owner = timeouts.owners(trace)
    mine = owner[last.task]
    for event in trace.events[(last.end_order or len(trace.events)) + 1 :]:
        if owner[event.task] == mine and event.kind in ("get", "get_wait", "done", "begin"):
            return event.at
    return last.end or 0.0


# -- the pause -----------------------------------------------------------------------------------


def _waits_alike(trace: Trace, scenario: Calls) -> None:
    """The pause after a try that was timed out is as long as any, and counts from its end."""
    cuts, owner = timeouts.cancellations(trace), timeouts.owners(trace)
    wrong = [
        retry for retry in trace.retries if not _in_window(scenario, retry.number, retry.pause)
    ]
    for retry in wrong:
        failed = trace.tries_of(retry.item)[retry.number - 1]
        cut = cuts.get((retry.item, retry.number))
        again = retry.start + retry.pause
        name = f"try {retry.number} of item {trace.name(retry.item)}"
        over = failed.start + scenario.timeout
        fired = [e for e in trace.of("timer") if _near(e.at, over)]
        if cut is None and fired and retry.start < over <= again + SAME_TIME:
            raise TIMEOUT_COVERS_THE_PAUSE(
                f"The pause after {name} was broken off at {over:.3f} s: {scenario.timeout:g} s after "
                f"that try had begun{lines([fired[-1].line])}.",
                _ASKS_OWN_TIME,
                line=fired[-1].line,
                at=over,
                task=owner[retry.task],
                item=retry.item,
            ).about(trace)
        nap = _nap_across(trace, owner, failed, again)
        if nap is not None and _in_window(scenario, retry.number, again - nap.at):
            raise POLLS_THE_CALL(
                f"{name[0].upper()}{name[1:]} ended at {retry.start:.3f} s, and its consumer noticed "
                f"only at {nap.at:.3f} s, after a sleep of {nap.data[0]:.3g} s{lines([nap.line])}.",
                "Waiting is awaiting: asyncio wakes you when the call has ended, or its time is over.",
                line=nap.line,
                at=nap.at,
                task=owner[retry.task],
                item=retry.item,
            ).about(trace)
        if cut is None or not _only_after_timeouts(trace, scenario):
            continue
        low, high = _window(scenario, retry.number)
        asked = f"{low:.3f} s" if high == low else f"{low:.3f} to {high:.3f} s"
        asks = f"{_ASKS_END} Asked: {asked}."
        with_clean_up = low <= retry.start - cut and retry.pause <= SAME_TIME
        if with_clean_up or (scenario.cleanup and _in_window(scenario, retry.number, again - cut)):
            raise PAUSE_FROM_THE_TIMEOUT(
                f"{name[0].upper()}{name[1:]} was cancelled at {cut:.3f} s and had cleaned up at "
                f"{retry.start:.3f} s; the next began at {again:.3f} s{lines([retry.line])}: "
                f"{retry.pause:.3f} s later. The pause began with the clean-up, not after it.",
                asks,
                line=retry.line,
                at=again,
                task=owner[retry.task],
                item=retry.item,
            ).about(trace)
        if retry.pause <= SAME_TIME:
            raise NO_PAUSE_AFTER_TIMEOUT(
                f"{name[0].upper()}{name[1:]} was cancelled when its time was over, and ended at "
                f"{retry.start:.3f} s; the next began at the same moment{lines([retry.line])}.",
                asks,
                line=retry.line,
                at=again,
                task=owner[retry.task],
                item=retry.item,
            ).about(trace)


def _nap_across(trace: Trace, owner: Mapping[int, int], failed: Try, again: float) -> Event | None:
    """A sleep of the consumer's that began before a try ended, and was over some time after that."""
    for event in trace.of("timer"):
        began, ended = event.at - event.data[0], failed.end or 0.0
        mine = owner.get(event.task) == owner[failed.task]
        if mine and began < ended - SAME_TIME and ended + SAME_TIME < event.at <= again + SAME_TIME:
            return event
    return None


def _window(scenario: Calls, number: int) -> tuple[float, float]:
    window = pauses.window(scenario.options, number)
    assert window is not None, "the options say how long the pauses are"
    return window


def _in_window(scenario: Calls, number: int, pause: float) -> bool:
    low, high = _window(scenario, number)
    slack = 1.5 * SAME_TIME + low * 1e-9
    return low - slack <= pause <= high + slack


def _only_after_timeouts(trace: Trace, scenario: Calls) -> bool:
    """Are the pauses after all other failed tries as asked?"""
    cuts = timeouts.cancellations(trace)
    return all(
        _in_window(scenario, retry.number, retry.pause) or (retry.item, retry.number) in cuts
        for retry in trace.retries
    )
