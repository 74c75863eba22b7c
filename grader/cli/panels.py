"""The panels of `watch` that other commands draw: a verdict in, something to show out.

Each is a function from an exercise's verdict to a renderable.
"""

from __future__ import annotations

from rich.console import RenderableType

from grader.cli.solution import lesson_of, reference
from grader.course.catalog import resolve
from grader.errors import GraderError
from grader.render.solution import Solution
from grader.render.timeline.screen import TimelineScreen
from grader.results import ExerciseResult, Outcome

__all__ = ["solution", "timeline"]


def timeline(result: ExerciseResult | None) -> RenderableType:
    """What happened in the scenario of the first failure, over virtual time."""
    if result is None:
        return "There is no verdict yet, and so nothing to draw."
    return TimelineScreen(result)


def solution(result: ExerciseResult | None) -> RenderableType:
    """The reference beside the learner's own, once that passes."""
    if result is None or result.outcome is not Outcome.PASSED:
        return "The reference is shown once yours passes. Until then h has a hint for you."
    try:
        text = reference(resolve(result.exercise))
        return Solution(result, text, lesson_of(result.exercise))
    except GraderError as error:
        return str(error)
