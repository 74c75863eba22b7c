"""Turns a trace into a drawing: lanes, queue, and notes on what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.render.measures import read
from grader.render.timeline.bands import bands
from grader.render.timeline.depth import queues
from grader.render.timeline.lanes import lanes
from grader.render.timeline.model import Drawing, Finding
from grader.render.timeline.notes import notes
from grader.trace import Cast, Trace

__all__ = ["NOTHING", "draw", "draw_raw"]

MARGIN = 0.12  # how far endless waits are drawn beyond the end, as a share of the run
NOTHING = Finding()
"""The finding of a check that passed."""
_ENDLESS = ("deadlock", "livelock", "time_limit")


def draw(trace: Trace, finding: Finding = NOTHING) -> Drawing:
    """Return the drawing of a trace. finding: what the check found wrong, if anything."""
    cast = Cast(trace)
    asked = trace.raw.get("asked") or {}
    endless = trace.how in _ENDLESS
    last = max([trace.clock, *(b.at + b.seconds for b in trace.blocked)])
    end = last * (1 + MARGIN) + 0.01 if endless else last
    joins = any(wait.inside.endswith("join") for wait in trace.waits)
    counted = joins or any(sight.kind.endswith("-done") for sight in finding.sights)
    return Drawing(
        lanes(trace, cast, end),
        queues(trace, asked, counted=counted),
        notes(cast, finding),
        end,
        endless,
        finding,
        bands(trace, end),
    )


def draw_raw(raw: Mapping[str, Any] | None, finding: Finding = NOTHING) -> Drawing | None:
    """Draw a trace given as plain data; None if it cannot be read, or if nothing ran in it."""
    trace = read(raw)
    drawing = draw(trace, finding) if trace is not None else None
    return drawing if drawing and drawing.lanes else None
