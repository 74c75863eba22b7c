"""The herd as part of an SVG picture."""

from __future__ import annotations

from grader.render.herd import SLICE, Arrivals, Herd
from grader.render.svg import LETTER, Picture, element, text
from grader.render.timeline.frame import Frame, ticks

__all__ = ["add_herd"]

EDGE = 14.0
LEFT = 60.0
TALL = 64.0  # height of one histogram


def add_herd(picture: Picture, herd: Herd) -> None:
    """Append the histograms to a picture, on one axis."""
    picture.height += 20
    title = f"The herd: {herd.clients} clients fail at one moment; arrivals in each 5 ms"
    picture.lines(EDGE, [title], "b", 20)
    for row in herd.rows:
        picture.height += 20
        y = picture.height - 4
        picture.add(text(EDGE, y, f"{row.label}:", "b"))
        picture.add(text(EDGE + LETTER * (len(row.label) + 2), y, row.summary))
        if row.counts:
            _bars(picture, herd, row)
    if any(row.counts for row in herd.rows):
        _axis(picture, herd)


def _bars(picture: Picture, herd: Herd, row: Arrivals) -> None:
    picture.height += TALL + 6
    base = picture.height
    first, last = herd.span
    slice_ = (picture.width - LEFT - EDGE) / (last - first + 1)
    scale = TALL / herd.highest
    end = picture.width - EDGE
    picture.add(element("line", class_="grid", x1=LEFT, x2=end, y1=base, y2=base))
    picture.add(text(LEFT - 6, base - TALL + 9, str(herd.highest), "soft end"))
    for number, count in sorted(row.counts.items()):
        picture.add(
            element(
                "rect",
                class_="work",
                x=LEFT + (number - first) * slice_,
                y=base - count * scale,
                width=max(1.0, slice_ - 0.5),
                height=count * scale,
            )
        )


def _axis(picture: Picture, herd: Herd) -> None:
    first, last = herd.span
    room = picture.width - LEFT - EDGE
    window = Frame(first * SLICE, (last + 1) * SLICE, int(room / LETTER))
    picture.height += 18
    picture.add(text(EDGE, picture.height - 4, "seconds", "soft"))
    for at, words in ticks(window, 10):
        x = LEFT + (at - window.start) / (window.end - window.start) * room
        if x + len(words) * LETTER / 2 < picture.width and x > EDGE + 10 * LETTER:
            picture.add(text(x, picture.height - 4, words, "soft mid"))
