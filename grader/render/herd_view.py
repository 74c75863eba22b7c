"""The herd on a terminal: a histogram for each way to wait."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.herd import SLICE, Arrivals, Herd
from grader.render.layout import GAP, Hanging
from grader.render.timeline.frame import Frame, ticks
from grader.render.timeline.signs import Signs
from grader.render.timeline.view import signs_for
from grader.render.words import prose

__all__ = ["HerdView"]

ROWS = 4
MARGIN = 10  # columns for names and numbers, as in a timeline
WIDEST = 200


class HerdView:
    """The histograms below each other on one axis, each with its peak in numbers."""

    def __init__(self, herd: Herd) -> None:
        self.herd = herd

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        signs = signs_for(options)
        count = self.herd.clients
        yield Text(f"The herd: {count} clients fail at one moment, and come back", "label")
        columns = max(20, min(WIDEST, options.max_width) - MARGIN - 1)
        for row in self.herd.rows:
            mark = Text(f"{row.label}: ", "title")
            yield from console.render(Hanging(mark, prose(signs.text(row.summary))), options)
            if row.counts:
                yield from self._bars(row, columns, signs)
        if any(row.counts for row in self.herd.rows):
            first, last = self.herd.span
            yield from _axis(Frame(first * SLICE, (last + 1) * SLICE, columns), signs)
        yield GAP

    def _bars(self, row: Arrivals, columns: int, signs: Signs) -> Iterator[Text]:
        counts = [self._highest(row, place, columns) for place in range(columns)]
        unit = self.herd.highest / ROWS
        for level in range(ROWS, 0, -1):
            cells = [_cell(count, level, unit, signs) for count in counts]
            head = str(self.herd.highest) if level == ROWS else ""
            line = Text.assemble((f"{head:>{MARGIN}} ", "aside"), ("".join(cells), "time.queue"))
            line.rstrip()
            yield line

    def _highest(self, row: Arrivals, place: int, columns: int) -> int:
        """The largest crowd in a column; it may hold several slices, or be one of several."""
        first, last = self.herd.span
        slices = last - first + 1
        start = first + place * slices // columns
        end = max(start + 1, first + (place + 1) * slices // columns)
        return max(row.counts.get(number, 0) for number in range(start, end))


def _cell(count: int, level: int, unit: float, signs: Signs) -> str:
    part = count / unit - (level - 1)
    return " " if part <= 0 else signs.levels[min(8, math.ceil(part * 8))]


def _axis(window: Frame, signs: Signs) -> Iterator[Text]:
    line, words = [signs.axis] * window.columns, [" "] * (window.columns + 8)
    for at, text in ticks(window, 10):
        place = window.column(at)
        line[place] = signs.tick
        if place + len(text) <= window.columns:
            words[place : place + len(text)] = text
    yield Text(" " * (MARGIN + 1) + "".join(line), "aside")
    named = Text(f"{'seconds':<{MARGIN}} " + "".join(words), "aside")
    named.rstrip()
    yield named
