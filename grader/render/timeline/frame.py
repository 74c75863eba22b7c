"""What part of a drawing is shown, and where in it a moment falls: a window, ticks, lanes that fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from grader.render.timeline.model import Drawing, Lane, Note, State

__all__ = ["Frame", "fold", "frame", "letters", "ticks"]

LEAST_TRY = 2.5  # columns of a usual try; below that one sees nothing
SHORTEST = 0.001  # seconds that are drawn at least
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Frame:
    """A window of virtual time, in seconds, on so many columns (or other units of width)."""

    start: float
    end: float
    columns: int
    whole: bool = True

    @property
    def step(self) -> float:
        """The seconds of one column."""
        return (self.end - self.start) / self.columns

    def place(self, at: float) -> float:
        """How far from the left a moment is, in columns; beyond the window where it is outside."""
        return (at - self.start) / self.step

    def column(self, at: float) -> int:
        """The column in which a moment falls, the nearest one where it is outside."""
        return min(self.columns - 1, max(0, math.floor(self.place(at) + 1e-6)))

    def last_column(self, at: float) -> int:
        """The last column of something that ends at a moment."""
        return min(self.columns - 1, max(0, math.ceil(self.place(at) - 1e-6) - 1))

    def shows(self, at: float) -> bool:
        """Whether a moment is within the window."""
        return self.start <= at <= self.end + self.step * 1e-6


def frame(drawing: Drawing, columns: int) -> Frame:
    """The window to show: all of it, or, where tries would be too small, what the notes speak of."""
    total = max(drawing.end, SHORTEST)
    tries = [
        span.end - span.start
        for lane in drawing.lanes
        for span in lane.spans
        if span.state is State.WORK
    ]
    widest = median(tries) * columns / LEAST_TRY if tries else total
    if total <= widest:
        return Frame(0.0, total, columns)
    first, last = _focus(drawing.notes, widest * 0.9)
    if last - first > widest * 0.9:
        widest = (last - first) * 1.2
    room = widest - (last - first)
    start = min(max(0.0, first - room * 0.4), max(0.0, total - widest))
    return Frame(start, min(total, start + widest), columns, whole=False)


def _focus(notes: Sequence[Note], widest: float) -> tuple[float, float]:
    """The time that the first important note speaks of, and whatever other notes still fit in."""
    ordered = sorted(notes, key=lambda note: (not note.wrong, note.code == "deadlock"))
    if not ordered:
        return 0.0, 0.0
    first, last = ordered[0].focus
    for note in ordered[1:]:
        low, high = min(first, note.focus[0]), max(last, note.focus[1])
        if high - low <= widest:
            first, last = low, high
    return first, last


def ticks(window: Frame, apart: int) -> list[tuple[float, str]]:
    """Round moments within the window, at least `apart` columns from each other, as text."""
    least = window.step * apart
    power = 10.0 ** math.floor(math.log10(least))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= least * (1 - 1e-9))
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    first = math.ceil(window.start / step - 1e-9)
    last = math.floor(window.end / step + 1e-9)
    return [(number * step, f"{number * step:.{digits}f}") for number in range(first, last + 1)]


def fold(drawing: Drawing, most: int) -> tuple[list[Lane], int]:
    """At most so many lanes, those with notes among them; and how many are left out."""
    noted = {note.task for note in drawing.notes}
    lanes = drawing.lanes
    wanted = [lane for lane in lanes if lane.task in noted][:most]
    for lane in lanes:
        if len(wanted) < most and lane not in wanted:
            wanted.append(lane)
    shown = [lane for lane in lanes if lane in wanted]
    return shown, len(lanes) - len(shown)


def letters(notes: Sequence[Note]) -> list[tuple[str, Note]]:
    """Each note with the letter that stands for it in its lane."""
    return list(zip(_LETTERS, notes, strict=False))
