"""What is said of scenarios that ended with an error, as this exercise knows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grader.course.api import Failure, Subject, Trace, exceptions
from grader.course.ex8_cap_the_wait.ceiling import longest
from grader.course.ex8_cap_the_wait.deadline import cut_off
from grader.course.ex8_cap_the_wait.mistakes import POWER_OVERFLOWS
from grader.course.ex8_cap_the_wait.outage import Outage, Runs
from grader.course.mistakes.crew import GIVING_UP_ENDS_CONSUMER

__all__ = ["played", "played_briefly"]


async def played(learner: Subject, scenarios: Sequence[Outage]) -> Runs:
    """The traces of these scenarios; an error that ends a consumer is told as this exercise knows it."""
    try:
        return await learner.run_all(scenarios)
    except Failure as failure:
        raise _of_this_exercise(learner, failure) from None


async def played_briefly(
    learner: Subject, scenario: Outage, judge: Callable[[Trace, Outage], None]
) -> None:
    """The same for a scenario of very many tries, of which a brief record is enough for `judge`."""
    try:
        await learner.run_briefly(scenario, judge)
    except Failure as failure:
        raise _of_this_exercise(learner, failure) from None


def _of_this_exercise(learner: Subject, failure: Failure) -> Failure:
    """The failure, or what is behind it: a try that was cut off, or giving up at the deadline."""
    if not learner.runs or failure.why not in ("error", "expectation"):
        return failure
    scenario, trace = learner.runs[-1]
    died = trace.died()
    if not isinstance(scenario, Outage) or not died:
        return failure
    event, error = died[0]
    if error["type"] == "OverflowError":
        return _overflow(trace, event.task, error["text"], exceptions.last_line(error))
    if error["type"] == "TimeoutError":
        return cut_off(trace, scenario) or failure
    mine = [one for one in trace.tries if one.task == event.task]
    if mine and "TransientError" in (error["type"], *error["bases"]):
        last, deadline = mine[-1], scenario.options["deadline"]
        first = trace.tries_of(last.item)[0]
        most = (last.end or 0.0) + longest(scenario.options, last.number)
        if deadline is not None and most > first.start + deadline:
            return GIVING_UP_ENDS_CONSUMER(
                f"After failed try {last.number} of item {trace.name(last.item)} its deadline left no "
                f"time for another, and a TransientError ended {trace.label(event.task)}.",
                "Giving up on an item is counted, not raised; the consumer takes the next item.",
                why="error",
                line=exceptions.last_line(error),
                at=event.at,
                task=event.task,
                item=last.item,
            ).about(trace)
    return failure


def _overflow(trace: Trace, task: int, text: str, line: int | None) -> Failure:
    last = [one for one in trace.tries if one.task == task][-1]
    return POWER_OVERFLOWS(
        f"After failed try {last.number} of item {trace.name(last.item)} an OverflowError ended "
        f"{trace.label(task)}: {text}.",
        "The pause is max_delay and its jitter there: the ceiling holds for every k.",
        why="error",
        line=line,
        at=last.end,
        task=task,
        item=last.item,
    ).about(trace)
