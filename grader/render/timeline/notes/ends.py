"""Notes on how things end: a blocked loop, a death, a deadlock, a return too early or too late."""

from __future__ import annotations

from collections.abc import Iterator

from grader.render.foreign import harmless
from grader.render.timeline.model import Note
from grader.render.timeline.notes.evidence import Evidence, where
from grader.render.units import brief
from grader.trace import SAME_TIME, Wait

__all__ = ["blocked", "cancelled", "deadlocks", "died", "polling", "returned", "unawaited", "well"]

LONGEST_ERROR = 60  # characters of an exception's text


def blocked(evidence: Evidence) -> Iterator[Note]:
    """Each stop of the event loop."""
    for stop in evidence.trace.blocked:
        text = (
            f"time.sleep() for {brief(stop.seconds)}{where(stop.line)} → nobody can move meanwhile"
        )
        span = stop.at, stop.at + stop.seconds
        yield evidence.note(stop.at, stop.task, "blocked", text, around=span)


def died(evidence: Evidence) -> Iterator[Note]:
    """Tasks that ended with an exception."""
    for event, error in evidence.trace.died():
        if event.task == 1 and evidence.pipeline and evidence.trace.how == "raised":
            continue  # the run's own end
        said = harmless(error["text"], most=LONGEST_ERROR).replace("\n", " ")
        text = f"died of {error['type']}{': ' + said if said else ''}"
        line = error["lines"][-1] if error["lines"] else None
        ends = evidence.trace.how == "deadlock"
        text += where(line) + (" → nobody notices" if ends else "")
        yield evidence.note(event.at, event.task, "died", text, wrong=evidence.failing)


def deadlocks(evidence: Evidence) -> Iterator[Note]:
    """Who waits for whom when nothing can happen any more, or when it had to be stopped."""
    trace = evidence.trace
    if trace.how == "deadlock":
        main = [wait for wait in trace.waits if wait.task == 1] or list(trace.waits[:1])
        others = tuple(wait for wait in trace.waits if wait not in main)
        text = f"{_for_ever(evidence, main[0]) if main else 'nothing can happen any more'}"
        if others:
            text += f" · {evidence.waiting(others)}"
        yield evidence.note(trace.clock, main[0].task if main else None, "deadlock", text)
    elif not evidence.pipeline:
        for wait in trace.waits:
            if wait.inside.rpartition(".")[2] != "get":
                yield evidence.note(trace.clock, wait.task, "deadlock", _for_ever(evidence, wait))


def _for_ever(evidence: Evidence, wait: Wait) -> str:
    name = wait.inside.rpartition(".")[2]
    counts = [event.data[1] for event in evidence.trace.of("done", "join")]
    unfinished = counts[-1] if counts else 0
    if name == "join" and unfinished > 0:
        calls = "1 task_done()" if unfinished == 1 else f"{unfinished} task_done()"
        return f"waits for ever in join(){where(wait.line)} for {calls} more"
    return f"waits for ever in {name}(){where(wait.line)}"


def polling(evidence: Evidence) -> Iterator[Note]:
    """A loop that turns and turns while time stands still, and what ended for want of time."""
    trace = evidence.trace
    line = trace.end.get("line")
    if trace.how == "livelock":
        text = f"asks again and again{where(line)} → time stands still"
        yield evidence.note(trace.clock, 1 if evidence.pipeline else None, "polling", text)
    elif trace.how == "time_limit":
        text = f"still not finished after {trace.clock:.0f} s"
        if trace.waits:
            text += f" · {evidence.waiting(trace.waits)}"
        yield evidence.note(trace.clock, None, "polling", text)


def returned(evidence: Evidence) -> Iterator[Note]:
    """A return before all is settled, or well after it, or with tasks left behind."""
    trace = evidence.trace
    if trace.how != "returned":
        return
    open_items = [n for n in range(len(trace.items)) if n not in evidence.settled]
    last = max((one.end for one in trace.tries if one.end is not None), default=0.0)
    if open_items:
        what = "is" if len(open_items) == 1 else "are"
        text = f"returned, though {evidence.items(open_items)} {what} not finished"
        yield evidence.note(trace.clock, 1, "early-return", text)
    elif trace.clock - last > SAME_TIME and trace.items:
        text = f"returned only now · the last item was finished {brief(trace.clock - last)} earlier"
        yield evidence.note(trace.clock, 1, "late-return", text, around=(last, trace.clock))
    elif trace.left:
        text = f"returned, and left tasks behind · {evidence.waiting(trace.left)}"
        yield evidence.note(trace.clock, 1, "left", text)


def cancelled(evidence: Evidence) -> Iterator[Note]:
    """The cancellation of a scenario that has one, and who outlives it."""
    first = next(iter(evidence.trace.of("cancel", "quiet")), None)
    moments = [first] if first is not None and first.kind == "cancel" else []
    ends = {event.task: event for event in evidence.trace.of("end")}
    for moment in moments:
        for task in evidence.trace.consumers:
            end = ends.get(task)
            if end is None or end.at - moment.at > SAME_TIME:
                text = "was cancelled here, and went on"
            elif end.data[0] != "cancelled" and moment.at - end.at <= SAME_TIME:
                text = f"was cancelled here, and {end.data[0]} instead"
            else:
                continue
            yield evidence.note(moment.at, task, "cancel", text)
        alive = (
            task
            for task in evidence.trace.consumers
            if task not in ends or ends[task].at >= moment.at - SAME_TIME
        )
        for task in list(alive)[:1]:
            yield evidence.note(moment.at, task, "cancelled", "was cancelled here", wrong=False)


def unawaited(evidence: Evidence) -> Iterator[Note]:
    """Coroutines that were made and thrown away; when is not known, so the first get stands for it."""
    gets = [step for step in evidence.trace.gets if step.item is not None]
    at, task = (gets[0].at, gets[0].task) if gets else (0.0, 1)
    for name, line in evidence.trace.unawaited[:1]:
        called = "the service" if name.startswith("Service") else f"{name.rpartition('.')[2]}()"
        text = f"calls {called} without await{where(line)} → it never ran"
        yield evidence.note(at, task, "unawaited", text)


def well(evidence: Evidence) -> Iterator[Note]:
    """A good end."""
    trace = evidence.trace
    if trace.how == "returned" and evidence.pipeline and len(trace.tasks) > 1:
        text = "returns as soon as the last item is settled"
        yield evidence.note(trace.clock, 1, "well", text, wrong=False)
