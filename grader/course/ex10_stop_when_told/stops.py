"""The scenarios: pipelines that are told to stop, or not, at all kinds of moments."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from grader.course.api import ALWAYS, Draw, Item, Job
from grader.course.ex10_stop_when_told.told import Told

__all__ = [
    "DEFAULTS",
    "FAST",
    "SLOW",
    "USUAL",
    "at_the_pauses_end",
    "cut_short",
    "failing",
    "in_the_pause",
    "some_settle",
    "told",
]

FAST = {"delay": 0.03, "backoff": 2.0, "jitter": 0.25}
DEFAULTS: dict[str, Any] = {"consumers": 3, "maxsize": 3, "grace": 1.0, "attempts": 4, **FAST}

Times = tuple[float, float]
USUAL: Times = (0.05, 0.12)
SLOW: Times = (0.4, 0.7)


def told(
    draw: Draw,
    fails: Sequence[int],
    seconds: Times = USUAL,
    *,
    items: Sequence[Item] | None = None,
    stop: float | None = None,
    cancel: float | None = None,
    cleanup: float = 0.0,
    **options: Any,
) -> Told:
    """A pipeline over one job for each number of failing tries, told to stop at `stop`."""
    named = items if items is not None else draw.items(len(fails))
    jobs = tuple(Job(item, draw.seconds(*seconds), n) for item, n in zip(named, fails, strict=True))
    given = DEFAULTS | options
    lazy = draw.one_of((True, False))
    return Told(jobs, given, lazy=lazy, stop=stop, cancel=cancel, cleanup=cleanup)


def cut_short(draw: Draw, grace: float, cleanup: float = 0.0, **options: Any) -> Told:
    """What is in hand takes far longer than the grace."""
    stop = draw.seconds(0.2, 0.4)
    slow = grace + 1.0, grace + 2.0
    return told(draw, [1] * 9, slow, stop=stop, grace=grace, cleanup=cleanup, **options)


def some_settle(draw: Draw, **options: Any) -> Told:
    """At the end of the grace some are settled, one after the other, and the rest take far longer."""
    stop, grace = draw.seconds(0.2, 0.3), draw.seconds(0.3, 0.5)
    slow = told(draw, [0] * 50, (2.0, 3.0), stop=stop, grace=grace, **options)
    hands = slow.options["consumers"]
    within = [stop + grace * (number + 1) / hands for number in range(hands - 1)]
    quick = draw.shuffled([True] * (hands - 1) + [False])
    jobs = [
        replace(job, seconds=within.pop()) if index < hands and quick[index] else job
        for index, job in enumerate(slow.jobs)
    ]
    return replace(slow, jobs=tuple(jobs))


def in_the_pause(draw: Draw, **options: Any) -> Told:
    """At the stop some are in a pause that the grace outlasts, some are tried, and some wait."""
    given: dict[str, Any] = {
        "delay": draw.seconds(0.5, 0.6),
        "backoff": 1.0,
        "grace": 30.0,
        "consumers": 4,
    } | options
    return told(draw, [1, 3, 0, ALWAYS, *[0] * 8], stop=draw.seconds(0.25, 0.45), **given)


def at_the_pauses_end(draw: Draw, **options: Any) -> Told:
    """All fail soon after the stop, and the grace is over when nearly all of their pauses are."""
    delay, jitter = draw.seconds(0.8, 1.2), 2.0
    given = {"delay": delay, "backoff": 1.0, "jitter": jitter, "consumers": 14} | options
    grace = delay * (1 + 0.9 * jitter)
    return told(draw, [1] * 14, (0.05, 0.06), stop=draw.seconds(0.02, 0.04), grace=grace, **given)


def failing(draw: Draw, kind: str, errors: set[int], count: int, **options: Any) -> Told:
    """A pipeline in which the items at these places raise an error that is not transient."""
    scenario = told(draw, [0] * count, **options)
    jobs = tuple(
        replace(job, fails=draw.integer(0, 1), error=kind) if index in errors else job
        for index, job in enumerate(scenario.jobs)
    )
    return replace(scenario, jobs=jobs)
