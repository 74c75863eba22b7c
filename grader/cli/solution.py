"""Shows the reference beside the learner's module, once that passes."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader import catalog
from grader.cli.grading import open_grading
from grader.cli.invocation import invocation
from grader.cli.options import Parser
from grader.errors import CourseError
from grader.render.invocation import Invocation
from grader.results import ExerciseResult, Outcome

if TYPE_CHECKING:
    from rich.console import RenderableType

__all__ = ["Shown", "declare", "run"]

NOT_YET = 10
COULD_NOT_GRADE = 3


@dataclass(frozen=True)
class Shown:
    """An exercise's verdict and, where it may be seen, the reference's text."""

    result: ExerciseResult
    invocation: Invocation
    reference: str | None = None
    notices: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        if self.reference is not None:
            return 0
        return COULD_NOT_GRADE if self.result.outcome is Outcome.UNGRADED else NOT_YET

    def view(self) -> RenderableType:
        from grader.render.exercise import instead  # noqa: PLC0415 - Rich comes after grading
        from grader.render.solution import Declined, Lesson, Solution  # noqa: PLC0415 - likewise

        if self.reference is None:
            if self.result.outcome is Outcome.UNGRADED:
                return instead(self.result)
            return Declined(self.result, self.invocation)
        about = catalog.declared(self.result.exercise)
        lesson = Lesson(about.in_production, about.read_next)
        return Solution(self.result, self.reference, lesson)


def declare(parser: Parser) -> None:
    """One exercise, and whether to show the reference at any rate."""
    parser.take("exercise")
    parser.take("--spoil", "--from", "--seed", "--no-fork")


def run(options: Namespace) -> Shown:
    """Grade the exercise; read the reference if it passes, or if nobody minds."""
    with open_grading([options.exercise], options) as grading:
        (result,) = grading.run().exercises
        notices = grading.store.notices if grading.store else ()
    shown = Shown(result, invocation(options.folder), notices=notices)
    if options.spoil or result.outcome is Outcome.PASSED:
        return replace(shown, reference=_reference(catalog.resolve(options.exercise)))
    return shown


def _reference(entry: catalog.Entry) -> str:
    try:
        return entry.solution.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(
            f"The reference of {entry.id} cannot be read ({error}). Restore it with `git checkout`."
        ) from None
