"""Whether each error was sorted as it should be: tried again, settled as rejected, or let out.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.course.api import SAME_TIME, Failure, Trace, Try, apart, escapes, exceptions, lines
from grader.course.ex7_sort_the_errors.calls import BUSY, Calls, Runs, is_refusal, status_of, words
from grader.course.ex7_sort_the_errors.mistakes import (
    ATTEMPTS_PER_KIND,
    BUG_RETRIED,
    BUG_SWALLOWED,
    EVERY_5XX_RETRIED,
    LATE_REFUSAL_RETRIED,
    OS_ERRORS_RETRIED,
    PAUSES_BEFORE_SORTING,
    REFUSAL_ENDS_CONSUMER,
    REFUSAL_RETRIED,
    SUBCLASS_SORTED_OTHERWISE,
    TIMEOUT_ENDS_CONSUMER,
    TRANSIENT_ENDS_CONSUMER,
    TRANSIENT_NOT_RETRIED,
    TRANSIENT_TAKEN_FOR_REFUSAL,
)
from grader.course.kit.failures import times
from grader.course.mistakes.crew import GIVING_UP_ENDS_CONSUMER
from grader.course.mistakes.errors import ERROR_WRAPPED
from grader.trace import Event

__all__ = [
    "attempts_are_the_items",
    "others_leave",
    "refusals_are_final",
    "refusals_take_no_time",
    "transients_are_retried",
]

_OS_ERRORS = frozenset(
    {"OSError", "<OSError", "FileNotFoundError", "PermissionError", "InterruptedError"}
)

# -- who ended, and how -----------------------------------------------------------------------


class _Crew:
    """Which consumer made which tries, itself or by a task that it started."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        parents = {event.data[0]: event.task for event in trace.of("spawn")}
        self._consumers: dict[int, int] = {}
        for task in {one.task for one in trace.tries}:
            consumer = task
            while consumer and consumer not in trace.crew:
                consumer = parents.get(consumer, 0)
            self._consumers[task] = consumer
        self._tries: dict[int, list[Try]] = {}
        for one in trace.tries:
            self._tries.setdefault(self._consumers[one.task], []).append(one)

    def of(self, one: Try) -> int:
        """The consumer that made a try."""
        return self._consumers[one.task]

    def next(self, one: Try) -> Try | None:
        """What the same consumer tried after this."""
        mine = self._tries[self.of(one)]
        place = bisect_right(mine, one.order, key=lambda other: other.order)
        return mine[place] if place < len(mine) else None

    def ending(self, one: Try) -> Event | None:
        """The end of the consumer, if it tried nothing after this and ended of its own accord."""
        if self.next(one) is not None:
            return None
        event = self.trace.ending(self.of(one))
        stop = next(iter(self.trace.of("cancel", "quiet")), None)
        events = self.trace.events
        late = event is None or stop is None or events.index(event) > events.index(stop)
        return None if late else event


def _raised_by(event: Event, kind: str) -> bool:
    """Whether a task ended with the error of this kind, bare or in a group, or without any error."""
    error = event.data[1]
    return error is None or _holds(error, kind)


def _is_due_to(end: Event, one: Try, scenario: Calls, trace: Trace) -> bool:
    """Whether a consumer ended because of its last try, and not for want of items."""
    begun = {other.item for other in trace.tries}
    waiting = [i for i, job in enumerate(scenario.jobs) if i not in begun and job.at <= end.at]
    return _raised_by(end, scenario.kind(one)) and (end.data[0] == "raised" or bool(waiting))


def _holds(error: Mapping[str, Any], kind: str) -> bool:
    name = "ServiceError" if status_of(kind) is not None else kind.removeprefix("<")
    inner = error.get("inner") or ()
    return name in (error["type"], *error["bases"]) or any(_holds(one, kind) for one in inner)


def _line_of(event: Event) -> int | None:
    error = event.data[1]
    return None if error is None else exceptions.last_line(error)


def _how_ended(trace: Trace, event: Event) -> str:
    """What a consumer did that ended, for a sentence."""
    label = trace.label(event.task)
    if event.data[0] == "returned":
        return f"{label} returned as if it were finished"
    if event.data[0] == "cancelled":
        return f"{label} ended as if somebody had cancelled it"
    return f"the error left {label} and ended it{lines([_line_of(event)])}"


# -- errors that may pass ---------------------------------------------------------------------

_TRANSIENT = (
    "What may pass is tried again, up to `attempts` tries in all: ServiceError 408, 429, 500, 502, 503 "
    "and 504, TimeoutError, ConnectionError, and subclasses of these."
)


@dataclass(frozen=True)
class _Left:
    """A try that failed in a transient way and was not followed by another.

    end: of its consumer. rejected: more items count as rejected than were refused.
    """

    trace: Trace
    one: Try
    kind: str
    consumer: int
    end: Event | None
    rejected: bool

    @property
    def base(self) -> str:
        """The kind that this one is a subclass of, "" for none."""
        if self.kind.startswith("<"):
            return self.kind.removeprefix("<")
        if self.kind.startswith(("Connection", "BrokenPipe")) and self.kind != "ConnectionError":
            return "ConnectionError"
        finer = self.kind == BUSY and self.one.number % 3 == 0  # as services that fail have it
        return BUSY if finer else ""


def transients_are_retried(runs: Runs, *, kinds_known: bool = False) -> None:
    """An error that may pass is followed by another try, while tries are left, and ends no consumer.

    kinds_known: every kind of them was found to be retried before; so it is no kind's matter here.
    """
    retried = {
        scenario.kind(one)
        for scenario, trace in runs
        for one in trace.tries
        if one.outcome == "transient" and len(trace.tries_of(one.item)) > one.number
    }
    left = [found for scenario, trace in runs for found in _left(scenario, trace)]
    # Whoever tries again after other errors of the kind has miscounted, which others tell.
    told = [
        one
        for one in left
        if one.end is not None or one.kind not in retried or one.base or one.rejected
    ]
    if told:
        raise _why_left(told, set() if kinds_known else retried)
    for scenario, trace in runs:
        _gives_up_alive(scenario, trace)
        if (failure := escapes.left_consumer(trace, scenario)) is not None:
            raise failure.about(trace)


def _left(scenario: Calls, trace: Trace) -> Iterator[_Left]:
    attempts, crew = scenario.options.get("attempts", 4), _Crew(trace)
    said = (trace.stats or {}).get("rejected")
    rejected = type(said) is int and said > sum(one.outcome == "error" for one in trace.tries)
    for place in range(len(scenario.jobs)):
        for one in trace.tries_of(place)[-1:]:
            if one.outcome != "transient" or one.number >= attempts:
                continue
            end, kind = crew.ending(one), scenario.kind(one)
            waits = [wait.inside for wait in trace.waits if wait.task == one.task]
            stuck = any(not inside.endswith("get") for inside in waits)
            if not stuck and (end is None or _raised_by(end, kind)):
                yield _Left(trace, one, kind, crew.of(one), end, rejected)


def _why_left(left: Sequence[_Left], retried: set[str]) -> Failure:
    first = left[0]
    trace, one, end = first.trace, first.one, first.end
    if end is not None:
        how = _how_ended(trace, end)
    elif first.rejected:
        how = "the item was settled as rejected"
    else:
        how = "the item was not tried again"
    finer = all(found.base in retried for found in left)
    kinds = [words(kind) for kind in dict.fromkeys(found.kind for found in left)][1:]
    others = f" So it was with {_listed(kinds)}, too." if kinds else ""
    if finer:
        others += f" With {words(first.base)} it is tried again."
    shown = words(first.kind)
    if finer and first.base == first.kind:  # the service's own subclass of it
        shown = words(f"<{first.kind}")
    mistake = TRANSIENT_NOT_RETRIED
    if finer:
        mistake = SUBCLASS_SORTED_OTHERWISE
    elif end is not None:
        timeout = first.kind.endswith("TimeoutError")
        mistake = TIMEOUT_ENDS_CONSUMER if timeout else TRANSIENT_ENDS_CONSUMER
    elif first.rejected:
        mistake = TRANSIENT_TAKEN_FOR_REFUSAL
    return mistake(
        f"Try {one.number} of item {trace.name(one.item)} failed at {one.end:.3f} s with "
        f"{shown}, and {how}.{others}",
        _TRANSIENT,
        line=(_line_of(end) if end is not None else None) or one.line,
        at=one.end,
        task=first.consumer,
        item=one.item,
    ).about(trace)


def _listed(names: Sequence[str], most: int = 4) -> str:
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _gives_up_alive(scenario: Calls, trace: Trace) -> None:
    """Giving up on an item never stops the consumer."""
    attempts, crew = scenario.options.get("attempts", 4), _Crew(trace)
    for one in trace.tries:
        if one.outcome != "transient" or one.number < attempts:
            continue
        end = crew.ending(one)
        if end is not None and _is_due_to(end, one, scenario, trace):
            raise GIVING_UP_ENDS_CONSUMER(
                f"Item {trace.name(one.item)} was given up on at {one.end:.3f} s, when try {one.number} "
                f"failed with {words(scenario.kind(one))}, and {_how_ended(trace, end)}.",
                "Giving up on an item is counted, not raised; the consumer takes the next item.",
                line=_line_of(end) or one.line,
                at=one.end,
                task=end.task,
                item=one.item,
            ).about(trace)


def attempts_are_the_items(runs: Runs) -> None:
    """An item whose tries fail in several ways has `attempts` tries in all.

    Asked where an item that fails in one way gets as many as it should.
    """
    for scenario, trace in runs:
        attempts = scenario.options.get("attempts", 4)
        for place, job in enumerate(scenario.jobs):
            tries = trace.tries_of(place)
            if len(tries) > attempts and len(set(job.by)) > 1:
                kinds = [words(scenario.kind(one)) for one in tries[:attempts]]
                raise ATTEMPTS_PER_KIND(
                    f"Item {trace.name(place)} was tried {len(tries)} times, with attempts={attempts}. "
                    f"Its tries failed with {_listed(kinds, 5)}.",
                    "An item has `attempts` tries in all, whatever each of them failed with.",
                    line=tries[attempts].line,
                    at=tries[attempts].start,
                    task=tries[attempts].task,
                    item=place,
                ).about(trace)


# -- refusals ---------------------------------------------------------------------------------

_REFUSAL = (
    "Any ServiceError but 408, 429, 500, 502, 503 and 504 is a refusal: the item is never tried again, "
    "and the consumer goes on with the next."
)


def refusals_are_final(runs: Runs) -> None:
    """A refusal is followed neither by another try of the item nor by the end of the consumer."""
    again, final = [], set()
    for scenario, trace in runs:
        crew = _Crew(trace)
        for one in _refusals(scenario, trace):
            if len(trace.tries_of(one.item)) > one.number:
                again.append((scenario, trace, one))
                continue
            final.add(status_of(scenario.kind(one)) or 0)
            _refused_alive(scenario, crew, one)
    if again:
        raise _why_again(again, final)
    for scenario, trace in runs:
        if (failure := escapes.left_consumer(trace, scenario)) is not None:
            raise failure.about(trace)


def _refusals(scenario: Calls, trace: Trace) -> Iterator[Try]:
    """The first refusal of each item that was refused."""
    for place, job in enumerate(scenario.jobs):
        if job.refused:
            yield from trace.tries_of(place)[job.fails : job.fails + 1]


def _refused_alive(scenario: Calls, crew: _Crew, one: Try) -> None:
    trace, end, kind = crew.trace, crew.ending(one), scenario.kind(one)
    if end is not None and _is_due_to(end, one, scenario, trace):
        raise REFUSAL_ENDS_CONSUMER(
            f"Try {one.number} of item {trace.name(one.item)} was refused at {one.end:.3f} s with "
            f"{words(kind)}, and {_how_ended(trace, end)}.",
            _REFUSAL,
            line=_line_of(end) or one.line,
            at=one.end,
            task=end.task,
            item=one.item,
        ).about(trace)


def _why_again(again: Sequence[tuple[Calls, Trace, Try]], final: set[int]) -> Failure:
    scenario, trace, one = again[0]
    following = trace.tries_of(one.item)[one.number]
    statuses = sorted({status_of(scenario.kind(refused)) or 0 for scenario, _, refused in again})
    seen = (
        f"Try {one.number} of item {trace.name(one.item)} was refused at {one.end:.3f} s with "
        f"{words(scenario.kind(one))}, and it was tried again at {following.start:.3f} s."
    )
    mistake = REFUSAL_RETRIED
    if all(refused.number > 1 for _, _, refused in again):
        mistake = LATE_REFUSAL_RETRIED
        seen += " At the first try a refusal is final."
    elif statuses[0] >= 500 and not any(500 <= status < 600 for status in final):
        mistake = EVERY_5XX_RETRIED
    others = [str(status) for status in statuses if status != status_of(scenario.kind(one))]
    if others:
        seen += f" So it was with {_listed(others, 8)}."
    return mistake(
        seen,
        _REFUSAL,
        line=following.line,
        at=following.start,
        task=following.task,
        item=one.item,
    ).about(trace)


def refusals_take_no_time(runs: Runs) -> None:
    """No time passes between a refusal and what its consumer does next.

    Asked of consumers for whom items wait all the time.
    """
    for scenario, trace in runs:
        crew = _Crew(trace)
        for one in _refusals(scenario, trace):
            following = crew.next(one)
            if following is None or one.end is None or following.start - one.end <= SAME_TIME:
                continue
            began = one.end - SAME_TIME
            naps = [e for e in trace.of("timer") if began <= e.at - e.data[0] <= following.start]
            naps = [e for e in naps if e.task == one.task and e.at <= following.start + SAME_TIME]
            refused, went_on = apart(one.end, following.start)
            raise PAUSES_BEFORE_SORTING(
                f"Item {trace.name(one.item)} was refused at {refused} with "
                f"{words(scenario.kind(one))}, and {trace.label(one.task)} took the next item only at "
                f"{went_on}{lines([e.line for e in naps])}.",
                "Only a retry waits: a refused item is settled at once, and the next is begun.",
                line=naps[0].line if naps else None,
                at=one.end,
                task=crew.of(one),
                item=one.item,
            ).about(trace)


# -- any other error --------------------------------------------------------------------------

# What a line raises that was not meant to: nobody turns another error into one of these.
_SLIPS = frozenset({"AttributeError", "NameError", "UnboundLocalError", "TypeError", "KeyError"})
_OTHER = "An error that is none of the three leaves the consumer at once: not retried, in no count."


def others_leave(runs: Runs) -> None:
    """An error that is none of the service's leaves the consumer at once, as it is.

    runs: of one consumer each, with one item that ends with such an error.
    """
    again = []
    for scenario, trace in runs:
        place = next(i for i, job in enumerate(scenario.jobs) if job.error and not job.refused)
        tries, number = trace.tries_of(place), scenario.jobs[place].fails + 1
        if len(tries) > number:
            again.append((scenario, trace, tries[number - 1], tries[number]))
        elif len(tries) < number:
            transients_are_retried([(scenario, trace)])
            raise Failure(
                f"Item {trace.name(place)} was tried {times(len(tries))}, and try {number} never came.",
                _OTHER,
                item=place,
            ).about(trace)
    if again:
        raise _why_retried(again, list(dict.fromkeys(sc.kind(one) for sc, _, one, _ in again)))
    for scenario, trace in runs:
        _left_as_it_is(scenario, trace)


def _why_retried(again: Sequence[tuple[Calls, Trace, Try, Try]], kinds: Sequence[str]) -> Failure:
    scenario, trace, one, following = again[0]
    mistake = OS_ERRORS_RETRIED if _OS_ERRORS.issuperset(kinds) else BUG_RETRIED
    more = [words(kind) for kind in kinds if kind != scenario.kind(one)]
    return mistake(
        f"Try {one.number} of item {trace.name(one.item)} raised {words(scenario.kind(one))} at "
        f"{one.end:.3f} s, and it was tried again at {following.start:.3f} s."
        + (f" So it was with {_listed(more)}." if more else ""),
        _OTHER,
        line=following.line,
        at=following.start,
        task=following.task,
        item=one.item,
    ).about(trace)


def _left_as_it_is(scenario: Calls, trace: Trace) -> None:
    ends = [t for t in trace.tries if t.outcome == "error" and not is_refusal(scenario.kind(t))]
    if not ends:
        raise Failure(
            "The try that was to raise another error never came to its end.", _OTHER
        ).about(trace)
    one = ends[0]
    kind, task = scenario.kind(one), trace.crew[0]
    seen = f"Item {trace.name(one.item)} raised {words(kind)} at {one.end:.3f} s"
    event = _Crew(trace).ending(one)
    if event is None or event.data[0] != "raised":
        raise BUG_SWALLOWED(
            f"{seen}, and {_what_went_on(trace, event)}.",
            _OTHER,
            line=one.line,
            at=one.end,
            task=task,
            item=one.item,
        ).about(trace)
    if not _holds(event.data[1], kind):
        other = escapes.left_consumer(trace, scenario)
        if other is not None and (other.mistake or event.data[1]["type"] in _SLIPS):
            raise other.about(trace)
        raise ERROR_WRAPPED(
            f"{seen}, but what left the consumer is of the type {event.data[1]['type']}"
            f"{lines([_line_of(event)])}.",
            _OTHER,
            line=_line_of(event),
            at=event.at,
            task=task,
            item=one.item,
        ).about(trace)
    if one.end is not None and event.at - one.end > SAME_TIME:
        naps = [e.line for e in trace.of("timer") if e.task == one.task and e.at > one.end]
        raise PAUSES_BEFORE_SORTING(
            f"{seen}, and it left the consumer only at {event.at:.3f} s{lines(naps)}.",
            _OTHER,
            line=naps[-1] if naps else None,
            at=one.end,
            task=task,
            item=one.item,
        ).about(trace)


def _what_went_on(trace: Trace, event: Event | None) -> str:
    if event is not None:
        return _how_ended(trace, event)
    said = trace.stats or {}
    counted = [key for key in ("rejected", "failed") if said.get(key)]
    how = f": the item was counted as {counted[0]}" if counted else " as if nothing had happened"
    return f"the consumer went on{how}"
