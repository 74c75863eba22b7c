"""What becomes of a pipeline that is cancelled itself, and of one that ran after another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from grader.course.api import Failure, Subject, ends, exceptions, lines, twice
from grader.course.ex10_stop_when_told.mistakes import (
    CANCELLED_PIPELINE_LINGERS,
    CANCELLED_PIPELINE_RETURNS,
)
from grader.course.ex10_stop_when_told.told import CLOCK, Runs, Told, played
from grader.course.mistakes.crew import STATE_SHARED_BETWEEN_RUNS, TASKS_LEFT_BEHIND
from grader.course.mistakes.errors import CANCELLATION_REPLACED, SWALLOWS_CANCELLATION

__all__ = ["cancelled_well", "judged"]


def cancelled_well(runs: Runs) -> None:
    """A cancelled pipeline begins no further try, and raises CancelledError with no task left."""
    for scenario, trace in runs:
        at = scenario.cancel
        if at is None or not trace.of("cancel"):
            continue
        when = f"run_pipeline was cancelled at {at:.3f} s{_where(scenario, at)}"
        asks = "It cancels what is in hand, and raises CancelledError, at the latest after the clean-up."
        again = [one for one in trace.tries if one.start > at + CLOCK]
        if again:
            one = again[0]
            raise SWALLOWS_CANCELLATION(
                f"{when}, and at {one.start:.3f} s try {one.number} of item {trace.name(one.item)} "
                f"began{lines([one.line])}.",
                asks,
                line=one.line,
                at=one.start,
                task=one.task,
                item=one.item,
            ).about(trace)
        if trace.how == "deadlock":
            raise SWALLOWS_CANCELLATION(
                f"{when}, and it never ends: {ends.waiting_words(trace, trace.waits)}.",
                asks,
                why="deadlock",
                at=at,
                task=1,
            ).about(trace)
        if trace.how == "raised":
            raise CANCELLATION_REPLACED(
                f"{when}, and ended with {exceptions.describe_error(trace.end['error'])} instead.",
                asks,
                at=trace.clock,
                task=1,
            ).about(trace)
        if trace.how != "cancelled":
            raise CANCELLED_PIPELINE_RETURNS(
                f"{when}, and returned at {trace.clock:.3f} s as if it had not been.",
                asks,
                at=trace.clock,
                task=1,
            ).about(trace)
        if trace.left:
            raise TASKS_LEFT_BEHIND(
                f"{when}, and raised CancelledError at {trace.clock:.3f} s, with tasks left behind: "
                f"{ends.waiting_words(trace, trace.left)}.",
                "No task is left when it raises: it waits until what was in hand has cleaned up.",
                line=trace.left[0].line,
                at=trace.clock,
                task=1,
            ).about(trace)
        if trace.clock > at + scenario.cleanup + CLOCK:
            raise CANCELLED_PIPELINE_LINGERS(
                f"{when}, and raised CancelledError only at {trace.clock:.3f} s, with a clean-up of "
                f"{scenario.cleanup:.6g} s.",
                asks,
                at=at,
                task=1,
            ).about(trace)


def _where(scenario: Told, at: float) -> str:
    if scenario.stop is None or scenario.over is None or at < scenario.stop:
        return ""
    return " in the grace" if at < scenario.over else " during the clean-up"


async def judged(
    learner: Subject,
    scenarios: Sequence[Told],
    ask: Callable[[Runs], None],
    *,
    allow: tuple[str, ...] = ("deadlock",),
) -> Runs:
    """Run the scenarios and ask; a run that is right when it is the first of a program is told so."""
    runs: Runs = []
    try:
        runs = await played(learner, scenarios, allow=allow)
        ask(runs)
    except Failure as failure:
        await _right_when_alone(learner, runs, failure, ask)
        raise
    return runs


async def _right_when_alone(
    learner: Subject, runs: Runs, failure: Failure, ask: Callable[[Runs], None]
) -> None:
    """Raise the failure as one of shared state, if the same scenario is right in a new process.

    Both are asked without jitter: with it no run is like the one before, and one may be right by luck.
    """
    if len(learner.runs) < 2 or failure.mistake is STATE_SHARED_BETWEEN_RUNS:
        return
    ran = next((run for run in learner.runs if run[1] is failure.trace), learner.runs[-1])
    scenario, trace = ran
    if ran is learner.runs[0] or not isinstance(scenario, Told):
        return
    even = _without_jitter(scenario)
    if not await _is_wrong(learner, even, ask, process=0):
        return
    if await _is_wrong(learner, even, ask, process=1):
        return
    alone = learner.runs[-1][1]
    ask_of_both = [run for run in runs if run[1] is not trace]
    if runs and _fails(ask, [*ask_of_both, (even, alone)]):
        return  # it shows only in comparison with the others
    raise twice.of_another_run(
        failure,
        twice.AFTER_OTHERS,
        "Each run makes its own queue, counts, list and tasks, inside of run_pipeline: what stands at "
        "the top of the module, or in a default argument, is the same for all runs.",
    ).about(trace) from None


def _without_jitter(scenario: Told) -> Told:
    options = {**scenario.options, "jitter": 0.0}
    return replace(scenario, options=options, unsaid=scenario.unsaid - {"jitter"})


async def _is_wrong(
    learner: Subject, scenario: Told, ask: Callable[[Runs], None], *, process: int
) -> bool:
    try:
        ask([(scenario, await learner.run(scenario, process=process, allow=("deadlock",)))])
    except Failure:
        return True
    return False


def _fails(ask: Callable[[Runs], None], runs: Runs) -> bool:
    try:
        ask(runs)
    except Failure:
        return True
    return False
