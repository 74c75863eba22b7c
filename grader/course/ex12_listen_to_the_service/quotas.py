"""The scenarios: pipelines whose service refuses, or whose rate is short."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from grader.course.api import Draw
from grader.course.ex12_listen_to_the_service.service import Asked, Quota

__all__ = [
    "EXACT",
    "LESSON",
    "OFTEN",
    "after_a_rest",
    "beside_a_busy_one",
    "exact",
    "failing",
    "given_up_early",
    "one_after_the_other",
    "paced",
    "plain",
    "quota",
    "refused",
    "storm",
    "with_idle_consumers",
]

LESSON: dict[str, Any] = {"attempts": 4, "delay": 0.03, "backoff": 2.0, "jitter": 0.25}
OFTEN = 12
"""Failing tries of an item that is given up on: more than `attempts`, and not without an end.

Where refusals are not counted as tries, endless ones would print without an end, too.
"""

EXACT: dict[str, Any] = {"jitter": 0, "delay": 1 / 32}


def quota(draw: Draw, jobs: Sequence[Asked], **options: Any) -> Quota:
    """A pipeline over these jobs, with a rate that nothing comes near to where none is given."""
    given = LESSON | {"rate": draw.one_of((64, 128)), "consumers": 3, "maxsize": 3} | options
    return Quota(tuple(jobs), given, lazy=draw.one_of((True, False)))


def plain(draw: Draw, fails: Sequence[int], low: float = 0.05, high: float = 0.12) -> list[Asked]:
    """A job for each number of failing tries, none of which is refused."""
    named = zip(draw.items(len(fails)), fails, strict=True)
    return [Asked(item, exact(draw, low, high), n) for item, n in named]


def exact(draw: Draw, low: float, high: float) -> float:
    """A time that is exact as a float and in nanoseconds, as sums of such times are.

    A window that is over a second after such a time is over at that moment, however it is computed.
    """
    return draw.integer(math.ceil(low * 512), math.ceil(high * 512)) / 512


def refused(draw: Draw, *said: tuple[float | None, ...], given_up: bool = False) -> list[Asked]:
    """A job for each row of what its failing tries say; then it succeeds, unless it is given up on."""
    jobs = plain(draw, [OFTEN if given_up else len(says) for says in said])
    return [replace(job, says=says) for job, says in zip(jobs, said, strict=True)]


def paced(
    draw: Draw, rate: int, count: int, *, low: float = 0.2, high: float = 1.6, **options: Any
) -> Quota:
    """Items for which the rate matters: their tries take from `low` to `high` times 1 / rate."""
    return quota(draw, plain(draw, [0] * count, low / rate, high / rate), rate=rate, **options)


def after_a_rest(draw: Draw, rate: int) -> Quota:
    """All consumers are busy for a while with their first items, and then have very short ones."""
    consumers = draw.integer(3, 4)
    short = plain(draw, [0] * 6 * rate, 0.002, 0.008)
    for begin, low, high in ((0, 0.7, 0.85), (3 * rate, 2.6, 2.8)):
        long = exact(draw, low, high)
        for place in range(begin, begin + consumers):
            short[place] = replace(short[place], seconds=long)
    return quota(draw, short, rate=rate, consumers=consumers)


def one_after_the_other(draw: Draw) -> tuple[Quota, Quota]:
    """One item whose tries are refused again and again, soon after each other, and its twin.

    The twin's tries fail, and are not refused.
    """
    [job] = refused(draw, (1 / 16,) * 7)
    options = EXACT | {"attempts": 8, "backoff": 1.0, "consumers": 1, "rate": draw.integer(2, 3)}
    told = quota(draw, [job], **options)
    return told, replace(told, jobs=(replace(job, says=()),))


def with_idle_consumers(draw: Draw) -> Quota:
    """The last item fails once, while the other consumers find nothing left to do."""
    rate = draw.integer(1, 2)
    consumers = 3 * rate + 1
    fails = [0] * consumers + [1]
    return quota(draw, plain(draw, fails), rate=rate, consumers=consumers, **EXACT)


def beside_a_busy_one(draw: Draw, rate: int) -> Quota:
    """Many items, and a last one, which fails twice: it has a call of its own, with `beside=1`.

    Then that call uses less than the rate, while the other one always waits for its turn.
    """
    [last] = plain(draw, [2], 0.26, 0.32)
    jobs = [*plain(draw, [0] * 3 * rate), last]
    return quota(draw, jobs, rate=rate, consumers=4, **EXACT)


def storm(draw: Draw) -> Quota:
    """For some seconds all tries are refused, and more of them are ready than the rate allows."""
    rate = draw.integer(4, 6)
    jobs = refused(draw, *[(1 / 8,) * 3] * (2 * rate))
    return quota(draw, jobs, rate=rate, consumers=2 * rate, backoff=1.0, **EXACT)


def given_up_early(draw: Draw) -> Quota:
    """A lone consumer gives up on items whose last tries were refused, or failed, and others wait."""
    [told] = refused(draw, (exact(draw, 4.0, 6.0),), given_up=True)
    jobs = [told, *plain(draw, [0, OFTEN, 0])]
    pause = {"jitter": 0, "delay": exact(draw, 2.0, 3.0)}
    return quota(draw, jobs, consumers=1, attempts=draw.integer(1, 2), **pause)


def failing(draw: Draw, kind: str, errors: set[int], count: int) -> Quota:
    """A pipeline in which the items at these places raise an error that is not transient."""
    jobs = [
        replace(job, fails=(n := draw.integer(0, 1)), says=(0.25,) * n, error=kind)
        if place in errors
        else job
        for place, job in enumerate(plain(draw, [0] * count))
    ]
    return quota(draw, jobs, rate=draw.one_of((4, 128)), jitter=0)
