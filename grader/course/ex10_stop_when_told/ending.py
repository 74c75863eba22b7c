"""Whether a run that was told to stop returns as soon as nothing is in hand."""

from __future__ import annotations

from grader.course.api import Failure, apart, ends, lines
from grader.course.ex10_stop_when_told.mistakes import (
    GRACE_TOO_LONG,
    WAITS_FOR_WAITING_ITEMS,
    WAITS_OUT_THE_GRACE,
)
from grader.course.ex10_stop_when_told.told import CLOCK, Facts, Runs
from grader.course.ex10_stop_when_told.words import anew_words, items_words, stop_words
from grader.course.mistakes.crew import CONSUMERS_NEVER_TOLD_TO_STOP, TASKS_LEFT_BEHIND
from grader.course.mistakes.marks import SLEEPS_BEFORE_RETURN

__all__ = ["returned_in_time"]


def returned_in_time(runs: Runs) -> None:
    """It returns as soon as nothing is in hand, with no task left."""
    for scenario, trace in runs:
        if trace.how == "deadlock":
            raise _why_stuck(Facts(trace, scenario)).about(trace)
        if trace.left:
            raise TASKS_LEFT_BEHIND(
                f"run_pipeline was {stop_words(scenario)}. It returned at {trace.clock:.3f} s, and left "
                f"tasks behind: {ends.waiting_words(trace, trace.left)}.",
                "It returns when what was cancelled has cleaned up, and then no task is left.",
                line=trace.left[0].line,
                at=trace.clock,
                task=1,
            ).about(trace)
    late = [(Facts(trace, scenario), trace) for scenario, trace in runs]
    late = [(facts, trace) for facts, trace in late if trace.clock > _latest(facts) + CLOCK]
    late.sort(key=lambda run: bool(run[0].waiting()))
    for facts, trace in late:
        raise _why_late(facts).about(trace)


def _latest(facts: Facts) -> float:
    """When the run has to have returned."""
    ends = [one.end for one in facts.tries() if one.end is not None]
    last = max([*ends, facts.scenario.begins])
    if facts.unfinished():
        last = max(last, facts.stop)
    return max(last, facts.over) if any(map(facts.paused, facts.in_hand())) else last


def _why_late(facts: Facts) -> Failure:
    trace, scenario = facts.trace, facts.scenario
    due = _latest(facts)
    waiting = facts.waiting()
    last, returned = apart(due, trace.clock)
    seen = (
        f"run_pipeline was {stop_words(scenario)}. From {last} on nothing was in hand, and it "
        f"returned only at {returned}"
    )
    asks = "It returns as soon as nothing is in hand."
    naps = [e for e in trace.of("timer") if e.at > due + CLOCK]
    line = naps[-1].line if naps else None
    if trace.clock > facts.over + CLOCK and (
        too_long := _pause_goes_on(facts) or anew_words(facts)
    ):
        return GRACE_TOO_LONG(
            f"run_pipeline was {stop_words(scenario)}, and it returned only at {trace.clock:.3f} s"
            f"{too_long}.",
            f"The grace is counted once, from `stop`: until {facts.over:.3f} s, for pauses as well.",
            line=line,
            at=due,
            task=1,
        )
    if abs(trace.clock - facts.over) > CLOCK:
        return SLEEPS_BEFORE_RETURN(f"{seen}{lines([line])}.", asks, line=line, at=due, task=1)
    if waiting:
        return WAITS_FOR_WAITING_ITEMS(
            f"{seen}, when the grace was over{lines([line])}: {items_words(trace, waiting)} still "
            "waited, and nobody was to begin them.",
            asks,
            line=line,
            at=due,
            task=1,
        )
    return WAITS_OUT_THE_GRACE(
        f"{seen}, when the grace was over{lines([line])}{_idle_words(facts)}.",
        asks,
        line=line,
        at=due,
        task=1,
    )


def _idle_words(facts: Facts) -> str:
    """Which tasks waited for an item meanwhile; empty if none did."""
    last = {e.task: e for e in facts.trace.events if e.task and e.at < facts.over - CLOCK}
    idle = [facts.trace.label(task) for task, event in last.items() if event.kind == "get_wait"]
    if not idle:
        return ""
    wait, them = ("waits", "it") if len(idle) == 1 else ("wait", "them")
    names = ", ".join(idle[:4]) + (" and others" if len(idle) > 4 else "")
    return f": {names} {wait} in get(), and nothing comes for {them} any more"


def _pause_goes_on(facts: Facts) -> str:
    """That a pause went on when the grace was over; empty if none did."""
    trace = facts.trace
    late = [timer for timer in trace.of("timer") if timer.at > facts.over + CLOCK]
    for last in filter(None, map(facts.paused, facts.in_hand())):
        longest = facts.scenario.longest_pause(last.number)
        for timer in late:
            pause: float = timer.data[0]
            begins = abs(timer.at - pause - (last.end or 0.0)) <= CLOCK
            if begins and pause <= longest + CLOCK:
                name = trace.name(last.item)
                return f": the pause of item {name} went on until {timer.at:.3f} s{lines([timer.line])}"
    return ""


def _why_stuck(facts: Facts) -> Failure:
    trace, scenario = facts.trace, facts.scenario
    waits = f"Waiting for ever: {ends.waiting_words(trace, trace.waits)}."
    seen = f"run_pipeline was {stop_words(scenario)}, and it never returns"
    stuck = {wait.inside.rpartition(".")[2]: wait for wait in reversed(trace.waits)}
    wait = stuck.get("join") or stuck.get("put")
    waiting = facts.waiting()
    if wait is not None and waiting:
        what = "waits for room" if wait.inside.endswith("put") else "waits for all that was put"
        return WAITS_FOR_WAITING_ITEMS(
            f"{seen}: {trace.label(wait.task)} {what}{lines([wait.line])}, and nobody will take "
            f"{items_words(trace, waiting)} any more.",
            waits,
            why="deadlock",
            line=wait.line,
            at=trace.clock,
            task=wait.task,
        )
    idle = stuck.get("get")
    if idle is not None:
        return CONSUMERS_NEVER_TOLD_TO_STOP(
            f"{seen}: {trace.label(idle.task)} still waits for an item{lines([idle.line])}.",
            waits,
            why="deadlock",
            line=idle.line,
            at=trace.clock,
            task=idle.task,
        )
    failure = ends.unwelcome_end(trace, scenario, ())
    assert failure is not None
    return failure
