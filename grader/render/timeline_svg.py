"""The timeline of a trace as SVG, for whoever has the trace as plain data and wants the picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.render.timeline.draw import draw_raw
from grader.render.timeline.model import Finding
from grader.render.timeline.svg import to_svg

__all__ = ["timeline_svg"]


def timeline_svg(
    trace: Mapping[str, Any],
    *,
    title: str = "",
    code: str | None = None,
    message: str = "",
    line: int | None = None,
) -> str:
    """The picture of a trace as it stands in `results.Observation`; "" where none can be drawn.

    title: what stands above it. code, message, line: what the check said, as in
    `results.CheckResult`; they decide what is pointed at.
    """
    drawing = draw_raw(trace, Finding(code, message, line))
    return "" if drawing is None else to_svg(drawing, title)
