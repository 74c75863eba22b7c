"""The legend of a timeline on a terminal: the signs that occur in it, with their meanings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from grader.render.layout import Entries
from grader.render.timeline.frame import Frame
from grader.render.timeline.model import Drawing, Lane, Queue, Sign, State
from grader.render.timeline.signs import STYLES, Signs

__all__ = ["MOST_DIGIT", "legend"]

MOST_DIGIT = 9
"""The largest number in a row of digits; a larger one is a sign."""


def legend(drawing: Drawing, lanes: Sequence[Lane], window: Frame, signs: Signs) -> Entries:
    """Return the signs that occur in these lanes and in the rows below them, with their meanings."""
    spans = [
        span
        for lane in lanes
        for span in lane.spans
        if span.start < window.end and span.end > window.start
    ]
    states = {span.state for span in spans}
    marks = {mark.sign for lane in lanes for mark in lane.marks if window.shows(mark.at)}
    shown: list[tuple[State | Sign, str]] = [
        *((state, signs.states[state]) for state in State if state in states),
        *((sign, signs.marks[sign]) for sign in Sign if sign in marks),
    ]
    entries = [
        Text.assemble((sign, STYLES[what]), (f" {what.value}", "aside")) for what, sign in shown
    ]
    bounded = [queue for queue in drawing.queues if queue.maxsize and queue.deepest]
    if bounded:
        entries.append(Text.assemble((signs.limit, "aside"), (" maxsize", "aside")))
    if any(queue.deepest > queue.maxsize for queue in bounded):
        entries.append(Text.assemble((signs.over, "time.wrong"), (" above maxsize", "aside")))
    if any(":" in span.label for span in spans):
        entries.append(Text.assemble(("7:2", "title"), (" item 7, try 2", "aside")))
    counts = list(_counts(drawing.queues))
    if counts:
        digits = Text.assemble(("0-9", "time.queue"), (" so many items", "aside"))
        if max(counts) > MOST_DIGIT:  # in one entry: in ASCII a plus alone is the sign of a success
            digits.append(", ", "aside").append("+", "time.queue").append(" ten or more", "aside")
        entries.append(digits)
    return Entries(entries)


def _counts(queues: Sequence[Queue]) -> Iterator[int]:
    """Yield the largest number of each row of digits: of queues without bars, and of unfinished items."""
    for queue in queues:
        if bool(queue.deepest) != bool(queue.maxsize):
            yield queue.deepest
        if queue.counted:
            yield max((step.unfinished for step in queue.steps), default=0)
