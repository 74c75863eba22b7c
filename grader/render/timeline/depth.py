"""Reads from a trace how many items were in each queue, and how many were unfinished."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from grader.render.foreign import harmless
from grader.render.timeline.model import Queue, Step
from grader.trace import SAME_TIME, Trace
from grader.trace.apart import numbered

__all__ = ["queues", "set_aside"]

MOST_QUEUES = 3
LONGEST_NAME = 16


def queues(trace: Trace, asked: Mapping[str, Any], *, counted: bool) -> tuple[Queue, ...]:
    """Return the history of each queue in use, or of the `MOST_QUEUES` most used ones.

    asked: the scenario's options, by name.
    counted: whether unfinished items matter.
    """
    used = Counter(step.queue for step in trace.puts)
    shown = sorted(number for number, _count in used.most_common(MOST_QUEUES))
    bounds = {event.data[0]: event.data[1] for event in trace.of("queue")}
    alone = len(shown) == 1 and shown[0] not in set_aside(trace)
    maxsize = asked.get("maxsize", 0)
    counts = _counted(trace) or used.most_common(1)[0][0] if counted and used else None
    found = []
    for number in shown:
        bound = max(0, bounds.get(number, 0))
        # `maxsize` applies to a single queue; several are drawn with their own bounds.
        limit = (maxsize if type(maxsize) is int else 0) if alone else bound
        name = "queue" if alone else _name(trace, number)
        steps = tuple(_steps(trace, number))
        found.append(Queue(steps, name, limit, bound, number == counts))
    return tuple(found)


def set_aside(trace: Trace) -> frozenset[int]:
    """Return the scenario's queues that the learner never reads: what is put there is set aside."""
    given = range(1, 1 + (trace.raw.get("given") or 0))
    read = {e.data[0] for e in trace.of("get", "get_wait") if e.task and e.task not in trace.labs}
    return frozenset(given) - read


def _counted(trace: Trace) -> int | None:
    """Return the number of a queue whose `join` never returned, or None."""
    joins = {event.data[0] for event in trace.of("join")}
    ended = {event.data[0] for event in trace.of("joined")}
    return min(joins - ended, default=None)


def _name(trace: Trace, number: int) -> str:
    """Return a queue's name in the learner's code or the script, else its number.

    Equal names, as of one queue in each of two runs, are told apart.
    """
    names = [
        harmless(name or f"queue {place}", most=LONGEST_NAME, ellipsis=".")
        for place, name in enumerate(trace.queues, 1)
    ]
    return numbered(names)[number - 1] if number <= len(names) else f"queue {number}"


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
            steps[-1] = step  # the earlier step is invisible: no time passes in between
        else:
            steps.append(step)
    return steps
