"""Facts that are always noted: a blocked loop, a task that died, a deadlock, polling."""

from __future__ import annotations

from collections.abc import Iterator

from grader.render.foreign import harmless
from grader.results import Sight
from grader.trace import Cast, Trace, Wait
from grader.units import brief

__all__ = ["blocked", "deadlocks", "died", "polling", "where"]

LONGEST_ERROR = 60  # characters of an exception's text


def blocked(cast: Cast) -> Iterator[Sight]:
    """Each time the event loop was blocked."""
    for stop in cast.trace.blocked:
        text = (
            f"time.sleep() for {brief(stop.seconds)}{where(stop.line)} → nobody can move meanwhile"
        )
        yield Sight(stop.at, stop.task, text, "blocked", around=(stop.at, stop.at + stop.seconds))


def died(cast: Cast) -> Iterator[Sight]:
    """Tasks that ended with an exception."""
    trace = cast.trace
    for event, error in cast.died:
        if event.task == 1 and not trace.crew and trace.how == "raised":
            continue  # the run's own end
        said = harmless(error["text"], most=LONGEST_ERROR).replace("\n", " ")
        text = f"died of {error['type']}{': ' + said if said else ''}"
        line = error["lines"][-1] if error["lines"] else None
        text += where(line) + (" → nobody notices" if trace.how == "deadlock" else "")
        yield Sight(event.at, event.task, text, "died")


def deadlocks(cast: Cast) -> Iterator[Sight]:
    """What tasks wait for when nothing can happen any more, or when the run had to be stopped."""
    trace = cast.trace
    if trace.how == "deadlock":
        main = [wait for wait in trace.waits if wait.task == 1] or list(trace.waits[:1])
        others = tuple(wait for wait in trace.waits if wait not in main)
        text = f"{_for_ever(trace, main[0]) if main else 'nothing can happen any more'}"
        if others:
            text += f" · {cast.waiting(others)}"
        yield Sight(trace.clock, main[0].task if main else None, text, "deadlock")
    elif trace.crew:
        for wait in trace.waits:
            name = wait.inside.rpartition(".")[2]
            spins = name == "sleep" and trace.how == "livelock"  # of which `polling` tells
            if name != "get" and not spins:
                yield Sight(trace.clock, wait.task, _for_ever(trace, wait), "deadlock")


def _for_ever(trace: Trace, wait: Wait) -> str:
    name = wait.inside.rpartition(".")[2]
    if name == "sleep":
        return f"still sleeps{where(wait.line)}"
    counts = [event.data[1] for event in trace.of("done", "join")]
    unfinished = counts[-1] if counts else 0
    if name == "join" and unfinished > 0:
        calls = "1 task_done()" if unfinished == 1 else f"{unfinished} task_done()"
        return f"waits for ever in join(){where(wait.line)} for {calls} more"
    place = wait.place if " " in wait.place else f"{name}()"
    return f"waits for ever in {place}{where(wait.line)}"


def polling(cast: Cast) -> Iterator[Sight]:
    """A loop that keeps turning while time stands still, or a run that exceeded the time limit."""
    trace = cast.trace
    line = trace.end.get("line")
    if trace.how == "livelock":
        text = f"asks again and again{where(line)} → time stands still"
        yield Sight(trace.clock, None if trace.crew else 1, text, "polling")
    elif trace.how == "time_limit":
        text = f"still not finished after {trace.clock:.0f} s"
        if trace.waits:
            text += f" · {cast.waiting(trace.waits)}"
        yield Sight(trace.clock, None, text, "polling")


def where(line: int | None) -> str:
    """` (line 12)`, or nothing."""
    return f" (line {line})" if line else ""
