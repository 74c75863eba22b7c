"""Picks an exercise's check with the most telling timeline."""

from __future__ import annotations

from statistics import median

from grader.render.measures import read
from grader.results import CheckResult, ExerciseResult
from grader.trace import Cast, Trace

__all__ = ["telling_check", "variety"]

MOST_EVENTS = 400
MOST_CONSUMERS = 6
MOST_TRIES = 28  # in sequence; with more, each is too small to see


def telling_check(result: ExerciseResult) -> CheckResult | None:
    """Return the first failed check, else the one that is declared to show the lesson of the exercise.

    Where none is declared, or has a trace: the one with the most varied scenario that fits a screen. None
    if no check has a trace that can be drawn.
    """
    first = result.first_failure
    if first is not None:
        return first
    shown = [(check, read(check.observation.trace)) for check in result.checks]
    rated = [((c.pictured, *variety(t)), c) for c, t in shown if t is not None]
    return max(rated, key=lambda pair: pair[0])[1] if rated else None


def variety(trace: Trace) -> tuple[bool, bool, int, int]:
    """Return how telling a trace is: it fits, it ends well, kinds of events and outcomes, tries."""
    workers = {one.task for one in trace.tries}
    fits = len(trace.events) <= MOST_EVENTS and len(workers) <= MOST_CONSUMERS and _legible(trace)
    kinds = {event.kind for event in trace.events} - {"print", "stderr", "stranger"}
    outcomes = {one.outcome for one in trace.tries} | {one.number > 2 for one in trace.tries}
    well = trace.how in ("returned", "quiet") and not Cast(trace).died
    return fits, well, len(kinds) + 2 * len(outcomes), len(trace.tries)


def _legible(trace: Trace) -> bool:
    """Return whether the tries are long enough, relative to the run, to be visible all at once."""
    tries = [one.end - one.start for one in trace.tries if one.end is not None]
    return bool(tries) and trace.clock <= MOST_TRIES * median(tries)
