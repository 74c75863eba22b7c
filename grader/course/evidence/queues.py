"""Evidence on the queue and the consumers: no bound, a queue not filled, idle consumers."""

from __future__ import annotations

from collections.abc import Iterator

from grader.course.evidence.scene import Scene
from grader.results import Sight
from grader.trace import SAME_TIME

__all__ = ["first_put", "idle", "unbounded", "unfilled"]


def unbounded(scene: Scene) -> Iterator[Sight]:
    """The peak of waiting items, if there are ever more than `maxsize` and the producer can hold."""
    maxsize = scene.asked.get("maxsize")
    if not scene.pipeline or type(maxsize) is not int:
        return
    moments = scene.moments
    over = next((moment for moment in moments if moment.waiting > maxsize + 1), None)
    if over is None:
        return
    peak = max(moments, key=lambda moment: moment.waiting)
    bounds = {event.data[0]: event.data[1] for event in scene.trace.of("queue")}
    held = bounds.get(scene.queue or 0)
    why = " · it has no bound" if held == 0 else f" · its bound is {held}" if held else ""
    text = (
        f"{peak.waiting} items wait, with maxsize={maxsize}{why} → nothing holds the producer back"
    )
    if held and held > maxsize:
        text = f"{peak.waiting} items wait, with maxsize={maxsize}{why}"
    yield scene.sight(peak.at, None, "unbounded", text)


def unfilled(scene: Scene) -> Iterator[Sight]:
    """The first moment at which the queue could be full but is not."""
    maxsize, consumers = scene.asked.get("maxsize"), scene.consumers
    if not scene.pipeline or type(maxsize) is not int or consumers is None:
        return
    for moment in scene.moments:
        busy = moment.at_work >= consumers and moment.taken < len(scene.trace.items)
        depth = moment.waiting if moment.depth is None else moment.depth
        if busy and depth < maxsize:
            text = f"only {depth} of maxsize={maxsize} wait, though all consumers are busy"
            yield scene.sight(moment.at, None, "unfilled", text + " and items are left")
            return


def idle(scene: Scene) -> Iterator[Sight]:
    """The first moment at which a consumer could work but does not."""
    consumers, total = scene.consumers, len(scene.trace.items)
    if not scene.pipeline or consumers is None:
        return
    for moment in scene.moments[:-1]:
        wished = min(consumers, total - moment.settled)
        if moment.at_work < wished:
            what = "item is" if moment.at_work == 1 else "items are"
            text = f"{moment.at_work} {what} worked on, while {wished} could be"
            yield scene.sight(moment.at, None, "idle", text)
            return


def first_put(scene: Scene) -> Iterator[Sight]:
    """The first put, if the log has no line for it."""
    for put in scene.trace.puts:
        if put.task:
            later = [p for p in scene.trace.prints if p.at <= put.at + SAME_TIME]
            text = f"put {scene.item(put.item)}, and printed no line for it"
            if not [line for line in later if line.text.startswith("PROD ")]:
                yield scene.sight(put.at, put.task, "log", text)
            return
