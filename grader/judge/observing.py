"""Keeps what a check saw, for the screens: the trace, and what was asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.course.api import Failure, Subject
from grader.course.catalog import Entry, declared
from grader.results import Observation
from grader.scenario import Consume
from grader.trace import Trace

__all__ = ["observation_of"]

MOST_SHOWN = 10_000  # events of a trace that anybody looks at


def observation_of(
    entry: Entry, subject: Subject | None, error: BaseException | None
) -> Observation:
    """The trace that shows the failure, else the last one, with what was asked of it."""
    if subject is None or not subject.runs:
        return Observation()
    failed = error.trace if isinstance(error, Failure) else None
    runs = [run for run in subject.runs if run[1] is failed] or subject.runs[-1:]
    scenario, trace = runs[0]
    items = [str(job.item) for job in scenario.jobs]
    asked = dict(scenario.options)
    kind = "consume" if isinstance(scenario, Consume) else "pipeline"
    if len(trace.events) > MOST_SHOWN:
        return Observation()
    shown = {"asked": asked, "items": items, "kind": kind, "windows": _windows(entry, trace, asked)}
    return Observation({**trace.raw, **shown})


def _windows(entry: Entry, trace: Trace, asked: Mapping[str, Any]) -> list[list[float]]:
    """The least and the most to wait after each failed try, by its number from 1 on; [] if not asked."""
    pause = declared(entry.id).pause
    if pause is None or not trace.retries:
        return []
    found = [pause(asked, n) for n in range(1, max(r.number for r in trace.retries) + 1)]
    return [list(window) for window in found if window is not None]
