"""Evidence on tries: too few, too many, or out of order; and on items that were given up on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from grader.course.evidence.scene import Scene, where
from grader.results import Sight
from grader.trace import SAME_TIME, Try

__all__ = [
    "beside",
    "disorder",
    "gave_up",
    "goes_on",
    "put_back",
    "repeats",
    "stops_short",
    "untried",
]


def repeats(scene: Scene) -> Iterator[Sight]:
    """Tries that should not happen: after a success or another error, beyond `attempts`, overlapping."""
    for tries in scene.by_item.values():
        for before, again in pairwise(tries):
            item = scene.item(again.item)
            span = before.start, again.start
            if before.outcome == "ok":
                text = f"tried {item} again, though it had succeeded"
                yield scene.sight(again.start, again.task, "repeat", text, around=span, begins=True)
            elif before.outcome == "error":
                text = f"tried {item} again after an error that is not transient"
                yield scene.sight(
                    again.start, again.task, "other-error", text, around=span, begins=True
                )
            elif again.number > scene.attempts:
                text = f"began try {again.number} of {item} · attempts={scene.attempts}"
                yield scene.sight(again.start, again.task, "repeat", text, around=span, begins=True)
            elif before.end is None or before.end - again.start > SAME_TIME:
                text = f"began try {again.number} of {item} before try {before.number} had ended"
                yield scene.sight(again.start, again.task, "beside", text, around=span, begins=True)


def stops_short(scene: Scene) -> Iterator[Sight]:
    """Items with a transient failure that should have been tried again but were not."""
    for item, tries in scene.by_item.items():
        last = tries[-1]
        if last.outcome == "transient" and last.end is not None and item not in scene.settled:
            count = "the first failure" if last.number == 1 else f"try {last.number}"
            text = (
                f"left {scene.item(item)} after {count} · no retry, with attempts={scene.attempts}"
            )
            around = last.start, last.end
            yield scene.sight(last.end, last.task, "short", text, around=around)


def untried(scene: Scene) -> Iterator[Sight]:
    """Items that were taken from the source or the queue but never worked on."""
    trace = scene.trace
    held: dict[int, tuple[float, int]] = {}
    for event in trace.of("take", "get"):
        item = event.data[0] if event.kind == "take" else event.data[2]
        if item is not None:
            held[item] = event.at, event.task
    lost = [item for item in held if item not in scene.by_item]
    if lost:
        at, task = held[lost[0]]
        what = "was" if len(lost) == 1 else "were"
        text = f"took {scene.item(lost[0])} · {scene.items(lost)} {what} never worked on"
        yield scene.sight(at, task, "untried", text)
    elif not trace.tries and trace.items:
        text = f"{len(trace.items)} items wait, and no try ever begins"
        yield scene.sight(0.0, None, "untried", text)


def disorder(scene: Scene) -> Iterator[Sight]:
    """The first item that was begun before an earlier one."""
    begun = [one for one in scene.trace.tries if one.number == 1]
    for place, one in enumerate(begun):
        if one.item != place and scene.pipeline:
            text = f"began {scene.item(one.item)} before {scene.item(place)}, which came first"
            yield scene.sight(one.start, one.task, "order", text, begins=True)
            return


def put_back(scene: Scene) -> Iterator[Sight]:
    """Items that were put back into a queue."""
    got: set[int] = set()
    for event in scene.trace.of("get", "put"):
        item = event.data[2]
        if item is None:
            continue
        if event.kind == "get":
            got.add(item)
        elif item in got:
            text = f"put {scene.item(item)} back into the queue{where(event.line)}"
            text += " · a retry stays with the consumer that holds the item"
            yield scene.sight(event.at, event.task, "put-back", text)


def beside(scene: Scene) -> Iterator[Sight]:
    """The first moment at which more items are worked on than there are consumers."""
    most = scene.consumers
    open_tries: dict[int, Try] = {}
    for one in sorted(scene.trace.tries, key=lambda one: one.start):
        settled = [
            item
            for item in open_tries
            if (last := scene.settled.get(item)) and (last.end or 0.0) <= one.start + SAME_TIME
        ]
        for item in settled:
            del open_tries[item]
        open_tries[one.item] = one
        if most and len(open_tries) > most:
            text = f"began {scene.item(one.item)}: {len(open_tries)} items at once, with "
            text += f"{most} consumer{'s' if most > 1 else ''}"
            yield scene.sight(one.start, one.task, "beside", text, begins=True)
            return


def goes_on(scene: Scene) -> Iterator[Sight]:
    """Consumers that go on after an error that is not transient."""
    ends = {event.task: event.at for event in scene.trace.of("end")}
    for one in scene.trace.tries:
        if one.outcome != "error" or one.end is None:
            continue
        if abs(ends.get(one.task, one.end + 1) - one.end) > SAME_TIME:
            text = f"went on after an error in {scene.item(one.item)} that is not transient"
            yield scene.sight(one.end, one.task, "other-error", text)


def gave_up(scene: Scene) -> Iterator[Sight]:
    """The items that were rightly given up on."""
    for one in scene.settled.values():
        if one.outcome == "transient" and one.end is not None:
            tries = "the only try" if one.number == 1 else f"{one.number} tries"
            text = f"gave up on {scene.item(one.item)} after {tries}"
            yield scene.sight(one.end, one.task, "gave-up", text, wrong=False)
