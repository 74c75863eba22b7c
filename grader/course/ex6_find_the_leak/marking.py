"""Whether somebody calls `task_done()` too early or too often, where that is why something is lost."""

from __future__ import annotations

from collections import Counter

from grader.course.api import Failure, Trace, lines
from grader.course.ex6_find_the_leak.stages import queues_between
from grader.course.mistakes.marks import TASK_DONE_TOO_EARLY, TASK_DONE_TWICE
from grader.trace import Event

__all__ = ["wrong_marks"]


def wrong_marks(trace: Trace) -> Failure | None:
    """The failure for the first `task_done()` that came too early, or once too often."""
    before, after = queues_between(trace)
    fetch = trace.services.index("fetch")
    gets: Counter[tuple[int, int]] = Counter()  # by task and queue
    dones: Counter[tuple[int, int]] = Counter()
    ended: Counter[tuple[int, bool]] = Counter()  # by task, and whether it was a fetch
    puts: Counter[int] = Counter()  # of records, by task
    every = Counter(event.task for event in trace.of("put", "put_wait") if event.data[0] in after)
    callers = {(one.task, one.service == fetch) for one in trace.tries}
    for order, event in enumerate(trace.events):
        place = (event.task, event.data[0]) if event.data else (event.task, -1)
        if event.kind == "get":
            gets[place] += 1
        elif event.kind == "finish":
            ended[event.task, event.data[-1] == fetch] += 1
        elif event.kind == "put" and event.data[0] in after:
            puts[event.task] += 1
        if event.kind != "done":
            continue
        dones[place] += 1
        first = event.data[0] in before
        if event.data[1] < 0 or dones[place] > gets[place] > 0:
            return _twice(event)
        if (event.task, first) in callers and dones[place] > ended[event.task, first]:
            done = "fetch() had ended" if first else "store() had ended"
            return _early(event, done, "handed on" if first else "stored")
        missing = every[event.task] and dones[place] > puts[event.task]
        if first and missing and _puts_next(trace, event.task, order):
            return _early(event, "its record was handed on", "handed on")
    return None


def _puts_next(trace: Trace, task: int, order: int) -> bool:
    """Whether a task goes on by putting something into a queue, not by taking something out."""
    kinds = ("put_wait", "put", "get_wait", "get")
    rest = (event for event in trace.events[order + 1 :] if event.task == task)
    following = next((event.kind for event in rest if event.kind in kinds), "")
    return following.startswith("put")


def _twice(event: Event) -> Failure:
    return TASK_DONE_TWICE(
        f"task_done() was called at {event.at:.3f} s{lines([event.line])} more often than something had "
        "been taken out of that queue.",
        "task_done() once for each thing that is taken out: a call too many marks somebody else's.",
        why="error" if event.data[1] < 0 else "expectation",
        line=event.line,
        at=event.at,
        task=event.task,
    )


def _early(event: Event, what: str, due: str) -> Failure:
    return TASK_DONE_TOO_EARLY(
        f"task_done() was called at {event.at:.3f} s{lines([event.line])} before {what}: join() "
        "took it for finished, and run_pipeline returned too early.",
        f"Here task_done() comes when the record is {due}: join() believes it.",
        line=event.line,
        at=event.at,
        task=event.task,
    )
