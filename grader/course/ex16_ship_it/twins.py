"""One object that is in `items` more than once: each time that it is taken it is an item of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from grader.course.api import Draw, Failure, Trace, ends, exceptions
from grader.course.ex16_ship_it.keys import keys_of
from grader.course.ex16_ship_it.shift import Facts, Runs, Shift
from grader.course.mistakes.items import SAME_OBJECT_ONCE

__all__ = ["as_others", "each_time_an_item"]

_ASKS = (
    "An object that is in `items` twice is two items: each has a key of its own, and each is settled or "
    "unfinished."
)


def as_others(draw: Draw, shift: Shift) -> Shift:
    """The same shift over as many objects as there are turns."""
    count = len(shift.turns)
    return replace(
        shift,
        weather=replace(shift.weather, length=count),
        items=tuple(draw.items(count)),
        seconds=tuple(shift.seconds[turn] for turn in shift.turns),
        turns=(),
    )


def each_time_an_item(runs: Runs) -> None:
    """Each time that an object is taken it has its key, and is settled or unfinished.

    runs: in calm weather, so that each call is of another item. Asked of what is right with as many
    different objects.
    """
    for shift, trace in runs:
        try:
            _ends_well(shift, trace)
            _keys_apart(shift, trace)
            _accounted(shift, trace)
        except Failure as failure:
            raise failure.about(trace) from None


def _ends_well(shift: Shift, trace: Trace) -> None:
    if trace.how == "returned" and not trace.left:
        return
    waits = ends.waiting_words(trace, trace.left or trace.waits)
    if trace.how == "raised":
        raise _once(
            shift, trace, f"and it ended with {exceptions.describe_error(trace.end['error'])}"
        )
    how = "left tasks behind" if trace.how == "returned" else "never returns"
    raise _once(shift, trace, f"and run_service {how}: {waits}")


def _keys_apart(shift: Shift, trace: Trace) -> None:
    keys = keys_of(Facts(trace, shift))
    for one in trace.tries:
        if keys[one.item, one.number] in [keys[one.item, n] for n in range(1, one.number)]:
            same = f"and call {one.number} of it carried a key that an earlier one had carried"
            raise _once(shift, trace, same, item=one.item, line=one.line)


def _accounted(shift: Shift, trace: Trace) -> None:
    turns = [event.data[0] for event in trace.taken] if shift.stop is not None else shift.turns
    done = Counter(one.item for one in trace.tries if one.outcome == "ok")
    wanted = Counter(turns) - done
    result = trace.result if isinstance(trace.result, dict) else {}
    said = result.get("unfinished")
    got = [one.get("item") if isinstance(one, dict) else None for one in said or ()]
    if Counter(got) != wanted or not _in_order(got, turns):
        different = (wanted - Counter(got)) + (Counter(got) - wanted)
        item = next(iter(different), None)
        what = 'and the order of "unfinished" is another one'
        if item is not None:
            what = (
                f'and is in "unfinished" {_times(got.count(item))}, and not {_times(wanted[item])}'
            )
        raise _once(shift, trace, what, item=item)
    if result.get("consumed") != done.total():
        count = f'and "consumed" is {result.get("consumed")!r:.40}, and not {done.total()}'
        raise _once(shift, trace, count)


def _in_order(some: Iterable[Any], turns: Sequence[int]) -> bool:
    """Whether these are some of the turns, in their order."""
    rest = iter(turns)
    return all(one in rest for one in some)


def _times(count: int) -> str:
    return {0: "not at all", 1: "once", 2: "twice"}.get(count, f"{count} times")


def _once(
    shift: Shift, trace: Trace, what: str, item: int | None = None, line: int | None = None
) -> Failure:
    turns = Counter(event.data[0] for event in trace.taken)
    again = [place for place in turns if turns[place] > 1] or [shift.turns[0]]
    twin = item if item in again else again[0]
    stop = "" if shift.stop is None else f"It was told to stop at {shift.stop:.3f} s. "
    return SAME_OBJECT_ONCE(
        f"{stop}Item {trace.name(twin)} was taken {_times(turns[twin])}, as one and the same object, "
        f"{what}.",
        _ASKS,
        at=trace.clock,
        item=twin,
        task=1,
        line=line,
    )
