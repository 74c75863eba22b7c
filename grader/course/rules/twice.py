"""Whether two runs of a pipeline, one after the other or at the same time, are independent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from grader.course.kit.failures import Failure, asked_of_trace
from grader.course.kit.lesson import Job, Pipeline
from grader.course.mistakes.crew import STATE_SHARED_BETWEEN_RUNS
from grader.course.rules.exceptions import describe_error, last_line
from grader.script import ALWAYS
from grader.trace import Trace

__all__ = ["AFTER_OTHERS", "keep_apart", "of_another_run"]

AFTER_OTHERS = "This run is right when it is the first of a program, and wrong after others"


def of_another_run(failure: Failure, when: str, asks: str) -> Failure:
    """The failure as one of state that a run shares with another.

    when: when the run is right, and when it is wrong, in words: `AFTER_OTHERS`, say.
    """
    return STATE_SHARED_BETWEEN_RUNS(
        f"{when}: {failure.message}",
        asks,
        why=failure.why,
        line=failure.line,
        at=failure.at,
        task=failure.task,
        item=failure.item,
    )


@asked_of_trace
def keep_apart(trace: Trace, scenario: Pipeline, alone: Sequence[Trace] = ()) -> None:
    """Each run works on its own items to the end, and returns its own result.

    For a pipeline that is correct when it runs alone, so any error here comes from the other run.
    alone: each of the two runs by itself, with which its crew and its room are compared.
    """
    count = len(scenario.jobs) - scenario.beside
    attempts = scenario.options.get("attempts", 1)
    wrong = _how_it_ended(trace)
    tries = Counter(one.item for one in trace.tries)
    for index, job in enumerate(scenario.jobs):
        if not wrong and tries[index] != _asked(job, attempts):
            wrong = f"item {trace.name(index)} was {_times(tries[index])}"
    if alone and not wrong:
        wrong = _not_as_alone(trace, scenario, alone)
    if not wrong and "attempts" in scenario.options:
        wrong = _wrong_stats(trace, scenario, count, attempts)
    if wrong:
        raise STATE_SHARED_BETWEEN_RUNS(
            f"run_pipeline is right alone, but of two runs at the same time, over {count} and "
            f"{scenario.beside} items, {wrong}.",
            "Each run makes its own queue, counts and tasks, inside of run_pipeline: names at the top "
            "of the module are the same for all runs.",
            why="deadlock" if trace.how == "deadlock" else "expectation",
            line=last_line(trace.end.get("error") or {}),
        )


def _how_it_ended(trace: Trace) -> str:
    if trace.how == "deadlock":
        return "one never returns"
    if trace.how == "raised":
        return f"one ends with {describe_error(trace.end['error'])}"
    return ""


def _not_as_alone(trace: Trace, scenario: Pipeline, alone: Sequence[Trace]) -> str:
    """Words for the first run that had another crew or room than it has alone; empty if none had."""
    for (places, options), other in zip(scenario.runs, alone, strict=True):
        at_once, ahead = _measures(trace, places)
        crew, room = _measures(other, range(len(places)))
        if at_once != crew:
            asked = f"consumers={options['consumers']}"
            return f"the one with {asked} worked on {at_once} items at once, alone on {crew}"
        if ahead != room:
            asked = f"maxsize={options['maxsize']}"
            return f"the one with {asked} was {ahead} items ahead of its work, alone {room}"
    return ""


def _measures(trace: Trace, places: range) -> tuple[int, int]:
    """The most items of a run that were worked on at once, and that were taken and not begun."""
    tries = [one for one in trace.tries if one.item in places]
    ends = [(one.end, -1) for one in tries if one.end is not None]
    taken = [(event.at, 1) for event in trace.taken if event.data[0] in places]
    begun = [(one.start, -1) for one in tries if one.number == 1]
    return _most([*((one.start, 1) for one in tries), *ends]), _most([*taken, *begun])


def _most(changes: Iterable[tuple[float, int]]) -> int:
    """The largest sum of the changes so far, whenever time passes. changes: moments and what is added."""
    by_moment: Counter[float] = Counter()
    for moment, change in changes:
        by_moment[moment] += change
    return max(accumulate(by_moment[moment] for moment in sorted(by_moment)), default=0)


def _asked(job: Job, attempts: int) -> int:
    return attempts if job.fails == ALWAYS else min(attempts, job.fails + 1)


def _times(count: int) -> str:
    often = {0: "never worked on", 1: "worked on once"}
    return often.get(count, f"worked on {count} times")


def _wrong_stats(trace: Trace, scenario: Pipeline, count: int, attempts: int) -> str:
    """Words for the first wrong stats that a run returned; empty if both are right."""
    parts = scenario.jobs[:count], scenario.jobs[count:]
    for jobs, result in zip(parts, trace.result, strict=True):
        failed = sum(1 for job in jobs if _fails(job, attempts))
        retried = sum(_asked(job, attempts) - 1 for job in jobs)
        true = {"consumed": len(jobs) - failed, "retried": retried, "failed": failed}
        said: Any = {key: result.get(key) for key in true} if isinstance(result, Mapping) else None
        if said != true:
            return f"one returned {said}, where {true} is true"
    return ""


def _fails(job: Job, attempts: int) -> bool:
    return job.fails == ALWAYS or job.fails >= attempts
