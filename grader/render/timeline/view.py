"""The timeline on a terminal: lanes over an axis, the queue below, notes with letters."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.glyphs import UNICODE as UNICODE_GLYPHS
from grader.render.glyphs import glyphs_for
from grader.render.layout import GAP, Hanging
from grader.render.timeline.bands import rows, seen
from grader.render.timeline.frame import Frame, fold, frame, letters, ticks
from grader.render.timeline.legend import MOST_DIGIT, legend
from grader.render.timeline.model import Band, Drawing, Lane, Mark, Queue, Sign, Step
from grader.render.timeline.signs import ASCII, STYLES, UNICODE, Signs
from grader.render.words import prose
from grader.results import Sight

__all__ = ["Timeline", "signs_for"]

MOST_LANES = 8
HIGHEST = 6  # rows of the queue
WIDEST = 200  # columns; longer lines are hard to follow
WIDEST_NOTE = 100  # columns of a note's text, like all other text
_SIGNIFICANCE = (Sign.DIED, Sign.ERROR, Sign.GAVE_UP, Sign.FAILED, Sign.CANCELLED, Sign.DONE)
# `Sign.ASIDE` takes the next column instead: it comes at the instant at which a try ends.


def signs_for(options: ConsoleOptions) -> Signs:
    """Return the signs that the console's stream can encode."""
    return UNICODE if glyphs_for(options) is UNICODE_GLYPHS else ASCII


class Timeline:
    """A drawing as wide as the screen allows, with its notes and a legend of the signs that occur."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        signs = signs_for(options)
        lanes, more = fold(self.drawing, MOST_LANES)
        names = [*(lane.name for lane in lanes), *(queue.name for queue in self.drawing.queues)]
        names += [band.name for band in self.drawing.bands]
        margin = max([len("unfinished"), *map(cell_len, names)]) + 1
        window = frame(self.drawing, max(20, min(WIDEST, options.max_width) - margin))
        chart = _Chart(self.drawing, window, margin, signs)
        if not window.whole:
            yield Hanging("", Text(_zoomed(self.drawing, window), "aside"))
        yield from chart.axis()
        yield from chart.bands()
        for lane in lanes:
            yield from chart.lane(lane)
        if more:
            yield Text(f"{'':{margin}}and {more} more", "aside")
        yield from chart.queues()
        yield GAP
        narrow = options.update(width=min(options.max_width, WIDEST_NOTE))
        for letter, note in letters(self.drawing.notes):
            yield from console.render(chart.note(letter, note), narrow)
        if self.drawing.notes:
            yield GAP
        yield from console.render(legend(self.drawing, lanes, window, signs), narrow)


def _zoomed(drawing: Drawing, window: Frame) -> str:
    return f"Shown: {window.start:.3f} to {window.end:.3f} s of {drawing.end:.3f} s."


class _Chart:
    """The rows of a drawing, behind a margin with names."""

    def __init__(self, drawing: Drawing, window: Frame, margin: int, signs: Signs) -> None:
        self.drawing = drawing
        self.window = window
        self.margin = margin
        self.signs = signs

    def _row(self, name: str, cells: list[str], styles: list[str], style: str = "") -> Text:
        row = Text.assemble((set_cell_size(name, self.margin - 1), style), " ")
        for sign, how in zip(cells, styles, strict=True):
            row.append(sign, how)
        row.rstrip()
        return row

    # -- the axis -------------------------------------------------------------------------------

    def axis(self) -> Iterator[Text]:
        """Yield two rows: the times, and a line with a tick at each."""
        columns = self.window.columns
        words, line = [" "] * columns, [self.signs.axis] * columns
        for at, text in ticks(self.window, 9):
            place = self.window.column(at)
            line[place] = self.signs.tick
            if place + len(text) <= columns:
                words[place : place + len(text)] = text
        dim = ["aside"] * columns
        yield self._row("seconds", words, dim, "aside")
        yield self._row("", line, dim)

    # -- bands ----------------------------------------------------------------------------------

    def bands(self) -> Iterator[Text]:
        """Yield a row for the bands of each name that are in the window, or several if they overlap."""
        for row in rows(seen(self.drawing.bands, self.window)):
            cells = [" "] * self.window.columns
            for band in row:
                self._band(band, cells)
            self._band_words(row, cells)
            styles = ["" if cell == " " else "time.band" for cell in cells]
            yield self._row(row[0].name, cells, styles, "title")

    def _band(self, band: Band, cells: list[str]) -> None:
        first, last = self.window.column(band.start), self.window.last_column(band.end)
        if band.start == band.end:
            cells[first] = self.signs.pointer
            return
        left, line, right = tuple(self.signs.band)
        cells[first : last + 1] = line * (last + 1 - first)
        if band.end <= self.window.end:
            cells[last] = right
        if band.start >= self.window.start:
            cells[first] = left

    def _band_words(self, row: list[Band], cells: list[str]) -> None:
        """Write what is so into a band that is long enough, or else beside all of them."""
        words = "".join(sign if cell_len(sign) == 1 else "?" for sign in row[0].words)
        for band in row:
            first, last = self.window.column(band.start), self.window.last_column(band.end)
            if last - first - 3 >= len(words):
                place = first + 1 + (last - first - 3 - len(words)) // 2
                cells[place : place + len(words) + 2] = f" {words} "
                return
        used = [place for place, cell in enumerate(cells) if cell != " "]
        if used and used[-1] + 2 + len(words) <= len(cells):
            cells[used[-1] + 2 : used[-1] + 2 + len(words)] = words
        elif used and used[0] - 1 - len(words) >= 0:
            cells[used[0] - 1 - len(words) : used[0] - 1] = words

    # -- lanes ----------------------------------------------------------------------------------

    def lane(self, lane: Lane) -> Iterator[Text]:
        """Yield the lane's row, and one with letters below it if there are notes."""
        cells, styles = self._filled(lane)
        taken: dict[int, int] = {}
        for mark in lane.marks:
            if self.window.shows(mark.at) and mark.sign is not Sign.ASIDE:
                place = self.window.last_column(mark.at)
                rank = _SIGNIFICANCE.index(mark.sign)
                if rank <= taken.get(place, rank):
                    taken[place] = rank
                    cells[place], styles[place] = self.signs.marks[mark.sign], STYLES[mark.sign]
        for mark in lane.marks:
            if self.window.shows(mark.at) and mark.sign is Sign.ASIDE:
                place = self.window.last_column(mark.at)
                place += place in taken and place + 1 < self.window.columns
                if place not in taken:
                    taken[place] = len(_SIGNIFICANCE)
                    cells[place], styles[place] = self.signs.marks[mark.sign], STYLES[mark.sign]
        self._label(lane, cells, styles, set(taken))
        yield self._row(lane.name, cells, styles, "title")
        yield from self._pointers(lane.task, lane.marks)

    def _filled(self, lane: Lane) -> tuple[list[str], list[str]]:
        """Return signs and styles by column: those of the state that takes up most of it."""
        columns = self.window.columns
        share = [0.0] * columns
        cells, styles = [" "] * columns, [""] * columns
        for span in lane.spans:
            if span.end <= self.window.start or span.start >= self.window.end:
                continue
            low, high = self.window.place(span.start), self.window.place(span.end)
            for place in range(
                self.window.column(span.start), self.window.last_column(span.end) + 1
            ):
                part = min(high, place + 1) - max(low, place)
                if part > share[place] + 1e-9:
                    share[place] = part
                    cells[place] = self.signs.states[span.state]
                    styles[place] = STYLES[span.state]
        return cells, styles

    def _label(self, lane: Lane, cells: list[str], styles: list[str], taken: set[int]) -> None:
        """Write the items' labels into tries that are long enough, next to the marks."""
        for span in lane.spans:
            if not span.label or not self.window.start - 1e-9 <= span.start <= self.window.end:
                continue
            first = self.window.column(span.start)
            first += first in taken
            room = self.window.last_column(span.end) - first
            text = "".join(sign if cell_len(sign) == 1 else "?" for sign in span.label)
            if len(text) > room:
                text = text[text.rfind(":") :] if ":" in text else ""
            if 0 < len(text) <= room:
                cells[first : first + len(text)] = text
                styles[first : first + len(text)] = ["time.item"] * len(text)

    def _pointers(self, task: int | None, marks: tuple[Mark, ...] = ()) -> Iterator[Text]:
        """Yield a row with a letter below each moment that has a note."""
        columns = self.window.columns
        places: dict[int, str] = {}
        for letter, note in letters(self.drawing.notes):
            if note.task == task and self.window.shows(note.at):
                place = self._pointed_at(note, marks)
                places[place] = places.get(place, "") + letter
        cells, free = [" "] * columns, 0
        for place in sorted(places):
            words = self.signs.pointer + places[place]
            first = max(free, place)
            if first + len(words) > columns:  # at the right edge the pointer follows its letters
                words = places[place] + self.signs.pointer
                first = columns - len(words)
            cells[first : first + len(words)] = words
            free = first + len(words)
        if places:
            yield self._row("", cells, ["" if cell == " " else "time.note" for cell in cells])

    def _pointed_at(self, note: Sight, marks: tuple[Mark, ...]) -> int:
        """Return the column of a note: that of its mark, if it is about an end."""
        ends = any(abs(mark.at - note.at) < 1e-6 for mark in marks)
        if ends and not note.begins:
            return self.window.last_column(note.at)
        return self.window.column(note.at)

    # -- the queues -----------------------------------------------------------------------------

    def queues(self) -> Iterator[Text]:
        """Yield the depth of each queue, with the notes below the first."""
        for queue in self.drawing.queues:
            yield from self._depth(queue)
            if queue is self.drawing.queues[0]:
                yield from self._pointers(None)
            if queue.counted:
                yield self._unfinished(queue)
        if not self.drawing.queues:
            yield from self._pointers(None)

    def _steps(self, queue: Queue) -> list[Step | None]:
        return [
            queue.between(self.window.start + n * self.window.step, self._cell_end(n))
            for n in range(self.window.columns)
        ]

    def _depth(self, queue: Queue) -> Iterator[Text]:
        """Yield bars if there is a bound, else digits."""
        depths = [step.depth if step else 0 for step in self._steps(queue)]
        if queue.maxsize and queue.deepest:
            yield from self._bars(queue, depths)
        elif queue.maxsize or queue.deepest:
            yield self._digits(queue.name, depths)

    def _unfinished(self, queue: Queue) -> Text:
        counts = [step.unfinished if step else 0 for step in self._steps(queue)]
        return self._digits("unfinished", counts)

    def _cell_end(self, number: int) -> float:
        return self.window.start + (number + 1) * self.window.step

    def _digits(self, name: str, counts: list[int]) -> Text:
        digits = [str(count) if count <= MOST_DIGIT else "+" for count in counts]
        return self._row(name, digits, ["time.queue"] * len(digits), "title")

    def _bars(self, queue: Queue, depths: list[int]) -> Iterator[Text]:
        top = max(queue.deepest, queue.maxsize)
        unit = math.ceil(top / HIGHEST)
        rows = math.ceil(top / unit)
        bound = math.ceil(queue.maxsize / unit)
        for row in range(rows, 0, -1):
            if row == bound:
                yield self._limit(queue, depths)
            name = queue.name if row == 1 else str(queue.deepest) if row == rows > bound else ""
            cells = [self._level(depth, row, unit, bound) for depth in depths]
            styles = ["time.wrong" if cell == self.signs.over else "time.queue" for cell in cells]
            yield self._row(name, cells, styles, "title" if row == 1 else "aside")

    def _level(self, depth: int, row: int, unit: int, bound: int) -> str:
        part = depth / unit - (row - 1)
        if part <= 0:
            return " "
        if row > bound:
            return self.signs.over
        return self.signs.levels[min(8, math.ceil(part * 8))]

    def _limit(self, queue: Queue, depths: list[int]) -> Text:
        over = [depth > queue.maxsize for depth in depths]
        cells = [self.signs.over if beyond else self.signs.limit for beyond in over]
        styles = ["time.wrong" if beyond else "aside" for beyond in over]
        return self._row(f"maxsize {queue.maxsize}", cells, styles, "aside")

    # -- words ----------------------------------------------------------------------------------

    def note(self, letter: str, note: Sight) -> Hanging:
        """Return a note, headed by its letter."""
        names = {lane.task: lane.name for lane in self.drawing.lanes}
        name = "queue" if note.task is None else names.get(note.task, "")
        outside = "" if self.window.shows(note.at) else " (not in the picture)"
        mark = Text.assemble((letter, "time.note"), f"  {note.at:.3f} ", (name, "title"), " ")
        return Hanging(mark, prose(self.signs.text(note.text) + outside))
