"""One object that is in `items` more than once: each time that it is taken it is an item of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from grader.course.api import (
    MOST_WAITING,
    ODD,
    Draw,
    Failure,
    Item,
    Job,
    Odd,
    Trace,
    ends,
    exceptions,
    lines,
)
from grader.course.ex10_stop_when_told.account import items_told
from grader.course.ex10_stop_when_told.stops import SLOW, USUAL, told
from grader.course.ex10_stop_when_told.told import CLOCK, Runs, Told
from grader.course.ex10_stop_when_told.words import stop_words
from grader.course.mistakes.items import SAME_OBJECT_ONCE

__all__ = ["as_others", "each_time_an_item", "twins"]

_ASKS = (
    "An object that is in `items` twice is two items: each time that it is taken it is settled or "
    "unfinished."
)


def twins(draw: Draw) -> list[Told]:
    """Pipelines over items some of which come again: in hand, waiting, or being put at the stop."""
    stop = draw.seconds(0.2, 0.3)
    odd: list[Item] = ["x", True, [7, 8], (7, 8), "", *(Odd(kind) for kind in ODD)]
    kinds: list[Item] = [draw.integer(2, 9), *draw.items(1), *draw.shuffled(odd)]
    brief: dict[str, Any] = {"stop": stop, "grace": draw.seconds(0.02, 0.05)}
    some = draw.shuffled([*[0] * 6, *[1] * 4, *range(2, 12)])
    many = draw.shuffled([*[0] * 9, *[1] * 90, *range(2, 62)])
    large: dict[str, Any] = {"consumers": 7, "maxsize": MOST_WAITING}
    return [
        _again(draw, [0, 0, 1, 2, 3, 4, 5, 6], SLOW, kinds[:2], **brief),  # both in hand
        _again(draw, [0, 1, 2, 0, 3, 4, 5], SLOW, kinds[2:4], **brief),  # one waits
        _again(draw, [1, 2, 3, 0, 4, 0, 5, 6], SLOW, kinds[4:6], **brief),  # both wait
        _again(draw, [1, 2, 3, 4, 5, 0, 0, 6], SLOW, kinds[6:8], **brief),  # one is being put
        _again(draw, [0] * 5, SLOW, kinds[8:9], consumers=1, maxsize=1, **brief),
        _again(draw, [0, 1, 2, 0, 3, 4, 5], SLOW, kinds[9:11], stop=stop, grace=9.0),
        _again(draw, some, USUAL, kinds[11:], stop=stop, grace=9.0),
        _again(draw, many, USUAL, kinds[:2], stop=stop, grace=draw.seconds(0.02, 0.04), **large),
        _again(draw, draw.shuffled([*range(len(kinds))] * 2), USUAL, kinds),  # never told
    ]


def _again(
    draw: Draw,
    turns: Sequence[int],
    seconds: tuple[float, float],
    first: Sequence[Item],
    **options: Any,
) -> Told:
    """A pipeline whose `items` gives its jobs in these turns; `first`: what the first of them are."""
    count = max(turns) + 1
    items = [*first[:count], *draw.items(count - len(first[:count]))]
    return replace(told(draw, [0] * count, seconds, items=items, **options), turns=tuple(turns))


def as_others(draw: Draw, scenario: Told) -> Told:
    """The same pipeline over as many objects as there are turns."""
    items = draw.items(len(scenario.turns))
    jobs = (scenario.jobs[turn] for turn in scenario.turns)
    alone = tuple(Job(item, job.seconds) for item, job in zip(items, jobs, strict=True))
    return replace(scenario, jobs=alone, turns=())


def each_time_an_item(runs: Runs) -> None:
    """Each time that an object is taken it is settled or unfinished, as another one would be.

    Asked of what is right with as many different objects.
    """
    for scenario, trace in runs:
        try:
            _ends_well(scenario, trace)
            _accounted(scenario, trace)
        except Failure as failure:
            raise failure.about(trace) from None


def _ends_well(scenario: Told, trace: Trace) -> None:
    """It returns when it should, with no task left, and nothing is cut off before its time."""
    if trace.how == "raised":
        error = exceptions.describe_error(trace.end["error"])
        raise _once(scenario, trace, f"and it ended with {error}.")
    if trace.how != "returned":
        waits = ends.waiting_words(trace, trace.waits)
        raise _once(scenario, trace, f"and it never returns. Waiting for ever: {waits}.")
    if trace.left:
        left = ends.waiting_words(trace, trace.left)
        raise _once(scenario, trace, f"and it left tasks behind: {left}.")
    over = float("inf") if scenario.over is None else scenario.over
    for one in trace.tries:
        name = trace.name(one.item)
        if one.outcome == "cancelled" and one.end is not None and one.end < over - CLOCK:
            cut = f"and a try of item {name} was cancelled at {one.end:.3f} s, in the grace."
            raise _once(scenario, trace, cut)
        if scenario.stop is not None and one.start > scenario.stop + CLOCK:
            began = f"and item {name} was begun at {one.start:.3f} s{lines([one.line])}."
            raise _once(scenario, trace, began)


def _accounted(scenario: Told, trace: Trace) -> None:
    """Items are begun in order, so the first try of an object belongs to the first time it was taken."""
    turns = [event.data[0] for event in trace.taken]
    outcomes = {(one.item, one.number): one.outcome for one in trace.tries}
    seen: Counter[int] = Counter()
    wanted = []
    for place in turns:
        seen[place] += 1
        if outcomes.get((place, seen[place])) != "ok":
            wanted.append(place)
    got = items_told(trace, trace.result, wanted)
    if got != wanted:
        odd = next(iter((Counter(wanted) - Counter(got)) + (Counter(got) - Counter(wanted))), None)
        what = "the order is another one"
        if odd is not None:
            what = f"item {trace.listed([odd])} is in it {_times(got.count(odd))}, and not "
            what += _times(wanted.count(odd))
        raise _once(
            scenario, trace, f'and "unfinished" is [{trace.listed(got)}]: {what}.', item=odd
        )
    for key, right in (("consumed", len(turns) - len(wanted)), ("failed", 0)):
        if (said := trace.result.get(key)) != right:
            counts = f'and "{key}" is {said!r:.40} where it should be {right}.'
            raise _once(scenario, trace, counts)


def _times(count: int) -> str:
    return {0: "not at all", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _once(scenario: Told, trace: Trace, what: str, item: int | None = None) -> Failure:
    turns = Counter(event.data[0] for event in trace.taken)
    again = [place for place in turns if turns[place] > 1] or [scenario.turns[0]]
    twin = item if item is not None and item in again else again[0]
    name = trace.listed([twin])
    return SAME_OBJECT_ONCE(
        f"run_pipeline was {stop_words(scenario)}. Item {name} was taken "
        f"{_times(turns[twin])}, as one and the same object, {what}",
        _ASKS,
        at=trace.clock,
        item=twin,
        task=1,
    )
