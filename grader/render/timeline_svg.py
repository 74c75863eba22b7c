"""Draws the timeline of a trace, given as plain data, as SVG."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.render.herd import Herd
from grader.render.herd_svg import add_herd
from grader.render.ruler import Ruler
from grader.render.ruler_svg import add_ruler
from grader.render.svg import Picture, wrapped
from grader.render.timeline.draw import NOTHING, draw_raw
from grader.render.timeline.model import Drawing, Finding
from grader.render.timeline.svg import WIDTH, add_timeline, spoken

__all__ = ["picture_of", "timeline_svg"]


def timeline_svg(trace: Mapping[str, Any], finding: Finding = NOTHING, *, title: str = "") -> str:
    """Return the picture of a trace as in `results.Observation`; "" if it cannot be drawn.

    finding: what the check found, which the notes point at. title: shown above the picture.
    """
    drawing = draw_raw(trace, finding)
    return "" if drawing is None else picture_of(drawing, title)


def picture_of(
    drawing: Drawing, title: str = "", ruler: Ruler | None = None, herd: Herd | None = None
) -> str:
    """Return a whole picture: the timeline, and below it the ruler and the herd, if given."""
    picture = Picture(title or "Timeline", spoken(drawing), WIDTH)
    picture.height = 8
    for line in wrapped(title, WIDTH - 40) if title else ():
        picture.lines(14, [line], "head", 20)
    add_timeline(picture, drawing)
    if ruler is not None:
        add_ruler(picture, ruler)
    if herd is not None:
        add_herd(picture, herd)
    return str(picture)
