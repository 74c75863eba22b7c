"""Notes on a run without mistakes: one moment of each interesting kind."""

from __future__ import annotations

from collections.abc import Iterator

from grader.render.foreign import shortened
from grader.results import Sight
from grader.trace import SAME_TIME, Cast, Trace
from grader.units import brief

__all__ = ["cancelled", "first_pause", "full", "gave_up", "returned"]

LONGEST_ITEM = 44  # characters of an item's name in a sentence


def full(cast: Cast) -> Iterator[Sight]:
    """The first time that the producer waits for room, as it should."""
    waits = [event for event in cast.trace.of("put_wait") if event.task]
    if waits:
        text = "waits for room: the queue is full, and the producer goes no faster than the work"
        yield Sight(waits[0].at, waits[0].task, text, "full", wrong=False)


def first_pause(cast: Cast) -> Iterator[Sight]:
    """The first wait before a retry."""
    for retry in cast.trace.retries[:1]:
        waited = f"waits {brief(retry.pause)}, then tries" if retry.pause > SAME_TIME else "tries"
        item = _item(cast.trace, retry.item)
        text = f"{waited} {item} again: it failed for the moment only"
        yield Sight(retry.start, retry.task, text, "pause", wrong=False, begins=True)


def gave_up(cast: Cast) -> Iterator[Sight]:
    """The items that were given up on: their last try failed."""
    trace = cast.trace
    last = {one.item: one for one in trace.tries}
    for one in last.values():
        if one.outcome == "transient" and one.end is not None:
            tries = "the only try" if one.number == 1 else f"{one.number} tries"
            text = f"gave up on {_item(trace, one.item)} after {tries}"
            yield Sight(one.end, one.task, text, "gave-up", wrong=False)


def cancelled(cast: Cast) -> Iterator[Sight]:
    """The scenario's cancellation, if it has one."""
    trace = cast.trace
    first = next(iter(trace.of("cancel", "quiet")), None)
    if first is None or first.kind != "cancel":
        return
    ends = {event.task: event for event in trace.of("end")}
    alive = (t for t in trace.crew if t not in ends or ends[t].at >= first.at - SAME_TIME)
    for task in list(alive)[:1]:
        yield Sight(first.at, task, "was cancelled here", "cancelled", wrong=False)


def returned(cast: Cast) -> Iterator[Sight]:
    """The return of a run that ended well."""
    trace = cast.trace
    if trace.how == "returned" and not trace.crew and len(trace.tasks) > 1:
        told = trace.of("set") and trace.of("set")[0].at < trace.clock
        text = "returns, as it was told" if told else "returns as soon as the last item is settled"
        yield Sight(trace.clock, 1, text, "well", wrong=False)


def _item(trace: Trace, number: int) -> str:
    return f"item {shortened(trace.name(number), LONGEST_ITEM, '...')}"
