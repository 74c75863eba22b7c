"""The pipeline as it stood at each moment at which time passes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.render.timeline.depth import carrier
from grader.trace import Trace, Try

__all__ = ["Moment", "moments"]


@dataclass(frozen=True)
class Moment:
    """How many items were taken, begun and settled by then; the depth of the queue, if there is one."""

    at: float
    taken: int
    begun: int
    settled: int
    depth: int | None

    @property
    def waiting(self) -> int:
        """Items taken and not begun."""
        return self.taken - self.begun

    @property
    def at_work(self) -> int:
        """Items begun and not settled."""
        return self.begun - self.settled


def moments(trace: Trace, settled: Mapping[int, Try]) -> Iterator[Moment]:
    """Each moment; `settled` are the tries that settled an item."""
    number = carrier(trace)
    orders = {one.end_order for one in settled.values()}
    begun: set[int] = set()
    taken = done = depth = place = 0
    for at, until in trace.instants():
        for order in range(place, until):
            event = trace.events[order]
            if event.kind == "take":
                taken += 1
            elif event.kind == "begin":
                begun.add(event.data[0])
            elif event.kind in ("put", "get") and event.data[0] == number:
                depth = event.data[1]
            done += order in orders
        place = until
        yield Moment(at, taken, len(begun), done, None if number is None else depth)
