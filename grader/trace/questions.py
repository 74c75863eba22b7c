"""Queries on a trace: tries, pauses, queue operations, task labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise, zip_longest
from typing import Any, NamedTuple

from grader.trace.labels import helpers, labels
from grader.trace.owners import SAME_TIME, owners
from grader.trace.record import Event, Record, Try, Wait

__all__ = ["SAME_TIME", "Blocked", "Print", "QueueStep", "Retry", "Trace"]


class Retry(NamedTuple):
    """The pause between failed try `number` of an item and the next, in seconds."""

    item: int
    number: int
    task: int
    start: float
    pause: float
    line: int | None
    service: int = 0


class QueueStep(NamedTuple):
    """A put, get or task_done.

    size: the queue's size afterwards; for task_done, its number of unfinished items.
    order: the position of the event in the trace.
    """

    at: float
    task: int
    line: int | None
    queue: int
    size: int
    item: int | None
    order: int


class Print(NamedTuple):
    """A printed line.

    order: the position of the event in the trace. size: of the first queue at that time, if any.
    """

    at: float
    task: int
    text: str
    line: int | None
    order: int
    size: int | None = None


class Blocked(NamedTuple):
    """A `time.sleep`, which blocks the whole event loop."""

    at: float
    task: int
    line: int | None
    seconds: float


class Trace(Record):
    """A record with queries."""

    # -- events ---------------------------------------------------------------------------------

    def of(self, *kinds: str) -> list[Event]:
        """All events of these kinds, in order."""
        return [event for event in self.events if event.kind in kinds]

    def instants(self) -> Iterator[tuple[float, int]]:
        """Each instant with events: its time, and the number of events up to and including it."""
        times = [event[0] for event in self.events]
        for position, (at, following) in enumerate(zip_longest(times, times[1:]), start=1):
            if following is None or following - at > SAME_TIME:
                yield at, position

    # -- tries ----------------------------------------------------------------------------------

    @cached_property
    def _tries_by_item(self) -> dict[tuple[int, int], list[Try]]:
        found: dict[tuple[int, int], list[Try]] = {}
        for one in self.tries:
            found.setdefault((one.item, one.service), []).append(one)
        return found

    def tries_of(self, item: int, service: int = 0) -> list[Try]:
        """The tries of an item with a service; both are numbers in the scenario, from 0."""
        return self._tries_by_item.get((item, service), [])

    def tries_with(self, service: str) -> list[Try]:
        """All tries with the named service."""
        number = self.services.index(service)
        return [one for one in self.tries if one.service == number]

    @cached_property
    def retries(self) -> tuple[Retry, ...]:
        """Every pause between a failed try and the next one of the same item."""
        found = []
        for tries in self._tries_by_item.values():
            for failed, again in pairwise(tries):
                if failed.end is not None:
                    pause = round(again.start - failed.end, 9)
                    found.append(
                        Retry(
                            *(failed.item, failed.number, again.task, failed.end, pause),
                            again.line,
                            failed.service,
                        )
                    )
        return tuple(sorted(found, key=lambda retry: (retry.start, retry.item)))

    def retries_of(self, item: int) -> list[Retry]:
        """The pauses before the retries of one item, in order."""
        return [retry for retry in self.retries if retry.item == item]

    # -- the source and the queue ---------------------------------------------------------------

    @cached_property
    def taken(self) -> tuple[Event, ...]:
        """Every event in which an item was taken from the source."""
        return tuple(self.of("take"))

    def _steps(self, kind: str) -> tuple[QueueStep, ...]:
        return tuple(
            QueueStep(e.at, e.task, e.line, e.data[0], e.data[1], (*e.data, None)[2], order)
            for order, e in enumerate(self.events)
            if e.kind == kind
        )

    @cached_property
    def puts(self) -> tuple[QueueStep, ...]:
        """Every put into an `asyncio.Queue`."""
        return self._steps("put")

    @cached_property
    def gets(self) -> tuple[QueueStep, ...]:
        """Every get from an `asyncio.Queue`."""
        return self._steps("get")

    @cached_property
    def dones(self) -> tuple[QueueStep, ...]:
        """Every `task_done()`; a size of -1 means one call too many, which raised `ValueError`."""
        return self._steps("done")

    @cached_property
    def prints(self) -> tuple[Print, ...]:
        """Every line printed to stdout."""
        return tuple(
            Print(e.at, e.task, e.data[0], e.line, order, e.data[1])
            for order, e in enumerate(self.events)
            if e.kind == "print"
        )

    @cached_property
    def blocked(self) -> tuple[Blocked, ...]:
        """Every `time.sleep` that blocked the event loop."""
        return tuple(Blocked(e.at, e.task, e.line, e.data[0]) for e in self.of("blocked"))

    # -- tasks ----------------------------------------------------------------------------------

    def died(self) -> list[tuple[Event, Mapping[str, Any]]]:
        """Tasks that ended with an exception: the event, and the error as plain data."""
        return [(e, e.data[1]) for e in self.of("end") if e.data[0] == "raised" and e.data[1]]

    def ending(self, task: int) -> Event | None:
        """The event in which a task ended, or None if it never did."""
        return next((e for e in self.of("end") if e.task == task), None)

    @cached_property
    def helpers(self) -> dict[int, int]:
        """Tasks that only wait for the one that made them, each with that one."""
        return helpers(self)

    @cached_property
    def owners(self) -> dict[int, int]:
        """Tasks that make calls for another one, one call at a time, each with that one."""
        return owners(self, self.helpers)

    @cached_property
    def _labels(self) -> dict[int, str]:
        return labels(self, self.helpers, self.owners)

    def label(self, task: int) -> str:
        """A task's name for people: `producer`, `C1`, ..., or its own; see `grader.trace.labels`."""
        return self._labels.get(task) or self.tasks[task]

    def waiting(self, waits: Iterable[Wait]) -> dict[tuple[str, int | None], list[str]]:
        """Who waits, by label, at each place: where it waits (as `Queue.join`), and the line."""
        places: dict[tuple[str, int | None], list[str]] = {}
        for wait in waits:
            places.setdefault((wait.place, wait.line), []).append(self.label(wait.task))
        return places

    def listed(self, items: Sequence[int], most: int = 6) -> str:
        """Items as Python shows them, `'tea', 7, []`; of many the first, and how many more there are."""
        more = len(items) - most
        names = [repr(self.items[item]) for item in items[: most if more > 1 else len(items)]]
        return ", ".join(names) + (f" and {more} more" if more > 1 else "")

    def text(self, item: int) -> str:
        """An item as `print` shows it in the learner's log."""
        return str(self.items[item])

    def name(self, item: int | None) -> str:
        """An item in a sentence: its text, in quotes if that is blank; "something else" for None."""
        if item is None:
            return "something else"
        text = self.text(item)
        return text if text.strip() else repr(text)
