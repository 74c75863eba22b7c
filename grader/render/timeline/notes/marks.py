"""Notes on `task_done()`: missing, twice, too early; told by what each consumer holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from grader.render.timeline.depth import carrier
from grader.render.timeline.model import Note
from grader.render.timeline.notes.evidence import Evidence, where
from grader.trace import Event, Try

__all__ = ["marks"]


@dataclass
class _Held:
    """An item in the hands of a consumer; `tried` is its last try so far."""

    item: int
    got: float
    tried: Try | None = None
    done: int = 0


def marks(evidence: Evidence) -> Iterator[Note]:
    """Each `task_done()` that is missing, too many or too early, by consumer."""
    hands: dict[int, _Held] = {}
    number = carrier(evidence.trace)
    tries = {(one.item, one.number): one for one in evidence.trace.tries}
    missing = 0
    for event in evidence.trace.events:
        lane = evidence.cast.lane(event.task)
        held = hands.get(lane)
        if event.kind == "quiet":
            break
        if event.kind == "get" and event.data[0] == number:
            missing += _missed(held)
            yield from _missing(evidence, held, lane, missing)
            hands.pop(lane, None)
            if event.data[2] is not None:
                hands[lane] = _Held(event.data[2], event.at)
        elif event.kind == "begin" and held is not None and event.data[0] == held.item:
            held.tried = tries[event.data[0], event.data[1]]
        elif event.kind == "done" and event.data[0] == number and held is not None:
            yield from _done(evidence, event, held, lane)
            held.done += 1
    for lane, held in hands.items():
        missing += _missed(held)
        yield from _missing(evidence, held, lane, missing)


def _missed(held: _Held | None) -> bool:
    """Whether an item was let go of without being marked, though it was settled."""
    return held is not None and not held.done and held.tried is not None


def _missing(evidence: Evidence, held: _Held | None, lane: int, count: int) -> Iterator[Note]:
    if held is None or held.done:
        return
    last = evidence.settled.get(held.item)
    if last is None or last.end is None:
        return
    item = evidence.item(held.item)
    what = f"gave up on {item}" if last.outcome == "transient" else f"finished {item}"
    text = f"{what} · task_done() missing → join() waits for {count}"
    yield evidence.note(last.end, lane, "missing-done", text, around=(last.start, last.end))


def _done(evidence: Evidence, event: Event, held: _Held, lane: int) -> Iterator[Note]:
    item, line = evidence.item(held.item), where(event.line)
    last = evidence.settled.get(held.item)
    if held.done:
        text = f"task_done() a second time for {item}{line}"
        if event.data[1] < 0:
            text += " · ValueError: nothing was left to mark"
        yield evidence.note(event.at, lane, "double-done", text)
    elif held.tried is None:
        text = f"task_done() for {item}{line} before it was tried"
        yield evidence.note(event.at, lane, "early-done", text)
    elif last is None or last.end is None or last.end > event.at:
        text = f"task_done() for {item}{line} after try {held.tried.number}, before it is settled"
        yield evidence.note(event.at, lane, "early-done", text)
