"""Whether a pipeline came to its end with every item settled, and if not, by which mistake.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.authoring import consumers, pipelines
from grader.authoring.failures import Failure, Misconception, lines
from grader.authoring.shapes import marked_from_outside, tampered_count
from grader.scenario import Pipeline
from grader.trace import Trace

__all__ = ["all_came_to_their_end", "came_to_its_end"]


def all_came_to_their_end(runs: Sequence[tuple[Pipeline, Trace]]) -> None:
    """`came_to_its_end` for several runs: what one does not show another may."""
    for scenario, trace in runs:
        try:
            came_to_its_end(trace, scenario)
        except Failure as failure:
            raise _told_by_another(runs, failure) or failure from None


def _told_by_another(
    runs: Sequence[tuple[Pipeline, Trace]], failure: Failure
) -> Misconception | None:
    if not (failure.misconception or "").startswith("task-done-missing"):
        return None
    for _, trace in runs:
        if tampered_count(trace) is not None:
            return _shown_by(pipelines.private_count(trace), trace)
        outside = marked_from_outside(trace)
        if outside is not None:
            cause = Misconception(
                "task-done-from-outside",
                f"task_done() was called at {outside.at:.3f} s{lines([outside.line])} by "
                "run_pipeline, which does not know which items are settled: some were left out.",
                "Whoever took an item calls task_done() for it, once it is settled.",
                why=failure.why,
                line=outside.line,
            )
            return _shown_by(cause, trace)
    return None


def _shown_by(cause: Misconception, trace: Trace) -> Misconception:
    cause.about(trace)
    return cause


def came_to_its_end(trace: Trace, scenario: Pipeline) -> None:
    """Every item was settled, once and in order, when `run_pipeline` returned."""
    if trace.how == "deadlock":
        raise _why_stuck(trace, scenario).about(trace)
    try:
        pipelines.all_worked_on_in_order(trace, scenario)
    except Failure as failure:
        # A wrong task_done(), or a wrong count of them, is a cause of an early return.
        if trace.gets and failure.misconception in _EARLY:
            if tampered_count(trace) is not None:
                raise pipelines.private_count(trace).about(trace) from None
            consumers.none_done_early(trace, scenario)
        raise


_EARLY = {None, "returns-without-waiting", "task-done-twice", "consumers-never-told-to-stop"}


def _why_stuck(trace: Trace, scenario: Pipeline) -> Failure:
    general = pipelines.why_deadlocked(trace, scenario)
    if general.misconception == "task-done-missing" or (
        trace.dones and general.misconception is None
    ):
        try:
            consumers.items_done_once(trace, scenario)
        except Misconception as cause:
            where = f" (line {general.line})" if general.line else ""
            return Misconception(
                cause.misconception or "task-done-missing",
                f"{cause.message} So run_pipeline{where} waits for ever.",
                cause.asks,
                why="deadlock",
                line=cause.line or general.line,
            )
    return general
