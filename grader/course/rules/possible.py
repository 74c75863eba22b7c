"""Whether a record is possible at all; checked before any other rule."""

from __future__ import annotations

from grader.course.kit.failures import Failure
from grader.course.mistakes.errors import IMPOSSIBLE_RECORD
from grader.course.rules.deadlock import private_count
from grader.course.rules.shapes import tampered_count
from grader.script import Script
from grader.trace import Contradiction, Trace, contradiction

__all__ = ["IMPOSSIBLE", "impossible"]

IMPOSSIBLE = IMPOSSIBLE_RECORD
"""A record that contradicts itself."""


_PAST_THE_LOOP = Contradiction("time went on to a timer that was not made by the event loop")


def impossible(trace: Trace, script: Script) -> Failure | None:
    """The failure for a record that contradicts itself or the script, which honest code never causes."""
    found = _PAST_THE_LOOP if trace.how == "tampered" else contradiction(trace, script)
    if found is None:
        return None
    if found.marks and tampered_count(trace) is not None:
        return private_count(trace).about(trace)
    return IMPOSSIBLE(
        f"What was recorded of this run cannot have happened: {found.words}.",
        "Code that awaits, works and counts needs nothing of the event loop's or the grader's own: "
        "leave the clock, the record and private attributes alone.",
        why="error",
        at=found.at,
    ).about(trace)
