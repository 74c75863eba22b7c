"""Reads from a trace how many items were in the queue, and how many were unfinished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from grader.render.timeline.model import Queue, Step
from grader.trace import SAME_TIME, Trace

__all__ = ["carrier", "queue"]


def carrier(trace: Trace) -> int | None:
    """Return the number of the queue that most items went through; None if there was none."""
    used = Counter(step.queue for step in trace.puts)
    return used.most_common(1)[0][0] if used else None


def queue(trace: Trace, asked: Mapping[str, Any], *, counted: bool) -> Queue | None:
    """Return the queue's history; None if nothing was put into a queue.

    asked: options of the scenario, by name; counted: whether unfinished items matter.
    """
    number = carrier(trace)
    if number is None:
        return None
    bounds = {event.data[0]: event.data[1] for event in trace.of("queue")}
    maxsize = asked.get("maxsize", 0)
    return Queue(
        tuple(_steps(trace, number)),
        maxsize if type(maxsize) is int else 0,
        max(0, bounds.get(number, 0)),
        counted,
    )


def _steps(trace: Trace, number: int) -> list[Step]:
    steps: list[Step] = []
    depth = unfinished = 0
    for event in trace.of("put", "get", "done"):
        if event.data[0] != number:
            continue
        if event.kind == "done":
            unfinished = max(0, event.data[1])
        else:
            depth = max(0, event.data[1])
            unfinished += event.kind == "put"
        step = Step(event.at, depth, unfinished)
        if steps and event.at - steps[-1].at <= SAME_TIME:
            steps[-1] = step  # invisible: no time passes in between
        else:
            steps.append(step)
    return steps
