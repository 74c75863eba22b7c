"""The ruler as part of an SVG picture."""

from __future__ import annotations

from grader.render.ruler import Ruler
from grader.render.svg import LETTER, Picture, element, text
from grader.units import brief

__all__ = ["add_ruler"]

EDGE = 14.0
ROW = 20.0
RIGHT = 330.0  # units for the words behind the axis


def add_ruler(picture: Picture, ruler: Ruler) -> None:
    """Append a ruler to a picture."""
    picture.height += 20
    title = "The pause before each retry (a dot), and the window that is asked (a frame)"
    picture.lines(EDGE, [title], "b", 20)
    scale = ruler.scale
    left = EDGE + LETTER * (max(len(row.label) for row in ruler.rows) + 1) + 80
    room = picture.width - EDGE - RIGHT - left
    for row in ruler.rows:
        picture.height += ROW
        y = picture.height - 8
        pause = row.pause
        least, most = pause.least or 0.0, pause.most or 0.0
        first, last = left + scale.share(least) * room, left + scale.share(most) * room
        off = bool(pause.verdict)
        asked = f"asked {brief(least)}" + (f" to {brief(most)}" if most - least > 1e-9 else "")
        picture.add(
            text(EDGE, y + 4, row.label, "b"),
            text(left - 12, y + 4, brief(pause.waited), "end"),
            element("line", class_="grid", x1=left, x2=left + room, y1=y, y2=y),
            element(
                "rect",
                class_="window",
                x=first - 2,
                y=y - 7,
                width=last - first + 4,
                height=14,
            ),
            element(
                "circle",
                class_="wrong" if off else "good",
                cx=left + scale.share(pause.waited) * room,
                cy=y,
                r=4.5,
            ),
            text(left + room + 14, y + 4, asked, "soft"),
        )
        if off:
            x = left + room + 14 + LETTER * (len(asked) + 1)
            picture.add(text(x, y + 4, pause.verdict, "alarm"))
    notes = [ruler.remainder] if ruler.more else []
    if scale.logarithmic:
        notes.append("The axis is logarithmic.")
    picture.lines(EDGE, notes, "soft")
