"""The panels of `watch` that show the screens of other commands.

Each function takes an exercise's verdict, or its id, and returns a renderable.
"""

from __future__ import annotations

from rich.console import RenderableType

from grader.cli.solution import lesson_of, reference
from grader.course.catalog import resolve
from grader.course.pages import page
from grader.errors import GraderError
from grader.render.solution import Solution
from grader.render.timeline.screen import TimelineScreen
from grader.results import ExerciseResult, Outcome

__all__ = ["lesson", "solution", "timeline"]


def timeline(result: ExerciseResult | None) -> RenderableType:
    """Return the timeline of the first failure, else of the most telling check."""
    if result is None:
        return "There is no verdict yet, and so nothing to draw."
    return TimelineScreen(result)


def solution(result: ExerciseResult | None) -> RenderableType:
    """Return the reference beside the learner's code, once that passes."""
    if result is None or result.outcome is not Outcome.PASSED:
        return "The reference is shown once yours passes. Until then h has a hint for you."
    try:
        text = reference(resolve(result.exercise))
        return Solution(result, text, lesson_of(result.exercise))
    except GraderError as error:
        return str(error)


def lesson(exercise: str) -> RenderableType:
    """Return the lesson's page on an exercise."""
    from grader.render.page import LessonPage  # noqa: PLC0415 - Markdown takes 50 ms

    try:
        return LessonPage(page(exercise))
    except GraderError as error:
        return str(error)
