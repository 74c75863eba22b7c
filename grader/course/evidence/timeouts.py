"""Notes on the time of tries: those that outlast it, and those that are cancelled at another moment."""

from __future__ import annotations

from collections.abc import Iterator

from grader.course.evidence.scene import Scene
from grader.course.rules.timeouts import cancellations
from grader.results import Sight
from grader.trace import SAME_TIME
from grader.units import brief

__all__ = ["off", "overdue"]


def overdue(scene: Scene) -> Iterator[Sight]:
    """Tries that nobody cancelled when their time was over."""
    trace, timeout = scene.trace, float(scene.asked["timeout"])
    cuts = cancellations(trace)
    for one in trace.tries:
        ends = trace.clock if one.end is None else one.end
        if (one.item, one.number) in cuts or ends - one.start - timeout <= SAME_TIME:
            continue
        text = f"goes on with try {one.number} of {scene.item(one.item)} · its time of {brief(timeout)}"
        at, around = one.start + timeout, (one.start, ends)
        yield scene.sight(at, one.task, "overdue", f"{text} is over", around=around)


def off(scene: Scene) -> Iterator[Sight]:
    """Tries that were cancelled at another moment than when their time was over."""
    timeout, cuts = float(scene.asked["timeout"]), cancellations(scene.trace)
    for one in scene.trace.tries:
        cut = cuts.get((one.item, one.number))
        if cut is None or abs(cut - one.start - timeout) <= SAME_TIME:
            continue
        verdict = "too early" if cut < one.start + timeout else "too late"
        text = f"try {one.number} of {scene.item(one.item)} was cancelled after {brief(cut - one.start)}"
        text += f" · asked {brief(timeout)} → {verdict}"
        yield scene.sight(cut, one.task, "cut-off", text, around=(one.start, cut))
