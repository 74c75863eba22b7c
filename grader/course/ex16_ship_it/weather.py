"""Makes scenarios in a weather, and judges the service levels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grader.course.api import Draw, Failure, Item, Subject, Trace
from grader.course.ex16_ship_it.budget import decisions
from grader.course.ex16_ship_it.calling import came_to_an_end, limited, one_call_each, settled_once
from grader.course.ex16_ship_it.keys import keys_are_right
from grader.course.ex16_ship_it.letters import dead_letters
from grader.course.ex16_ship_it.measured import Measure, levels_of
from grader.course.ex16_ship_it.shift import Facts, Runs, Shift, Weather
from grader.course.ex16_ship_it.stopping import in_time, nothing_new, result_is_true, within_grace
from grader.course.ex16_ship_it.taking import bounded, never_looks, nobody_idle
from grader.course.ex16_ship_it.waiting import pauses_fit

__all__ = ["DEFAULTS", "holds", "judged", "shift_in"]

DEFAULTS: Mapping[str, Any] = {
    "consumers": 5,
    "maxsize": 5,
    "attempts": 6,
    "delay": 0.05,
    "backoff": 2.0,
    "jitter": 0.25,
    "max_delay": 1.0,
    "timeout": 0.5,
    "budget": 20.0,
    "refund": 0.2,
    "grace": 1.0,
}
ENDS = ("deadlock", "raised", "cancelled")  # which `came_to_an_end` judges

QUESTIONS: tuple[Callable[[Facts], None], ...] = (
    keys_are_right,
    limited,
    one_call_each,
    settled_once,
    came_to_an_end,
    nothing_new,
    within_grace,
    decisions,
    pauses_fit,
    dead_letters,
    bounded,
    nobody_idle,
    in_time,
    result_is_true,
    never_looks,
)
"""In the order in which one mistake explains the next."""

OF_CALLS = (limited, one_call_each, decisions, pauses_fit)
"""What a brief record can answer."""


def shift_in(
    weather: Weather,
    draw: Draw,
    options: Mapping[str, Any] | None = None,
    *,
    items: Sequence[Item] | None = None,
    **more: Any,
) -> Shift:
    """A run of the service in a weather; `more`: further fields of the `Shift`."""
    named = tuple(draw.items(weather.length) if items is None else items)
    seconds = tuple(draw.seconds(*weather.answers) for _ in named)
    lazy = draw.one_of((True, False))
    return Shift(weather, named, seconds, {**DEFAULTS, **(options or {})}, lazy=lazy, **more)


def holds(trace: Trace, shift: Shift) -> None:
    """The service levels of one run, or of two at the same time; raises `Failure`."""
    for part in range(2 if shift.beside else 1):
        facts = Facts(trace, shift, part)
        for ask in OF_CALLS if facts.tries and not trace.taken else QUESTIONS:
            try:
                ask(facts)
            except Failure as failure:
                raise failure.about(trace) from None


async def judged(
    learner: Subject, *shifts: Shift, asked: Sequence[Measure] = (), main: int = 0
) -> Runs:
    """Run the shifts, and judge them one after the other; returns them with their traces.

    asked: what is measured, for the screen, of the shift with the number `main`, whose timeline is drawn.
    """
    try:
        runs = await learner.run_all(shifts, allow=ENDS)
    except Failure:
        _measure(learner, shifts[main], asked)
        raise
    _measure(learner, shifts[main], asked)
    for shift, trace in runs:
        holds(trace, shift)
    learner.show(runs[main][1])
    return runs


def _measure(learner: Subject, shift: Shift, asked: Sequence[Measure]) -> None:
    for ran, trace in learner.runs:
        if ran is shift:
            learner.measured(*levels_of(trace, shift, asked))
