"""Tells items apart that look the same: an object that is handed out twice is two items, and is named so.

A record knows an item by its place in the scenario. To draw, measure and narrate a run, each handing out
has to have a place of its own, and each place a name of its own.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from typing import Any

from grader.trace.cast import Cast
from grader.trace.questions import Trace
from grader.trace.record import Event

__all__ = ["apart", "numbered"]

_TRIES = frozenset({"begin", "said", "stopping", "finish"})
_IN_QUEUE = frozenset({"put", "get"})


def apart(trace: Trace) -> Trace:
    """Return the trace with a place for each item that was handed out, and a name for each place.

    Equal names get a number: `coffee (1st)`, `coffee (2nd)`. Returns the trace itself where all differ.
    """
    twice = _handed_out_twice(trace)
    names = [str(item) for item in trace.items]
    raw = dict(trace.raw)
    if twice:
        renumbered = _Renumbered(trace, twice)
        raw["events"] = tuple(renumbered.events())
        names += [names[place] for place in renumbered.added]
    raw["items"] = told = numbered(names)
    return trace if not twice and told == names else Trace(raw, told)


def numbered(names: Sequence[str]) -> list[str]:
    """Return the names with a number behind those that are equal: `coffee (1st)`."""
    counts, seen = Counter(names), Counter[str]()
    found = []
    for name in names:
        seen[name] += 1
        found.append(f"{name} ({_ordinal(seen[name])})" if counts[name] > 1 else name)
    return found


def _handed_out_twice(trace: Trace) -> frozenset[int]:
    """Return the items that the scenario itself put, or a source gave, more than once."""
    given = Counter(
        event[6] if event[2] == "put" else event[4]
        for event in trace.events
        if event[2] == "take" or (event[2] == "put" and _is_ours(trace, event[1]))
    )
    return frozenset(place for place, times in given.items() if place is not None and times > 1)


def _is_ours(trace: Trace, task: int) -> bool:
    return not task or task in trace.labs


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


class _Renumbered:
    """The events of a trace with further places: one for each time that an item was handed out again.

    added: the original place of each further one.
    """

    def __init__(self, trace: Trace, twice: frozenset[int]) -> None:
        self.added: list[int] = []
        self._trace = trace
        self._twice = twice
        self._lane = Cast(trace).lane
        self._places: dict[int, list[int]] = defaultdict(list)
        self._taken: dict[int, deque[int]] = defaultdict(deque)
        self._waiting: dict[tuple[int, int], deque[int]] = defaultdict(deque)
        self._held: dict[int, dict[int, int]] = defaultdict(dict)  # by lane: item -> place
        self._begun: set[int] = set()
        self._over: set[int] = set()  # the last try did not fail for the moment only
        self._tries: dict[tuple[int, int, int], tuple[int, int]] = {}
        self._counts: Counter[tuple[int, int]] = Counter()

    def events(self) -> Iterator[tuple[Any, ...]]:
        """Yield all events, in order."""
        for event in self._trace.events:
            kind, item = event.kind, _item_of(event)
            if kind == "get" or (
                kind == "begin" and item not in self._held[self._lane(event.task)]
            ):
                self._held.pop(self._lane(event.task), None)
            if item is None or item not in self._twice:
                yield event
            elif kind == "take":
                place = self._new(item)
                self._taken[item].append(place)
                yield (*event[:4], place)
            elif kind in _IN_QUEUE:
                place = self._put(event, item) if kind == "put" else self._got(event, item)
                yield (*event[:6], place)
            else:
                yield (*event[:4], *self._try(event, item), *event[6:])

    def _new(self, item: int) -> int:
        """Return a place for an item that is handed out: its own the first time, then a further one."""
        place = item
        if self._places[item]:
            place = len(self._trace.items) + len(self.added)
            self.added.append(item)
        self._places[item].append(place)
        return place

    def _put(self, event: Event, item: int) -> int:
        """A put hands out an item, or passes on what was taken, or puts back what its task holds."""
        held = self._held[self._lane(event.task)]
        if _is_ours(self._trace, event.task):
            place = self._new(item)
        elif item in held:
            place = held[item]
        elif self._taken[item]:
            place = self._taken[item].popleft()
        else:
            place = (self._places[item] or [item])[-1]
        self._waiting[event.data[0], item].append(place)
        return place

    def _got(self, event: Event, item: int) -> int:
        waiting = self._waiting[event.data[0], item]
        place = waiting.popleft() if waiting else item
        self._held[self._lane(event.task)][item] = place
        return place

    def _try(self, event: Event, item: int) -> tuple[int, int]:
        """Return the place of a try, and the try's number there."""
        number = event.data[1]
        service = event.data[3] if event.kind == "finish" else event.data[2]
        if event.kind == "begin":
            place = self._begin(event, item)
            self._counts[place, service] += 1
            self._tries[item, number, service] = place, self._counts[place, service]
        place, number = self._tries.get((item, number, service), (item, number))
        if event.kind == "finish" and event.data[2] != "transient":
            self._over.add(place)
        return place, number

    def _begin(self, event: Event, item: int) -> int:
        """Return the place that a lane works at: what it holds, unless that is over."""
        held = self._held[self._lane(event.task)]
        if held.get(item) is None or held[item] in self._over:
            # It came wrapped in something else, through another task, or without a queue.
            free = [one for one in self._places[item] if one not in self._begun]
            held[item] = next(iter(free), held.get(item, (self._places[item] or [item])[-1]))
        self._begun.add(held[item])
        return held[item]


def _item_of(event: Event) -> int | None:
    """Return the item that an event is about, of those that say where an item is."""
    item: int | None = None
    if event.kind in _IN_QUEUE:
        item = event.data[2]
    elif event.kind in _TRIES or event.kind == "take":
        item = event.data[0]
    return item
