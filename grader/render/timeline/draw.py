"""Turns a trace into a drawing: lanes, queue, and notes on what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.render.measures import read
from grader.render.timeline.depth import queue
from grader.render.timeline.lanes import Cast, lanes
from grader.render.timeline.model import Drawing, Finding
from grader.render.timeline.notes import Evidence, notes
from grader.trace import Trace

__all__ = ["NOTHING", "draw", "draw_raw"]

MARGIN = 0.12  # share of the run by which endless waits are drawn beyond its end
NOTHING = Finding()
"""The finding of a check that passed."""
_ENDLESS = ("deadlock", "livelock", "time_limit")


def draw(trace: Trace, finding: Finding = NOTHING) -> Drawing:
    """Return the drawing of a trace. finding: what the check found wrong, if anything."""
    cast = Cast(trace)
    evidence = Evidence(trace, cast, finding)
    endless = trace.how in _ENDLESS
    last = max([trace.clock, *(b.at + b.seconds for b in trace.blocked)])
    end = last * (1 + MARGIN) + 0.01 if endless else last
    joins = any(wait.inside.endswith("join") for wait in trace.waits)
    counted = joins or "marks.marks" in finding.shows
    return Drawing(
        lanes(trace, cast, end),
        queue(trace, evidence.asked, counted=counted),
        notes(evidence),
        end,
        endless,
        finding,
    )


def draw_raw(raw: Mapping[str, Any] | None, finding: Finding = NOTHING) -> Drawing | None:
    """Draw a trace given as plain data; None if it cannot be read, or if nothing ran in it."""
    trace = read(raw)
    drawing = draw(trace, finding) if trace is not None else None
    return drawing if drawing and drawing.lanes else None
