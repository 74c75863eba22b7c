"""Chooses what part of a drawing is shown: a window, its ticks, and the lanes that fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from grader.render.timeline.model import Drawing, Lane, State
from grader.results import Sight

__all__ = ["Frame", "fold", "frame", "letters", "ticks"]

LEAST_TRY = 2.5  # the fewest columns for a typical try to be visible
SHORTEST = 0.001  # the shortest time drawn, in seconds
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Frame:
    """A window of virtual time, in seconds, on `columns` columns (or other units of width)."""

    start: float
    end: float
    columns: int
    whole: bool = True

    @property
    def step(self) -> float:
        """Seconds per column."""
        return (self.end - self.start) / self.columns

    def place(self, at: float) -> float:
        """Return a moment's distance from the left, in columns; it may be outside the window."""
        return (at - self.start) / self.step

    def column(self, at: float) -> int:
        """Return the column of a moment; the nearest one if it is outside the window."""
        return min(self.columns - 1, max(0, math.floor(self.place(at) + 1e-6)))

    def last_column(self, at: float) -> int:
        """Return the last column of a span that ends at `at`."""
        return min(self.columns - 1, max(0, math.ceil(self.place(at) - 1e-6) - 1))

    def shows(self, at: float) -> bool:
        """Return whether a moment is within the window."""
        return self.start <= at <= self.end + self.step * 1e-6


def frame(drawing: Drawing, columns: int) -> Frame:
    """Return the window to show: the whole run or, if tries would be too small, a part of it.

    The part is chosen to show the notes.
    """
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


def _focus(notes: Sequence[Sight], widest: float) -> tuple[float, float]:
    """Return the time span of the most important note, extended by other notes that fit."""
    ordered = sorted(notes, key=lambda note: (not note.wrong, note.kind == "deadlock"))
    if not ordered:
        return 0.0, 0.0
    first, last = _stretch(ordered[0])
    for note in ordered[1:]:
        begin, end = _stretch(note)
        low, high = min(first, begin), max(last, end)
        if high - low <= widest:
            first, last = low, high
    return first, last


def _stretch(note: Sight) -> tuple[float, float]:
    """Return the time span needed to understand a note."""
    return note.around or (note.at, note.at)


def ticks(window: Frame, apart: int) -> list[tuple[float, str]]:
    """Return round times in the window and their text, at least `apart` columns from each other."""
    least = window.step * apart
    power = 10.0 ** math.floor(math.log10(least))
    step = next(power * n for n in (1, 2, 5, 10) if power * n >= least * (1 - 1e-9))
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    first = math.ceil(window.start / step - 1e-9)
    last = math.floor(window.end / step + 1e-9)
    return [(number * step, f"{number * step:.{digits}f}") for number in range(first, last + 1)]


def fold(drawing: Drawing, most: int) -> tuple[list[Lane], int]:
    """Return at most `most` lanes, preferring those with notes, and how many are left out."""
    noted = {note.task for note in drawing.notes}
    lanes = drawing.lanes
    wanted = [lane for lane in lanes if lane.task in noted][:most]
    for lane in lanes:
        if len(wanted) < most and lane not in wanted:
            wanted.append(lane)
    shown = [lane for lane in lanes if lane in wanted]
    return shown, len(lanes) - len(shown)


def letters(notes: Sequence[Sight]) -> list[tuple[str, Sight]]:
    """Return each note with the letter that stands for it in its lane."""
    return list(zip(_LETTERS, notes, strict=False))
