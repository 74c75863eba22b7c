"""Evidence on endings: an early or late return, a cancellation, a coroutine that never ran."""

from __future__ import annotations

from collections.abc import Iterator

from grader.course.evidence.scene import Scene, where
from grader.results import Sight
from grader.trace import SAME_TIME
from grader.units import brief

__all__ = ["cancelled", "returned", "unawaited"]


def returned(scene: Scene) -> Iterator[Sight]:
    """A return before all items are settled, too long after that, or with tasks left behind."""
    trace = scene.trace
    if trace.how != "returned":
        return
    open_items = [n for n in range(len(trace.items)) if n not in scene.settled]
    last = max((one.end for one in trace.tries if one.end is not None), default=0.0)
    if open_items:
        what = "is" if len(open_items) == 1 else "are"
        text = f"returned, though {scene.items(open_items)} {what} not finished"
        yield scene.sight(trace.clock, 1, "early-return", text)
    elif trace.clock - last > SAME_TIME and trace.items:
        text = f"returned only now · the last item was finished {brief(trace.clock - last)} earlier"
        yield scene.sight(trace.clock, 1, "late-return", text, around=(last, trace.clock))
    elif trace.left:
        text = f"returned, and left tasks behind · {scene.waiting(trace.left)}"
        yield scene.sight(trace.clock, 1, "left", text)


def cancelled(scene: Scene) -> Iterator[Sight]:
    """The scenario's cancellation, if it has one, and the consumers that survive it."""
    first = next(iter(scene.trace.of("cancel", "quiet")), None)
    moments = [first] if first is not None and first.kind == "cancel" else []
    ends = {event.task: event for event in scene.trace.of("end")}
    for moment in moments:
        for task in scene.trace.crew:
            end = ends.get(task)
            if end is None or end.at - moment.at > SAME_TIME:
                text = "was cancelled here, and went on"
            elif end.data[0] != "cancelled" and moment.at - end.at <= SAME_TIME:
                text = f"was cancelled here, and {end.data[0]} instead"
            else:
                continue
            yield scene.sight(moment.at, task, "cancel", text)
        alive = (
            task
            for task in scene.trace.crew
            if task not in ends or ends[task].at >= moment.at - SAME_TIME
        )
        for task in list(alive)[:1]:
            yield scene.sight(moment.at, task, "cancelled", "was cancelled here", wrong=False)


def unawaited(scene: Scene) -> Iterator[Sight]:
    """Coroutines that were never awaited. Their time is unknown, so they are shown at the first get."""
    gets = [step for step in scene.trace.gets if step.item is not None]
    at, task = (gets[0].at, gets[0].task) if gets else (0.0, 1)
    for name, line in scene.trace.unawaited[:1]:
        called = "the service" if name.startswith("Service") else f"{name.rpartition('.')[2]}()"
        text = f"calls {called} without await{where(line)} → it never ran"
        yield scene.sight(at, task, "unawaited", text)
