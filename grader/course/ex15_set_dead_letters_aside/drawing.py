"""Whether the random part of each pause is drawn afresh, from the whole window of its retry.

A run of 14 items with 4 retries each, 56 draws, is suspect if one of these holds; then there is another
run, and only if that is suspect as well the submission fails. By bad luck of a right solution

- no more than 28 draws differ: not with continuous draws. With draws from n equal steps the number of
  different ones grows from draw to draw by P(j) = P(j) j / n + P(j - 1) (n - j + 1) / n: at most 28 of
  them have a probability below 1e-8 for 100 steps, as coarse as is allowed, and below 1e-20 for 300
  (as seconds, which are compared as well, they are alike at most as often: their windows differ);
- all lie in the same half of their windows: 2 * 2 ** -56, below 1e-16;
- all 14 second retries lie in the first 1.01 / 3 of their windows: 0.337 ** 14, below 1e-6.

So a run is suspect with a probability below 1e-6, and two of them with one below 1e-12. Draws that are
spread unevenly, or are the same each time that the program runs, are not judged.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from grader.course.api import ALWAYS, Draw, Failure, Job, Misconception, jitter
from grader.course.ex15_set_dead_letters_aside.letters import Letters, Run
from grader.course.ex15_set_dead_letters_aside.mistakes import JITTER_ONCE_PER_KEY
from grader.course.mistakes.draws import (
    JITTER_CYCLED_LIST,
    JITTER_ONCE_PER_CONSUMER,
    JITTER_ONCE_PER_ITEM,
    JITTER_SHARED_BY_ALL,
)
from grader.course.mistakes.jitter import JITTER_TOO_COARSE, JITTER_WINDOW_TOO_SMALL

__all__ = ["ITEMS", "RETRIES", "drawn_afresh", "failing_often"]

ITEMS, RETRIES, GROWTH = 14, 4, 3.0
ALIKE = 1e-5  # of the window: draws that are closer to each other are the same
_ASKS = "d + u: u drawn at random, afresh for every retry, from 0 to d * jitter, with its own d."

Rows = Mapping[int, Sequence[float]]  # of an item: what was added before each of its retries


def failing_often(draw: Draw, scenario: Letters) -> Letters:
    """The same, where all of the `ITEMS` items are given up on after `RETRIES` retries."""
    jobs = tuple(Job(job.item, job.seconds, ALWAYS) for job in scenario.jobs)
    pace = {
        "attempts": RETRIES + 1,
        "delay": draw.seconds(0.9, 1.1),
        "backoff": GROWTH,
        "jitter": 1.0,
    }
    return replace(scenario, jobs=jobs, options={**scenario.options, **pace})


async def drawn_afresh(run: Run, again: Callable[[], Awaitable[Run]]) -> None:
    """Each retry has a draw of its own, from a window that is as wide as asked.

    run: of a scenario of `failing_often`. again: returns another run of it, in case of doubt.
    """
    if _stale(run) is not None and (failure := _stale(await again())) is not None:
        raise failure


def _stale(run: Run) -> Failure | None:
    """What one run shows of draws that are not as asked, be it by bad luck."""
    try:
        _asked_of(run)
    except Failure as failure:
        return failure.about(run.trace)
    return None


def _asked_of(run: Run) -> None:
    fractions = dict(enumerate(jitter.parts(run.trace, run.scenario)))
    delay = run.scenario.options["delay"]
    seconds = {
        item: [value * GROWTH**k for k, value in enumerate(row)] for item, row in fractions.items()
    }
    values = jitter.flat([*fractions.values()])
    jitter.random_at_all(values)
    # One number of seconds for all retries is another fraction of each window.
    rows = min(fractions, seconds, key=_different)
    if _different(rows) <= len(values) / 2:
        raise _why_not_afresh(run, rows)
    if max(values) <= 0.5 or min(values) >= 0.5:
        raise JITTER_WINDOW_TOO_SMALL(
            f"Before {len(values)} retries, with delay={delay:.3g}, u was never outside of "
            f"{100 * min(values):.0f} % to {100 * max(values):.0f} % of d * jitter.",
            _ASKS,
        )
    jitter.grows_with_the_wait([*fractions.values()], GROWTH)


def _different(rows: Rows) -> int:
    """How many of the values differ."""
    return len(_levels(rows))


def _levels(rows: Rows) -> list[float]:
    """The values in order, each once."""
    ordered = sorted(jitter.flat([*rows.values()]))
    later = (after for before, after in pairwise(ordered) if after - before > ALIKE)
    return [*ordered[:1], *later]


def _why_not_afresh(run: Run, rows: Rows) -> Misconception:
    levels, count = _levels(rows), sum(map(len, rows.values()))
    seen = f"Before {count} retries of {len(rows)} items"
    if len(levels) == 1:
        return JITTER_SHARED_BY_ALL(f"{seen} the same random part was added each time.", _ASKS)
    seen += f" only {len(levels)} different random parts were added"
    pairs = [pair for row in rows.values() for pair in pairwise(row)]
    if sum(abs(one - other) <= ALIKE for one, other in pairs) > len(pairs) / 2:
        first, second, *_ = run.trace.retries_of(next(iter(rows)))
        seen += (
            f", mostly the same before an item's retries, as before those of {run.name(first.item)}"
        )
        at: dict[str, Any] = {
            "at": second.start + second.pause,
            "task": second.task,
            "item": first.item,
        }
        if len(levels) <= run.scenario.options["consumers"]:
            return JITTER_ONCE_PER_CONSUMER(f"{seen}, and one by each consumer.", _ASKS, **at)
        if len(levels) <= len(run.by_key):
            return JITTER_ONCE_PER_KEY(f"{seen}, and of all others of its key.", _ASKS, **at)
        return JITTER_ONCE_PER_ITEM(f"{seen}.", _ASKS, **at)
    return (JITTER_TOO_COARSE if _even(levels) else JITTER_CYCLED_LIST)(f"{seen}.", _ASKS)


def _even(levels: Sequence[float]) -> bool:
    """Whether the values are steps, and not numbers from a list."""
    gaps = [after - before for before, after in pairwise(levels)]
    return all(abs(gap / min(gaps) - round(gap / min(gaps))) < 0.002 for gap in gaps)
