"""Verdicts as lines that editors read: `path:line: what is wrong`, as compilers print them."""

from __future__ import annotations

from collections.abc import Iterator

from grader.render.foreign import harmless
from grader.results import ExerciseResult, GradeReport, Outcome

__all__ = ["problems"]

LONGEST = 300  # characters of a message


def problems(report: GradeReport) -> str:
    """Return a line for each check that fails, and for each exercise that could not be judged."""
    return "\n".join(line for result in report.exercises for line in _of(result))


def _of(result: ExerciseResult) -> Iterator[str]:
    if result.outcome in (Outcome.MISSING, Outcome.UNGRADED):
        yield f"{result.path}:1: {_one_line(result.note)}"
    for check in result.checks:
        if check.outcome is Outcome.FAILED:
            name = f" [{check.misconception}]" if check.misconception else ""
            yield f"{result.path}:{check.line or 1}: {_one_line(check.message)}{name}"


def _one_line(message: str) -> str:
    """The first line of a message: what is wrong, without what is asked for."""
    return harmless(message.partition("\n")[0], most=LONGEST).replace("\n", " ")
