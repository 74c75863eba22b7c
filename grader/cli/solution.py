"""Shows the reference beside the learner's module, once that passes."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.cli.exits import COULD_NOT_GRADE, NOT_YET
from grader.cli.grading import Grading, open_grading
from grader.cli.invocation import invocation
from grader.cli.options import Parser
from grader.course import catalog
from grader.errors import CourseError
from grader.render.invocation import Invocation
from grader.results import ExerciseResult, Outcome

if TYPE_CHECKING:
    from rich.console import RenderableType

    from grader.render.solution import Lesson

__all__ = ["Shown", "declare", "lesson_of", "reference", "run"]


@dataclass(frozen=True)
class Shown:
    """Result: an exercise's verdict and, if it may be shown, the reference's text and verdict."""

    result: ExerciseResult
    invocation: Invocation
    reference: str | None = None
    model: ExerciseResult | None = None
    notices: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        if self.reference is not None:
            return 0
        return COULD_NOT_GRADE if self.result.outcome is Outcome.UNGRADED else NOT_YET

    def view(self) -> RenderableType:
        from grader.render.exercise import instead  # noqa: PLC0415 - Rich comes after grading
        from grader.render.solution import Declined, Solution, pictures  # noqa: PLC0415 - likewise

        if self.reference is None:
            if self.result.outcome is Outcome.UNGRADED:
                return instead(self.result)
            return Declined(self.result, self.invocation)
        drawn = pictures(self.result, self.model) if self.model else ()
        return Solution(self.result, self.reference, lesson_of(self.result.exercise), drawn)


def lesson_of(exercise: str) -> Lesson:
    """Return an exercise's uses in production and what to read next, as its checks declare them."""
    from grader.render.solution import Lesson  # noqa: PLC0415 - likewise

    about = catalog.declared(exercise)
    return Lesson(about.in_production, about.read_next)


def declare(parser: Parser) -> None:
    """Declare the exercise, and whether to show the reference before a pass."""
    parser.take("exercise")
    parser.take("--spoil", "--from", "--trust-submissions", "--seed", "--no-fork")


def run(options: Namespace) -> Shown:
    """Grade the exercise; read the reference if it passes or with `--spoil`."""
    with open_grading([options.exercise], options) as grading:
        (result,) = grading.run().exercises
        notices = grading.store.notices if grading.store else ()
        shown = Shown(result, invocation(options.folder), notices=notices)
        if not options.spoil and result.outcome is not Outcome.PASSED:
            return shown
        text = reference(catalog.resolve(options.exercise))
        return replace(shown, reference=text, model=_graded(grading, result))


def _graded(grading: Grading, result: ExerciseResult) -> ExerciseResult | None:
    """Grade the reference on the same scenarios; None if there is no timeline to compare."""
    if not any(check.observation.trace for check in result.checks):
        return None
    solutions = catalog.brought("solutions")
    model = replace(grading, folder=solutions, seed=result.seed, store=None).run()
    return model.exercises[0]


def reference(entry: catalog.Entry) -> str:
    """Return the text of an exercise's reference. Raises `CourseError` if it cannot be read."""
    try:
        return entry.solution.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(
            f"The reference of {entry.id} cannot be read ({error}). {catalog.mend()}"
        ) from None
