"""The states of a pipeline over time: how many items wait, and how many are worked on."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

from grader.course.kit.world import Scenario
from grader.course.rules.shapes import settled_items
from grader.trace import Trace

__all__ = ["State", "carrier_of", "states"]


@dataclass(frozen=True, slots=True)
class State:
    """The pipeline's state at the end of an instant, before time passes.

    at: virtual seconds.
    taken, begun, settled: the number of items taken from the source, begun and settled by then.
    depth: the size of the queue that carries the items; None if it is not an `asyncio.Queue`.
    """

    at: float
    taken: int
    begun: int
    settled: int
    depth: int | None

    @property
    def waiting(self) -> int:
        """Items taken and not begun: those in the queue and in the producer's hands."""
        return self.taken - self.begun

    @property
    def at_work(self) -> int:
        """Items begun and not settled, including those waiting for a retry."""
        return self.begun - self.settled


def states(trace: Trace, scenario: Scenario) -> list[State]:
    """The pipeline's state at each instant with events; cached per trace."""
    known = _known.get(trace)
    if known is None:
        known = _known[trace] = _states(trace, scenario)
    return known


_known: WeakKeyDictionary[Trace, list[State]] = WeakKeyDictionary()


def _states(trace: Trace, scenario: Scenario) -> list[State]:
    carrier = carrier_of(trace)
    settle_orders = settled_items(trace, scenario)
    taken = depth = 0
    begun: set[int] = set()
    settled: set[int] = set()
    found = []
    position = 0
    for at, until in trace.instants():
        for order in range(position, until):
            event = trace.events[order]
            if event.kind == "take":
                taken += 1
            elif event.kind == "begin":
                begun.add(event.data[0])
            elif event.kind in ("put", "get") and event.data[0] == carrier:
                depth = event.data[1]
            if order in settle_orders:
                settled.add(settle_orders[order])
        position = until
        found.append(State(at, taken, len(begun), len(settled), None if carrier is None else depth))
    return found


def carrier_of(trace: Trace) -> int | None:
    """The queue that carries the items: the first into which an item was put.

    If items are wrapped, it is the first into which the task that took them put anything. A learner may
    use other queues as well, for free slots or messages.
    """
    named = next((step.queue for step in trace.puts if step.item is not None), None)
    if named is not None:
        return named
    first_take: dict[int, int] = {}
    for order, event in enumerate(trace.events):
        if event.kind == "take":
            first_take.setdefault(event.task, order)
    never = len(trace.events)
    puts = (step for step in trace.puts if step.order > first_take.get(step.task, never))
    return next((step.queue for step in puts), None)
