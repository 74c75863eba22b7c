"""Finds the limits of time that ended an item in a pause between two of its tries."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping

from grader.trace.questions import SAME_TIME, Trace
from grader.trace.record import Event, Try

__all__ = ["limits"]


def limits(trace: Trace) -> Mapping[int, Event]:
    """Return timers by the `order` of a failed try: each was set before the try ended, and fired after.

    It fired before the task, or the owner of the call, tried anything else.
    """
    timers: dict[int, list[Event]] = defaultdict(list)
    for event in trace.of("timer"):
        timers[_owner(trace, event.task)].append(event)
    found = {}
    following: dict[int, Try] = {}
    for one in reversed(trace.tries):
        owner = _owner(trace, one.task)
        until = following[owner].start if owner in following else trace.clock
        following[owner] = one
        if one.outcome == "transient" and one.end is not None:
            own = timers[owner]
            for timer in own[bisect_right(own, one.end, key=_at) :]:
                if timer.at > until + SAME_TIME:
                    break
                if timer.at - timer.data[0] < one.end - SAME_TIME < timer.at - 2 * SAME_TIME:
                    found[one.order] = timer
                    break
    return found


def _owner(trace: Trace, task: int) -> int:
    return trace.owners.get(task, task)


def _at(event: Event) -> float:
    return event.at
