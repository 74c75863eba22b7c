"""Plays scenarios, and says what kept a run from coming to its end."""

from __future__ import annotations

from collections.abc import Sequence

from grader.course.api import IMPOSSIBLE, Failure, Mistake, Subject, Trace, ends, lines
from grader.course.ex6_find_the_leak.marking import wrong_marks
from grader.course.ex6_find_the_leak.mistakes import (
    LIMIT_OF_TIME_ADDED,
    POLLS_BETWEEN_THE_STAGES,
    STORER_STARTS_TOO_LATE,
    STORES_NO_RECORD,
)
from grader.course.ex6_find_the_leak.stages import (
    Runs,
    Stages,
    fetches,
    moments,
    near,
    stores,
)
from grader.course.ex6_find_the_leak.whole import (
    cut_off,
    errors_in,
    left_aside,
    misread,
    plural,
    storer_gone,
)
from grader.course.mistakes.bound import POLLS_FOR_ROOM
from grader.course.mistakes.crew import (
    CONSUMERS_NEVER_TOLD_TO_STOP,
    CONSUMERS_START_TOO_LATE,
    ONE_SENTINEL_FOR_ALL,
)
from grader.course.mistakes.marks import (
    POLLS_INSTEAD_OF_JOIN,
    TASK_DONE_MISSING,
)
from grader.trace import Event

__all__ = ["played", "sought"]


async def played(
    learner: Subject,
    scenarios: Sequence[Stages],
    *,
    allow: tuple[str, ...] = (),
    process: int = 0,
) -> Runs:
    """Run the scenarios; a run that ends as nobody would wish is explained by its cause."""
    before = len(getattr(learner, "runs", ()))  # a rehearsal has none
    try:
        return await learner.run_all(scenarios, allow=allow, process=process)
    except Failure as failure:
        if len(learner.runs) == before or failure.mistake is IMPOSSIBLE:
            raise
        scenario, trace = learner.runs[-1]
        if not isinstance(scenario, Stages):
            raise
        cause = _why_ended(trace, scenario, failure)
        if cause is None:
            raise
        raise cause.about(trace) from None


def _why_ended(trace: Trace, scenario: Stages, failure: Failure) -> Failure | None:
    """The deeper cause of a bad end, where this exercise knows one."""
    if trace.how == "livelock":
        return _why_spinning(trace)
    if trace.how not in ("deadlock", "raised"):
        return None
    late = _limit_that_raised(trace)
    if late is not None:
        return late
    if any(event.data[1] < 0 for event in trace.of("done")):
        return wrong_marks(trace)
    if failure.why == "error":
        return _no_record(trace)
    return _why_stuck(trace, scenario) if failure.why == "deadlock" else None


def _no_record(trace: Trace) -> Failure | None:
    """The failure for something that was handed to store() and is no record."""
    calls = trace.of("stranger")
    if not calls or not fetches(trace) or calls[0].line in {one.line for one in fetches(trace)}:
        return None
    call = calls[0]
    return STORES_NO_RECORD(
        f"At {call.at:.3f} s store() was called with something that fetch() had not returned, a value "
        f"of type {call.data[0]}{lines([call.line])}.",
        "store() takes the record: just what fetch() returned for the item.",
        why="error",
        line=call.line,
        at=call.at,
        task=call.task,
    )


def _limit_that_raised(trace: Trace) -> Failure | None:
    """The failure for a `TimeoutError` that came of a timer of the learner's."""
    for event, error in trace.died():
        if not any(one["type"] == "TimeoutError" for one in errors_in(error)):
            continue
        timers = [timer for timer in trace.of("timer") if near(timer.at, event.at)]
        for one in trace.tries:
            if one.outcome == "cancelled" and (cut := cut_off(trace, one)) is not None:
                cut.why = "error"
                return cut
        if timers:
            return LIMIT_OF_TIME_ADDED(
                f"{trace.label(timers[0].task)} gave up waiting at {timers[0].at:.3f} s, after "
                f"{timers[0].data[0]:.6g} s{lines([timers[0].line])}.",
                "There is no limit of time: each wait may take three hours.",
                why="error",
                line=timers[0].line,
                at=timers[0].at,
                task=timers[0].task,
            )
    return None


def sought(trace: Trace, task: int, at: float) -> tuple[Mistake, str]:
    """What a task looks for again and again at that time: the mistake, and words for it."""
    kinds = ("take", "drained", "put", "get", "begin", "finish")
    mine = [e for e in trace.events if e.task == task and e.kind in kinds and e.at <= at]
    last = mine[-1] if mine else None
    drained = any(event.kind == "drained" for event in mine)
    takes = any(event.kind == "take" for event in mine)
    if last is not None and last.kind == "finish" and trace.services[last.data[-1]] == "fetch":
        return POLLS_BETWEEN_THE_STAGES, "whether there is room for its record"
    if takes and not drained:
        return POLLS_FOR_ROOM, "whether there is room for an item"
    if task == 1 or drained:
        return POLLS_INSTEAD_OF_JOIN, "whether all is done"
    return POLLS_BETWEEN_THE_STAGES, "whether there is anything for it to do"


def _why_spinning(trace: Trace) -> Failure:
    line, task = trace.end.get("line"), trace.end.get("task")
    kinds = ("take", "put", "get", "begin", "finish", "done")
    at = max((event.at for event in trace.of(*kinds)), default=0.0)
    number = task if type(task) is int else 1
    mistake, what = sought(trace, number, at)
    return mistake(
        f"Busy polling{lines([line])}: from {at:.3f} s on {trace.label(number)} asks {what}, again and "
        "again, and nobody else gets a turn.",
        "Waiting is awaiting: a queue wakes whoever waits for it.",
        why="livelock",
        line=line,
        at=at,
        task=number,
    )


def _why_stuck(trace: Trace, scenario: Stages) -> Failure | None:
    seen = f"run_pipeline never returns: at {trace.clock:.3f} s nothing can happen any more"
    waits = f"Waiting for ever: {ends.waiting_words(trace, trace.waits)}."
    mistaken = misread(trace, scenario, left_aside(trace))
    if mistaken is not None:
        return mistaken
    idle = _ended_at_once(trace)
    stuck = trace.of("put_wait")
    if stuck and not fetches(trace) and not idle:
        return CONSUMERS_START_TOO_LATE(
            f"{seen}. The producer waits for room{lines([stuck[-1].line])}, and nobody fetches.",
            waits,
            why="deadlock",
            line=stuck[-1].line,
            at=trace.clock,
            task=stuck[-1].task,
        )
    last = moments(trace)[-1]
    gone = storer_gone(trace)
    if gone is not None:
        return gone
    if idle:
        return Failure(
            f"{seen}. {len(idle)} task{plural(len(idle))} had ended by then without taking anything.",
            waits,
            why="deadlock",
            line=idle[0].line,
            at=idle[0].at,
            task=idle[0].task,
        )
    if last.waiting and not stores(trace):
        return STORER_STARTS_TOO_LATE(
            f"{seen}. {last.waiting} record{plural(last.waiting)} wait{'s' if last.waiting == 1 else ''} "
            "for store(), and nobody has begun to store.",
            waits,
            why="deadlock",
            at=trace.clock,
            task=1,
        )
    if last.stored == len(scenario.items):
        return _why_no_end(trace, waits)
    return None


def _ended_at_once(trace: Trace) -> list[Event]:
    """The ends of tasks that did nothing at all, of their own accord."""
    busy = {event.task for event in trace.events if event.kind not in ("spawn", "end", "print")}
    return [e for e in trace.of("end") if e.data[0] == "returned" and e.task not in busy]


def _why_no_end(trace: Trace, waits: str) -> Failure | None:
    seen = f"All records are stored at {trace.clock:.3f} s, but run_pipeline never returns"
    joins = [wait for wait in trace.waits if wait.inside.endswith("join")]
    if joins:
        got = len([step for step in trace.gets if step.item is not None])
        return TASK_DONE_MISSING(
            f"{seen}: task_done() was called {len(trace.dones)} times for {got} things that were taken "
            "out of the queues, and join() waits for the rest.",
            waits,
            why="deadlock",
            line=joins[0].line,
            at=trace.clock,
            task=joins[0].task,
        )
    getters = [wait for wait in trace.waits if wait.inside.endswith("get")]
    if not getters:
        return None
    fetchers = {one.task for one in fetches(trace)}
    ended = {event.task for event in trace.of("end")} & fetchers
    some = ended and any(wait.task in fetchers for wait in getters)
    return (ONE_SENTINEL_FOR_ALL if some else CONSUMERS_NEVER_TOLD_TO_STOP)(
        f"{seen}: {len(getters)} task{plural(len(getters))} still wait{'s' if len(getters) == 1 else ''} "
        "for something to come.",
        waits,
        why="deadlock",
        line=getters[0].line,
        at=trace.clock,
        task=getters[0].task,
    )
