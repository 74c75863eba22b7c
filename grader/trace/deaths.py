"""Tells the tasks that died of an error from the calls whose error their owner took.

A record does not say who takes an error. What the owner does says it: while it waits for its call it does
nothing else, and when the call ends it goes on at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from grader.trace.questions import SAME_TIME, Trace
from grader.trace.record import Event

__all__ = ["deaths"]


def deaths(trace: Trace) -> list[tuple[Event, Mapping[str, Any]]]:
    """Return the tasks that an error ended, as `Trace.died` does, but those whose owner took it.

    An error that the owner takes is the outcome of the call. If it ends the owner too, both died.
    """
    died = trace.died()
    if not any(event.task in trace.owners for event, _ in died):
        return died
    acts = _Acts(trace)
    return [(event, error) for event, error in died if not acts.take(event)]


class _Acts:
    """What each task did, by its place among all events, and when."""

    def __init__(self, trace: Trace) -> None:
        self._owners = trace.owners
        self._made: dict[int, int] = {}
        self._ended: dict[int, tuple[int, Event]] = {}
        self._done: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for place, event in enumerate(trace.events):
            if event.kind == "spawn":
                self._made[event.data[0]] = place
            if event.kind == "end":
                self._ended[event.task] = place, event
                continue
            self._done[event.task].append((place, event.at))
            if event.kind == "timer":  # it began to sleep then
                self._done[event.task].append((place, event.at - event.data[0]))

    def take(self, death: Event) -> bool:
        """Return whether the owner of the task that died here took its error, and lived on."""
        owner = self._owners.get(death.task)
        if owner is None:
            return False
        place, _ = self._ended[death.task]
        last = self._ended.get(owner)
        if last is not None:
            raised = last[1].data[0] == "raised"
            if last[0] < place or (raised and last[1].at - death.at <= SAME_TIME):
                return False
        done = self._done[owner]
        goes_on = any(order > place and abs(at - death.at) <= SAME_TIME for order, at in done)
        return goes_on or not any(self._made[death.task] < order < place for order, _ in done)
