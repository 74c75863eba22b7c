"""Reads a weather from a table, makes scenarios in it, and judges the service levels.

A weather's table, as it stands in a TOML file (times in seconds, the first spell that fits counts):

    name = "a bad lunch hour"
    length = 200                    # items
    answers = [0.05, 0.12]          # how long a call usually takes

    [[spells]]
    from = 1.0
    to = 3.0                        # without it: to the end
    does = "fails"                  # answers, fails, raises, refuses, hangs, loses or breaks
    every = 2                       # and of Behaviour: items, seconds, slower, error, retry_after

    [options]                       # of run_service
    consumers = 8
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from grader.course.api import Draw, Failure, Item, Subject, Trace
from grader.course.ex16_ship_it.budget import decisions
from grader.course.ex16_ship_it.levels import (
    bounded,
    came_to_an_end,
    dead_letters,
    keys_are_right,
    limited,
    never_looks,
    nobody_idle,
    one_call_each,
    pauses_fit,
    settled_once,
)
from grader.course.ex16_ship_it.shift import DOES, Behaviour, Facts, Runs, Shift, Weather
from grader.course.ex16_ship_it.stopping import in_time, nothing_new, result_is_true, within_grace

__all__ = ["DEFAULTS", "holds", "judged", "shift_in", "weather_of"]

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


def weather_of(table: Mapping[str, Any]) -> tuple[Weather, dict[str, Any]]:
    """The weather that a parsed table describes, and the options of `run_service` with it.

    Raises `ValueError`, which says what is wrong with the table.
    """
    try:
        spells = tuple(_spell(row) for row in table.get("spells", ()))
        low, high = table.get("answers", (0.05, 0.12))
        weather = Weather(
            str(table["name"]), int(table["length"]), spells, (float(low), float(high))
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no weather: {error!r}") from error
    options = dict(table.get("options", {}))
    unknown = options.keys() - DEFAULTS.keys()
    if unknown:
        raise ValueError(f"run_service has no {', '.join(sorted(unknown))}")
    if not 0 < weather.answers[0] <= weather.answers[1] or weather.length < 0:
        raise ValueError("`answers` has the shortest time first, and `length` is a number of items")
    return weather, options


def _spell(row: Mapping[str, Any]) -> tuple[float, float, Behaviour]:
    said = {name: value for name, value in row.items() if name not in ("from", "to")}
    if said.get("does") not in DOES:
        raise ValueError(f"`does` is one of {', '.join(DOES)}, and not {said.get('does')!r}")
    if "items" in said:
        said["items"] = tuple(said["items"])
    since, until = float(row.get("from", 0.0)), float(row.get("to", math.inf))
    if until <= since:
        raise ValueError(f"a spell from {since:g} to {until:g} s takes no time")
    return since, until, Behaviour(**said)


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


async def judged(learner: Subject, *shifts: Shift) -> Runs:
    """Run the shifts, and judge them one after the other; returns them with their traces."""
    runs = await learner.run_all(shifts, allow=ENDS)
    for shift, trace in runs:
        holds(trace, shift)
    return runs
