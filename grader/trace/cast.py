"""Assigns the tasks of a trace to lanes: their own, or that of the consumer they work for."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from grader.trace.deaths import deaths
from grader.trace.questions import SAME_TIME, Trace
from grader.trace.record import Event, Wait

__all__ = ["Cast"]

LONGEST_NAME = 16  # characters of a task's name in a sentence


class Cast:
    """The lanes of one trace: which tasks have their own, and in whose lane the others are drawn."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        # A task has a higher number than its parent; anything else would cause an endless loop.
        self.parents = {e.data[0]: e.task for e in trace.of("spawn") if e.task < e.data[0]}
        helps = trace.helpers
        self._getters = {helps.get(e.task, e.task) for e in trace.of("get", "get_wait")}
        self._beside = _beside(trace)
        self._owners = helps | trace.owners | self._beside

    def lane(self, task: int) -> int:
        """Return the task in whose lane this one is drawn, usually itself."""
        return self._owners.get(task, task)

    def shown(self, task: int) -> int | None:
        """Return the lane of a task, else of its closest ancestor with a lane, else None."""
        shown = set(self.tasks())
        while task and self.lane(task) not in shown:
            task = self.parents.get(task, 0)
        return self.lane(task) if task else None

    def name(self, task: int) -> str:
        """Return the name of a task's lane, as shown to the learner."""
        lane = self.lane(task)
        also = " also" if lane in self._beside else ""
        return f"{self.trace.label(lane)}{also}"

    @cached_property
    def died(self) -> list[tuple[Event, Mapping[str, Any]]]:
        """The tasks that died: their last event and the error; see `grader.trace.deaths`."""
        return deaths(self.trace)

    def waiting(self, waits: Iterable[Wait]) -> str:
        """Describe waits in words: `C1, C2, C3 and 3 more wait in get() (line 12)`."""
        return " · ".join(
            f"{_names([name[:LONGEST_NAME] for name in names])} in {_called(place)}"
            f"{f' (line {line})' if line else ''}"
            for (place, line), names in list(self.trace.waiting(waits).items())[:3]
        )

    def tasks(self) -> list[int]:
        """Return the tasks with a lane: `run_pipeline` and producer first, then consumers."""
        return self._tasks

    @cached_property
    def _tasks(self) -> list[int]:
        trace = self.trace
        makers = {self.lane(event.task) for event in trace.of("take", "put_wait", "join")}
        stuck = {wait.task for wait in trace.waits}
        # Who was called may empty the queue, and is no consumer.
        called = {child for child, parent in self.parents.items() if not parent}
        workers = (self._getters - called) | {one.task for one in trace.tries} | set(trace.crew)
        busy = {event.task for event in trace.of("blocked", "done")}
        died = {event.task for event, _error in self.died}
        main = {1} if trace.of("return") else stuck & {1}
        found = makers | workers | busy | died | main
        # Tasks that the lab started; its own one waits in join().
        ours = (
            {task for task, parent in self.parents.items() if parent == 0} if trace.crew else set()
        )
        shown = {self.lane(task) for task in found if task} - (ours - set(trace.crew))
        first = sorted(shown & ((makers | called) - workers))
        return first + sorted(shown - set(first), key=self._order)

    def _order(self, task: int) -> tuple[int, int]:
        """Sort key: a pipeline's consumers by number (order of first events), others by task."""
        if self.trace.crew:
            return 0, task
        number = self.trace.label(task).removeprefix("C")
        return int(number) if number.isdecimal() and len(number) < 6 else 0, task


def _beside(trace: Trace) -> dict[int, int]:
    """Return the tasks whose call begins while an earlier one of their owner still cleans up.

    They have a lane beside the owner's: that of the first of them, which stands for all.
    """
    first: dict[int, int] = {}
    until: dict[int, float] = defaultdict(float)
    found: dict[int, int] = {}
    for one in trace.tries:
        owner = trace.owners.get(one.task)
        if owner is None or one.task in found:
            continue
        if until[owner] - one.start > SAME_TIME:
            found[one.task] = first.setdefault(owner, one.task)
        else:
            until[owner] = math.inf if one.end is None else one.end
    return found


def _called(place: str) -> str:
    """Where a task waits, as a call: `get()`, but `async with`."""
    name = place.rpartition(".")[2] if "Queue" in place else place
    return name if set("( ") & set(name) else f"{name}()"


def _names(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more + (" wait" if len(names) > 1 else " waits")
