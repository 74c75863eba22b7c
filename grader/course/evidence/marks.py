"""Evidence on `task_done()` calls that are missing, repeated or too early, per consumer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.course.evidence.scene import Scene, where
from grader.results import Sight
from grader.trace import Event, Try

__all__ = ["marks"]


@dataclass
class _Held:
    """An item held by a consumer; `tried` is its last try so far."""

    item: int
    got: float
    tried: Try | None = None
    done: int = 0


def marks(scene: Scene) -> Iterator[Sight]:
    """Each `task_done()` that is missing, repeated or too early, per consumer."""
    hands: dict[int, _Held] = {}
    number = scene.queue
    tries = {(one.item, one.number): one for one in scene.trace.tries}
    missing = 0
    for event in scene.trace.events:
        lane = scene.cast.lane(event.task)
        held = hands.get(lane)
        if event.kind == "quiet":
            break
        if event.kind == "get" and event.data[0] == number:
            missing += _missed(held)
            yield from _missing(scene, held, lane, missing)
            hands.pop(lane, None)
            if event.data[2] is not None:
                hands[lane] = _Held(event.data[2], event.at)
        elif event.kind == "begin" and held is not None and event.data[0] == held.item:
            held.tried = tries[event.data[0], event.data[1]]
        elif event.kind == "done" and event.data[0] == number and held is not None:
            yield from _done(scene, event, held, lane)
            held.done += 1
    for lane, held in hands.items():
        missing += _missed(held)
        yield from _missing(scene, held, lane, missing)


def _missed(held: _Held | None) -> bool:
    """Whether an item that had been tried was dropped without being marked."""
    return held is not None and not held.done and held.tried is not None


def _missing(scene: Scene, held: _Held | None, lane: int, count: int) -> Iterator[Sight]:
    if held is None or held.done:
        return
    last = scene.settled.get(held.item)
    if last is None or last.end is None:
        return
    item = scene.item(held.item)
    what = f"gave up on {item}" if last.outcome == "transient" else f"finished {item}"
    text = f"{what} · task_done() missing → join() waits for {count}"
    yield scene.sight(last.end, lane, "missing-done", text, around=(last.start, last.end))


def _done(scene: Scene, event: Event, held: _Held, lane: int) -> Iterator[Sight]:
    item, line = scene.item(held.item), where(event.line)
    last = scene.settled.get(held.item)
    if held.done:
        text = f"task_done() a second time for {item}{line}"
        if event.data[1] < 0:
            text += " · ValueError: nothing was left to mark"
        yield scene.sight(event.at, lane, "double-done", text)
    elif held.tried is None:
        text = f"task_done() for {item}{line} before it was tried"
        yield scene.sight(event.at, lane, "early-done", text)
    elif last is None or last.end is None or last.end > event.at:
        text = f"task_done() for {item}{line} after try {held.tried.number}, before it is settled"
        yield scene.sight(event.at, lane, "early-done", text)
