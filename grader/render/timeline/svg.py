"""The timeline as an SVG picture."""

from __future__ import annotations

from collections.abc import Iterator

from grader.render.svg import LETTER, Picture, element, text, wrapped
from grader.render.timeline.bands import rows, seen
from grader.render.timeline.frame import Frame, fold, frame, letters, ticks
from grader.render.timeline.model import Band, Drawing, Lane, Queue, Sign, Span, State
from grader.results import Sight

__all__ = ["WIDTH", "add_timeline", "spoken"]

WIDTH = 960.0  # units
EDGE = 14.0
LANE = 34.0  # height from one lane to the next
MARK = 12.0  # width of the mark at the end of a try
BAR = 20.0  # height of a bar within its lane
BAND = 20.0  # height of a row of bands
QUEUE = 66.0  # height of the queue's strip
MOST_LANES = 8
_COLUMNS = 130  # a terminal of equal width in columns, so that both zoom alike
_FILLS = {
    State.WORK: ("work", ""),
    State.BACKOFF: ("back", "stripes"),
    State.PUT: ("put", "dots"),
    State.GET: ("get", ""),
    State.JOIN: ("get", ""),
    State.WAIT: ("sleep", "stripes"),
    State.SLEEP: ("sleep", "dots"),
    State.STUCK: ("wrong", "dots"),
    State.BLOCKED: ("wrong", "stripes"),
}
_THIN = {State.GET: 4.0, State.JOIN: 2.0, State.WAIT: 4.0, State.STUCK: 4.0}
"""Heights of the bars of waiting states."""


def add_timeline(picture: Picture, drawing: Drawing) -> None:
    """Append a drawing to a picture, with its notes and a legend below it."""
    _Scene(picture, drawing)


def spoken(drawing: Drawing) -> str:
    """Return text for screen readers."""
    words = " ".join(f"{note.at:.3f} s: {note.text}." for note in drawing.notes)
    return words or "Nothing went wrong."


class _Scene:
    """Draws a drawing into a picture."""

    def __init__(self, picture: Picture, drawing: Drawing) -> None:
        self.drawing = drawing
        self.lanes, self.more = fold(drawing, MOST_LANES)
        self.margin = EDGE + LETTER * max(10, *(len(lane.name) for lane in self.lanes)) + 10
        self.room = WIDTH - EDGE - self.margin
        self.window = frame(drawing, _COLUMNS)
        self.picture = picture
        self._draw()

    def _draw(self) -> None:
        picture = self.picture
        if not self.window.whole:
            start, end = self.window.start, self.window.end
            shown = f"Shown: {start:.3f} to {end:.3f} s of {self.drawing.end:.3f} s."
            picture.lines(EDGE, [shown], "soft")
        top = picture.height + 26
        picture.height = top
        shades = [
            shade for row in rows(seen(self.drawing.bands, self.window)) for shade in self._row(row)
        ]
        for lane in self.lanes:
            self._lane(lane)
        if self.more:
            picture.lines(self.margin, [f"and {self.more} more"], "soft")
        deep = [queue for queue in self.drawing.queues if queue.deepest]
        for queue in deep:
            self._queue(queue, noted=queue is deep[0])
        self._axis(top)
        self._shade(shades, top)
        self._notes()
        self._legend()

    # -- positions ------------------------------------------------------------------------------

    def _x(self, at: float) -> float:
        share = (at - self.window.start) / (self.window.end - self.window.start)
        return self.margin + self.room * min(1.0, max(0.0, share))

    def _axis(self, top: float) -> None:
        """Draw times above the lanes, and a faint line down from each."""
        wide = Frame(self.window.start, self.window.end, int(self.room / LETTER))
        self.picture.add(text(EDGE, top - 8, "seconds", "soft"))
        lines = []
        for at, words in ticks(wide, 10):
            x = self._x(at)
            lines.append(
                element("line", class_="grid", x1=x, x2=x, y1=top - 4, y2=self.picture.height)
            )
            anchor = "soft end" if x > WIDTH - EDGE - len(words) * LETTER / 2 else "soft mid"
            self.picture.add(text(x, top - 8, words, anchor))
        self.picture.under(*lines)

    # -- bands ----------------------------------------------------------------------------------

    def _row(self, row: list[Band]) -> Iterator[Band]:
        """Write the words of a row of bands above the lanes; yield what is to be shaded."""
        top = self.picture.height
        self.picture.height += BAND
        self.picture.add(text(EDGE, top + 14, row[0].name, "b"))
        free = self.margin
        for band in row:
            x, width = self._x(band.start), LETTER * len(band.words)
            x = min(x + 4, WIDTH - EDGE - width)
            if x >= free:
                self.picture.add(text(x, top + 14, band.words, "soft"))
                free = x + width + LETTER
            yield band

    def _shade(self, shades: list[Band], top: float) -> None:
        """Shade the bands behind the lanes; a moment is a line."""
        for band in shades:
            x, width = self._x(band.start), max(2.0, self._x(band.end) - self._x(band.start))
            height = self.picture.height - top
            self.picture.under(
                element("rect", class_="band", x=x, y=top, width=width, height=height)
            )

    # -- lanes ----------------------------------------------------------------------------------

    def _lane(self, lane: Lane) -> None:
        top = self.picture.height
        self.picture.height += LANE
        middle = top + BAR / 2
        self.picture.add(text(EDGE, middle + 4, lane.name, "b"))
        for span in lane.spans:
            if span.start < self.window.end and span.end > self.window.start:
                self.picture.add(*self._span(span, middle))
        for mark in lane.marks:
            if self.window.shows(mark.at):
                self.picture.add(*_mark(mark.sign, self._x(mark.at), middle))
        self._flags(lane.task, top, BAR)

    def _span(self, span: Span, middle: float) -> Iterator[str]:
        x, end = self._x(span.start), self._x(span.end)
        yield from self._bar(span.state, x, middle, max(1.0, end - x), BAR)
        room = int((end - x - MARK - 6) / LETTER)
        short = span.label[span.label.rfind(":") :] if ":" in span.label else ""
        label = span.label if len(span.label) <= room else short
        if 0 < len(label) <= room:
            yield text(x + 4, middle + 4, label, "on")

    def _bar(
        self, state: State, x: float, middle: float, width: float, height: float
    ) -> Iterator[str]:
        """Yield the bar of a state: its colour, with its pattern on top."""
        class_, pattern = _FILLS[state]
        height = min(height, _THIN.get(state, height))
        box = {"x": x, "y": middle - height / 2, "width": width, "height": height}
        yield element("rect", class_=class_, **box)
        if pattern:
            yield element("rect", fill=self.picture.over(pattern), **box)

    def _flags(self, task: int | None, top: float, height: float) -> None:
        """Draw a letter on a pole at each note's moment; letters move aside for each other."""
        taken: list[float] = []
        for letter, note in letters(self.drawing.notes):
            if note.task != task or not self.window.shows(note.at):
                continue
            pole = self._x(note.at)
            near = [pole + 15 * step for step in (0, 1, 2, 3, 4, 5, -1, -2, -3, -4, -5)]
            free = [
                x for x in near if x < WIDTH - 7 and not any(abs(x - other) < 15 for other in taken)
            ]
            x = [*free, pole][0]
            taken.append(x)
            y = top + height + 5
            self.picture.add(
                element("line", class_="pole", x1=pole, x2=pole, y1=top - 1, y2=y),
                element("circle", class_="flag", cx=x, cy=y, r=7),
                text(x, y + 4, letter, "inflag mid"),
            )

    # -- the queue ------------------------------------------------------------------------------

    def _queue(self, queue: Queue, *, noted: bool) -> None:
        picture = self.picture
        top = picture.height + 4
        scale = QUEUE / max(queue.deepest, queue.maxsize, 1)
        base = top + QUEUE
        picture.add(text(EDGE, base - 3, queue.name, "b"))
        peak = queue.deepest
        picture.add(text(self.margin - 6, base - peak * scale + 9, str(peak), "soft end"))
        over, within = [], []
        for start, end, depth in self._levels(queue):
            x, width = self._x(start), self._x(end) - self._x(start)
            low = min(depth, queue.maxsize) if queue.maxsize else depth
            within.append(_box("work", x, base, width, low * scale))
            if depth > low:
                over.append(_box("wrong", x, base - low * scale, width, (depth - low) * scale))
        picture.add(*within, *over)
        if queue.maxsize:
            y = base - queue.maxsize * scale
            end = WIDTH - EDGE
            picture.add(element("line", class_="limit", x1=self.margin, x2=end, y1=y, y2=y))
            beside = y + 4 if abs(queue.maxsize - peak) * scale > 12 or not peak else y + 22
            picture.add(text(EDGE, min(beside, base - 18), f"maxsize {queue.maxsize}", "soft"))
        if noted:
            self._flags(None, base - BAR, BAR)
        picture.height = base + 22

    def _levels(self, queue: Queue) -> Iterator[tuple[float, float, int]]:
        """Yield each period in the window with a depth above 0: start, end and depth."""
        steps = queue.steps
        for place, step in enumerate(steps):
            end = steps[place + 1].at if place + 1 < len(steps) else self.window.end
            start, end = max(step.at, self.window.start), min(end, self.window.end)
            if end > start and step.depth:
                yield start, end, step.depth

    # -- words ----------------------------------------------------------------------------------

    def _notes(self) -> None:
        names = {lane.task: lane.name for lane in self.drawing.lanes}
        self.picture.height += 6
        for letter, note in letters(self.drawing.notes):
            name = "queue" if note.task is None else names.get(note.task, "")
            self._note(letter, f"{note.at:.3f} {name}", note)

    def _note(self, letter: str, head: str, note: Sight) -> None:
        picture = self.picture
        indent = EDGE + 24 + LETTER * (len(head) + 1)
        body = wrapped(note.text, WIDTH - EDGE - indent)
        y = picture.height + 17
        picture.add(
            element("circle", class_="flag", cx=EDGE + 8, cy=y - 8, r=7),
            text(EDGE + 8, y - 4, letter, "inflag mid"),
            text(EDGE + 24, y - 4, head, "b"),
        )
        picture.lines(indent, body)

    def _legend(self) -> None:
        """Draw the meaning of the fills and marks that occur."""
        spans = [
            span
            for lane in self.lanes
            for span in lane.spans
            if span.start < self.window.end and span.end > self.window.start
        ]
        states = {span.state for span in spans}
        signs = {m.sign for lane in self.lanes for m in lane.marks if self.window.shows(m.at)}
        x = EDGE
        self.picture.height += 30
        entries: list[State | Sign] = [
            *(state for state in State if state in states),
            *(sign for sign in Sign if sign in signs),
        ]
        for entry in entries:
            width = 26 + LETTER * len(entry.value) + 16
            if x + width > WIDTH - EDGE:
                x = EDGE
                self.picture.height += 24
            middle = self.picture.height - 10
            if isinstance(entry, State):
                self.picture.add(*self._bar(entry, x, middle, 20.0, 14.0))
            else:
                self.picture.add(*_mark(entry, x + 18, middle))
            self.picture.add(text(x + 26, middle + 4, entry.value, "soft"))
            x += width


def _box(class_: str, x: float, base: float, width: float, height: float) -> str:
    return element("rect", class_=class_, x=x, y=base - height, width=width, height=height)


def _mark(sign: Sign, x: float, middle: float) -> Iterator[str]:
    """Yield the mark at the end of a try, on its own background: a tick, cross, block or sign."""
    left, right, top, base = x - MARK + 2, x - 2, middle - 4, middle + 4
    if sign is not Sign.ASIDE:
        yield _box("paper", x - MARK, middle + BAR / 2, MARK, BAR)
    if sign is Sign.ASIDE:
        path = _path((right + 5, top), (right + 11, top), (right + 8, base), (right + 5, top))
        yield element("path", class_="back", d=path)
        return
    if sign is Sign.CANCELLED:
        yield element("path", class_="cross", d=_path((left, base), (right, top)))
    elif sign is Sign.DONE:
        path = _path((left, middle), (left + 3, base), (right, top))
        yield element("path", class_="tick", d=path)
    elif sign is Sign.FAILED:
        path = _path((left, top), (right, base)) + _path((left, base), (right, top))
        yield element("path", class_="cross", d=path)
    elif sign is Sign.GAVE_UP:
        yield _box("wrong", left, middle + BAR / 2, MARK - 3, BAR)
    else:
        words = "!" if sign is Sign.ERROR else "\N{DAGGER}"
        yield text((left + right) / 2, middle + 5, words, "wrongly mid")


def _path(*points: tuple[float, float]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
