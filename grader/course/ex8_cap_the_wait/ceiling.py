"""The pause and its ceiling: whether it is as asked, and if not, by which mistake.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from grader.course.api import (
    SAME_TIME,
    Failure,
    Misconception,
    Mistake,
    Retry,
    Trace,
    lines,
    pauses,
    span,
)
from grader.course.ex8_cap_the_wait.mistakes import (
    CEILING_IS_A_CONSTANT,
    CEILING_SWALLOWS_JITTER,
    CEILING_TOO_LOW,
    FIRST_PAUSE_UNCAPPED,
    JITTER_OUTGROWS_THE_CEILING,
    MAX_FOR_MIN,
    NO_CEILING,
    PAUSE_CUT_TO_DEADLINE,
    PAUSE_LOST_AT_THE_CEILING,
)
from grader.course.ex8_cap_the_wait.outage import Outage, Runs
from grader.course.mistakes.growth import DELAY_CARRIED_TO_NEXT_ITEM

__all__ = [
    "as_asked",
    "longest",
    "none_cut_to_the_deadline",
    "parts",
    "pauses_hold",
    "shortest",
    "sleep_line",
    "starts_again",
]

CLOCKS = 1.5 * SAME_TIME
"""Seconds: what is lost in differences of readings of some clock."""

ASKS = "d = min(max_delay, delay * backoff ** (k - 1)), and on top of it u, from 0 to d * jitter."
SHOWN = 6  # pauses in a message, up to the one that is wrong

Options = Mapping[str, Any]


def uncapped(options: Options, number: int) -> float:
    """What d would be after failed try `number`, if there were no ceiling."""
    try:
        return float(options["delay"] * options["backoff"] ** (number - 1))
    except OverflowError:
        return math.inf


def shortest(options: Options, number: int) -> float:
    """The shortest pause after failed try `number`, which is d."""
    return min(float(options["max_delay"]), uncapped(options, number))


def longest(options: Options, number: int) -> float:
    """The longest one, with all the jitter that there may be."""
    return shortest(options, number) * (1 + float(options["jitter"]))


def as_asked(trace: Trace, options: Options) -> bool:
    """Whether all pauses are as these options ask."""
    return all(_Pause(retry, options).right for retry in trace.retries)


def parts(trace: Trace, scenario: Outage, items: Iterable[int] | None = None) -> list[list[float]]:
    """The random part of each pause as a fraction of its window (0 to 1), item by item."""
    given = scenario.options
    places = range(len(scenario.jobs)) if items is None else items
    return [
        [
            (one.pause - shortest(given, one.number))
            / (shortest(given, one.number) * given["jitter"])
            for one in trace.retries_of(item)
        ]
        for item in places
    ]


def sleep_line(trace: Trace, task: int, since: float) -> int | None:
    """The line of the last sleep of a task that began at this moment."""
    naps = [e for e in trace.of("timer") if e.task == task]
    return next(
        (e.line for e in reversed(naps) if abs(e.at - e.data[0] - since) < CLOCKS),
        None,
    )


class _Pause(NamedTuple):
    """A pause, and what decides how long it should be."""

    retry: Retry
    options: Options

    @property
    def seconds(self) -> float:
        return self.retry.pause

    @property
    def uncapped(self) -> float:
        return uncapped(self.options, self.retry.number)

    @property
    def ceiling(self) -> float:
        return float(self.options["max_delay"])

    @property
    def jitter(self) -> float:
        return float(self.options["jitter"])

    @property
    def right(self) -> bool:
        least = shortest(self.options, self.retry.number)
        return self.within(least, least * (1 + self.jitter))

    @property
    def as_without_ceiling(self) -> bool:
        return self.within(self.uncapped, self.uncapped * (1 + self.jitter))

    def within(self, low: float, high: float) -> bool:
        slack = CLOCKS + min(low, self.seconds) * 1e-9
        return low - slack <= self.seconds <= high + slack

    def grown_to(self, d: float) -> bool:
        """Is it what d and its jitter make of it?"""
        return self.within(d, d * (1 + self.jitter))


def _pauses(trace: Trace, scenario: Outage) -> list[_Pause]:
    return [_Pause(retry, scenario.options) for retry in trace.retries]


# -- what is asked ---------------------------------------------------------------------------------


def pauses_hold(runs: Runs) -> None:
    """Each pause is d + u, with its ceiling and with jitter on top of that."""
    wrong = [
        (trace, one)
        for scenario, trace in runs
        for one in _pauses(trace, scenario)
        if not one.right
    ]
    if wrong:
        raise _explain(runs, *wrong[0])
    _jitter_on_top(runs)


def starts_again(trace: Trace, scenario: Outage) -> None:
    """The first pause of an item is as asked, also when the one before it was given up on in time."""
    for one in _pauses(trace, scenario):
        if one.retry.number == 1 and not one.right:
            raise DELAY_CARRIED_TO_NEXT_ITEM(
                f"{_waited(trace, one)}: what came of the item before has left its mark.",
                f"Each item starts again at `delay`. {_asked(trace, one)}",
                **_where(trace, one.retry),
            ).about(trace)


def none_cut_to_the_deadline(runs: Runs) -> None:
    """No pause is made shorter, so that it ends at the deadline."""
    for scenario, trace in runs:
        short = [one for one in _pauses(trace, scenario) if _cut(trace, one)]
        # Of a pause that is long enough it may be so by chance, of two of them hardly.
        sure = [one for one in short if not one.right]
        if sure or len(short) > 2:
            one = (sure or short)[0]
            raise PAUSE_CUT_TO_DEADLINE(
                f"{_waited(trace, one)}: it ended just at the deadline of the item, at "
                f"{_deadline(trace, one):.3f} s.",
                "A pause that would end later than the deadline is not made shorter: the item is "
                "given up on at once.",
                **_where(trace, one.retry),
            ).about(trace)


def _deadline(trace: Trace, one: _Pause) -> float:
    deadline = one.options["deadline"]
    if deadline is None:
        return math.inf
    return trace.tries_of(one.retry.item)[0].start + float(deadline)


def _cut(trace: Trace, one: _Pause) -> bool:
    return abs(one.retry.start + one.seconds - _deadline(trace, one)) < 10 * CLOCKS


def _jitter_on_top(runs: Runs) -> None:
    """Where the ceiling is reached, pauses still differ by their jitter."""
    for scenario, trace in runs:
        reached = [
            one
            for one in _pauses(trace, scenario)
            if one.jitter and one.uncapped >= one.ceiling * (1 + one.jitter)
        ]
        ends = [
            one
            for one in reached
            if one.within(one.ceiling, one.ceiling)
            or one.within(one.ceiling * (1 + one.jitter), one.ceiling * (1 + one.jitter))
        ]
        if len(reached) >= 6 and len(ends) > len(reached) / 2:
            one = ends[0]
            raise CEILING_SWALLOWS_JITTER(
                f"{_waited(trace, one)}: of {len(reached)} pauses that had reached the ceiling "
                f"{len(ends)} were just as long, with jitter={one.jitter:g}.",
                f"Jitter comes on top of the ceiling: {_asked(trace, one)}",
                **_where(trace, one.retry),
            ).about(trace)


# -- the mistake behind it -------------------------------------------------------------------------


def _explain(runs: Runs, trace: Trace, first: _Pause) -> Failure:
    """The failure for a pause outside of what is asked, named if all runs fit a known mistake."""
    none_cut_to_the_deadline(runs)
    every = [one for other, its in runs for one in _pauses(its, other)]
    for mistake, fits, words in _MODELS:
        if all(map(fits, every)):
            return _failure(mistake, trace, first, words)
    constant = _stops_at(every)
    if constant is not None and len({one.ceiling for one in every}) > 1:
        words = f"it stops growing at about {span(constant)}, whatever max_delay says."
        return _failure(CEILING_IS_A_CONSTANT, trace, first, words)
    tops = [_stops_at(_pauses(its, other), grown=True) for other, its in runs if _off(its, other)]
    found = [top for top in tops if top is not None]
    if len(found) == len(tops):
        words = f"it stops growing at about {span(found[0])}, below max_delay."
        return _failure(CEILING_TOO_LOW, trace, first, words)
    free = [run for run in runs if all(_below(one) for one in _pauses(run[1], run[0]))]
    pauses.pauses_hold(free, jitter=None)  # without a ceiling it is a mistake of the lesson's
    return _failure(PAUSE_LOST_AT_THE_CEILING, trace, first, "")


Model = tuple[Mistake, Callable[[_Pause], bool], str]

_MODELS: Sequence[Model] = (
    (
        NO_CEILING,
        lambda one: one.as_without_ceiling,
        "it goes on growing beyond max_delay.",
    ),
    (
        MAX_FOR_MIN,
        lambda one: one.grown_to(max(one.ceiling, one.uncapped)),
        "no pause is shorter than max_delay, where none should be longer.",
    ),
    (
        FIRST_PAUSE_UNCAPPED,
        lambda one: one.as_without_ceiling if one.retry.number == 1 else one.right,
        "delay is longer than max_delay, and the first pause has no ceiling.",
    ),
    (
        JITTER_OUTGROWS_THE_CEILING,
        lambda one: one.within(
            min(one.ceiling, one.uncapped),
            min(one.ceiling, one.uncapped) + one.uncapped * one.jitter,
        ),
        "d stays at its ceiling, and its random part goes on growing.",
    ),
)


def _below(one: _Pause) -> bool:
    """Does the ceiling not matter to it?"""
    return one.uncapped <= one.ceiling


def _off(trace: Trace, scenario: Outage) -> bool:
    return any(not one.right for one in _pauses(trace, scenario))


def _stops_at(every: Sequence[_Pause], *, grown: bool = False) -> float | None:
    """The one length at which all of these pauses stop growing; None where there is no such length.

    grown: only if they have grown until then, and if it is lower than the ceiling.
    """
    stopped = [one for one in every if not one.as_without_ceiling]
    if not stopped:
        return None
    low = max(one.seconds / (1 + one.jitter) for one in stopped)
    high = min(one.seconds for one in stopped)
    for top in (high, (low + high) / 2, low):
        if all(one.grown_to(min(top, one.uncapped)) for one in every):
            has_grown = any(one.retry.number > 1 and one.uncapped <= top for one in every)
            return None if grown and not (has_grown and top < every[0].ceiling) else top
    return None


def _failure(mistake: Mistake, trace: Trace, one: _Pause, words: str) -> Misconception:
    seen = _waited(trace, one)
    found = mistake(
        f"{seen}: {words}" if words else f"{seen}.",
        f"{ASKS} {_asked(trace, one)}",
        **_where(trace, one.retry),
    )
    found.about(trace)
    return found


def _where(trace: Trace, retry: Retry) -> dict[str, Any]:
    return {
        "line": sleep_line(trace, retry.task, retry.start),
        "at": retry.start + retry.pause,
        "task": retry.task,
        "item": retry.item,
    }


def _shown(trace: Trace, one: _Pause) -> list[_Pause]:
    """The pauses of the item up to this one."""
    mine = [_Pause(retry, one.options) for retry in trace.retries_of(one.retry.item)]
    place = next(n for n, other in enumerate(mine) if other.retry.number == one.retry.number)
    return mine[max(0, place + 1 - SHOWN) : place + 1]


def _waited(trace: Trace, one: _Pause) -> str:
    """`Item 7 waited 0.031, 0.062, 0.130 s before its retries (line 60)`."""
    shown = _shown(trace, one)
    more = "..., " if shown[0].retry.number > 1 else ""
    digits = _digits(one)
    waits = ", ".join(f"{other.seconds:.{digits}f}" for other in shown)
    line = sleep_line(trace, one.retry.task, one.retry.start)
    what = "retries" if len(shown) > 1 or more else "first retry"
    return (
        f"Item {trace.name(one.retry.item)} waited {more}{waits} s before its {what}{lines([line])}"
    )


def _asked(trace: Trace, one: _Pause) -> str:
    """`With delay=..., max_delay=...: 0.030 to 0.038, 0.060 to 0.075 s.`."""
    shown = _shown(trace, one)
    more = "..., " if shown[0].retry.number > 1 else ""
    digits = _digits(one)
    names = "delay", "backoff", "jitter", "max_delay"
    settings = ", ".join(f"{name}={one.options[name]:g}" for name in names)
    windows = []
    for other in shown[-3:]:
        least = shortest(other.options, other.retry.number)
        most = longest(other.options, other.retry.number)
        window = f"{least:.{digits}f}" + (f" to {most:.{digits}f}" if most > least else "")
        windows.append(window)
    if len(shown) > 3:
        more = "..., "
    return f"With {settings}: {more}{', '.join(windows)} s."


def _digits(one: _Pause) -> int:
    """How many decimals show that this pause is another than was asked for."""
    low, high = shortest(one.options, one.retry.number), longest(one.options, one.retry.number)
    for digits in range(3, 7):
        bounds = f"{low:.{digits}f}", f"{high:.{digits}f}"
        if f"{one.seconds:.{digits}f}" not in bounds and low >= 10.0 ** (1 - digits):
            return digits
    return 6 if not one.right else 3
