"""The scenarios: pipelines with budgets, and services that fail as they are told."""

from collections.abc import Sequence
from typing import Any

from grader.course.api import ALWAYS, Draw, Item, Job, Pipeline

__all__ = [
    "BUDGET",
    "DEFAULTS",
    "FAST",
    "PLENTY",
    "REFUNDS",
    "crowd",
    "failing",
    "mixed",
    "pipeline",
    "ups_and_downs",
]

FAST = {"delay": 0.03, "backoff": 2.0, "jitter": 0.25}
BUDGET: dict[str, Any] = {"budget": 10.0, "refund": 0.1}
PLENTY: dict[str, Any] = {"budget": 1000.0, "refund": 0.25}  # so much that it refuses nothing
DEFAULTS: dict[str, Any] = {"consumers": 3, "maxsize": 3, "attempts": 4, **FAST, **PLENTY}
REFUNDS = 0.125, 0.25, 0.5


def pipeline(
    draw: Draw, fails: Sequence[int], items: Sequence[Item] | None = None, **options: Any
) -> Pipeline:
    """A pipeline over one job for each number of failing tries."""
    named = items if items is not None else draw.items(len(fails))
    jobs = tuple(
        Job(item, draw.seconds(0.05, 0.12), n) for item, n in zip(named, fails, strict=True)
    )
    return Pipeline(jobs, DEFAULTS | options, lazy=draw.one_of((True, False)))


def ups_and_downs(draw: Draw) -> list[Pipeline]:
    """Runs in which each failure and each success decides about a retry sooner or later."""
    one_by_one: dict[str, Any] = {"consumers": 1, "maxsize": draw.integer(1, 4)}
    ups, outage = [0] * 14, [ALWAYS] * 14
    designed = [
        pipeline(draw, fails, **one_by_one, budget=budget, refund=refund, attempts=attempts)
        for budget, refund, attempts, fails in (
            (6.0, 0.5, 3, [*ups, ALWAYS, ALWAYS, ALWAYS]),  # never above its top
            (4.0, 0.5, 4, [*outage, *[0] * 7, 1, 1, 0]),  # never below 0
            (
                8.0,
                0.5,
                4,
                [*[ALWAYS] * 7, *[0] * 15, 1, 0],
            ),  # after 0 more than half is enough, too
            (12.0, 0.5, 2, [ALWAYS] * 3 + [1] * 4),  # an item's last failure counts
            (9.0, 0.25, 6, [1, 1, 0, 1, 0, 1, 2, 3, ALWAYS]),  # what a retry wins back counts
            (8.0, 0.125, 4, [0, 0, 2, *[0] * 9, 1, 1, 1, 2, ALWAYS]),
            (5.0, 1.5, 3, [ALWAYS, 0, ALWAYS, 0, 0, 1, ALWAYS]),  # a refund larger than 1
            (6.0, 1.5, 6, [1, ALWAYS, 0, 0, 0, ALWAYS]),  # of which not all may fit in
            (4.5, 0.5, 4, [*[ALWAYS] * 6, *[0] * 6, 1, 0]),  # down to 0, though no whole 1 is left
        )
    ]
    return designed + [mixed(draw, consumers=consumers) for consumers in (1, 1, 2, 3, 5)]


def mixed(draw: Draw, **options: Any) -> Pipeline:
    """Items of every kind, with a budget that runs low and fills up."""
    bad = draw.shuffled([0, 1, 1, 2, 3, 3, ALWAYS, ALWAYS, ALWAYS, 0])
    good = draw.shuffled([*[0] * 12, 1, 1, 2])
    fails = [*good, *bad, *[0] * 12, *draw.shuffled([*good, *bad])]
    given = {
        "attempts": draw.integer(3, 6),
        "budget": float(draw.integer(5, 11)),
        "refund": draw.one_of(REFUNDS),
    }
    return pipeline(draw, fails, **given | options)


def crowd(clients: int, seconds: float) -> Pipeline:
    """Items that fail at the same moment, as many at a time as there are consumers."""
    jobs = tuple(Job(300 + number, seconds, ALWAYS) for number in range(clients))
    pace = {"attempts": 3, "delay": 1.0, "backoff": 3.0, "jitter": 0.5}
    return Pipeline(jobs, DEFAULTS | pace | {"consumers": min(40, clients)})


def failing(
    draw: Draw, kind: str, errors: set[int], count: int, budget: dict[str, Any]
) -> Pipeline:
    """A pipeline in which the items at these places raise an error that is not transient."""
    plenty = budget is PLENTY
    scenario = pipeline(draw, [0 if plenty else ALWAYS] * count, **budget)
    jobs = tuple(
        Job(job.item, job.seconds, draw.integer(0, 1) if plenty else 0, kind)
        if index in errors
        else job
        for index, job in enumerate(scenario.jobs)
    )
    return Pipeline(jobs, scenario.options, scenario.lazy)
