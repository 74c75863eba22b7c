"""Picks the check of an exercise whose timeline tells the most."""

from __future__ import annotations

from statistics import median

from grader.render.measures import read
from grader.results import CheckResult, ExerciseResult
from grader.trace import Trace

__all__ = ["telling_check"]

MOST_EVENTS = 400
MOST_CONSUMERS = 6
MOST_TRIES = 28  # one after the other: with more of them each is too small to see


def telling_check(result: ExerciseResult) -> CheckResult | None:
    """The first that failed, else the one with the most varied scenario that still fits on a screen.

    None where no check has a trace that could be drawn.
    """
    first = result.first_failure
    if first is not None:
        return first
    shown = [(check, read(check.observation.trace)) for check in result.checks]
    rated = [(_variety(trace), check) for check, trace in shown if trace is not None]
    return max(rated, key=lambda pair: pair[0])[1] if rated else None


def _variety(trace: Trace) -> tuple[bool, int, int]:
    """How much a trace has to show: that it fits, kinds of events and outcomes, then how many."""
    workers = {one.task for one in trace.tries}
    fits = len(trace.events) <= MOST_EVENTS and len(workers) <= MOST_CONSUMERS and _seen(trace)
    kinds = {event.kind for event in trace.events} - {"print", "stderr", "stranger"}
    outcomes = {one.outcome for one in trace.tries} | {one.number > 2 for one in trace.tries}
    return fits, len(kinds) + 2 * len(outcomes), len(trace.tries)


def _seen(trace: Trace) -> bool:
    """Whether the tries are long enough, beside the whole, to be seen all at once."""
    tries = [one.end - one.start for one in trace.tries if one.end is not None]
    return bool(tries) and trace.clock <= MOST_TRIES * median(tries)
