"""Gives one more hint, on the check that fails now."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from grader.cli.exits import COULD_NOT_GRADE
from grader.cli.grading import open_grading
from grader.cli.invocation import invocation
from grader.cli.options import Parser
from grader.render.invocation import Invocation
from grader.results import CheckResult, ExerciseResult, GradeReport, Outcome

if TYPE_CHECKING:
    from rich.console import RenderableType

    from grader.practice.progress import Store

__all__ = ["Hinted", "climb", "declare", "run"]


@dataclass(frozen=True)
class Hinted:
    """Result: a hint on an exercise; result is None if everything passes.

    level: the hint's number, from 1; 0 if the check has none. again: all hints were shown before.
    counted: hints are counted, so that the next call shows one more; else all are shown at once.
    """

    invocation: Invocation
    result: ExerciseResult | None = None
    check: CheckResult | None = None
    level: int = 0
    again: bool = False
    counted: bool = True
    notices: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        ungraded = self.result is not None and self.result.outcome is Outcome.UNGRADED
        return COULD_NOT_GRADE if ungraded else 0

    def view(self) -> RenderableType:
        if self.result is None:
            return "It passes: there is nothing left to give a hint for."
        from grader.render.hint import Hint  # noqa: PLC0415 - Rich comes after grading

        return Hint(
            self.result,
            self.check,
            self.invocation,
            level=self.level,
            again=self.again,
            counted=self.counted,
        )


def declare(parser: Parser) -> None:
    """Declare the exercise; the default is the first that does not pass."""
    parser.take("exercise", nargs="?")
    parser.take("--from", "--trust-submissions", "--seed", "--no-fork")


def run(options: Namespace) -> Hinted:
    """Grade silently, find the check to help with, and show its next hint."""
    names = [options.exercise] if options.exercise else []
    with open_grading(names, options) as grading:
        # Untouched stubs are judged too: a hint says what is still to do in them.
        report = replace(grading, stubs=True).run()
        hinted = Hinted(invocation(options.folder), *_stuck_at(report))
        if hinted.result is not None and hinted.check is not None:
            hinted = _climb(hinted, hinted.result, hinted.check, grading.store)
        notices = grading.store.notices if grading.store else ()
    return replace(hinted, notices=notices)


def _stuck_at(report: GradeReport) -> tuple[ExerciseResult | None, CheckResult | None]:
    """Return the exercise and the check to help with; the first check of an unstarted exercise."""
    result = report.first_open
    if result is None or result.outcome in (Outcome.MISSING, Outcome.UNGRADED):
        return result, None
    return result, result.first_failure or next(iter(result.checks), None)


def _climb(
    hinted: Hinted, result: ExerciseResult, check: CheckResult, store: Store | None
) -> Hinted:
    if store is None:  # a folder that is not the learner's own
        return replace(hinted, level=len(check.hints), counted=False)
    level, again = climb(store, result.exercise, check.about, len(check.hints))
    return replace(hinted, level=level, again=again)


def climb(store: Store, exercise: str, about: str, hints: int) -> tuple[int, bool]:
    """Record one more of `hints` hints; return its number, and whether it was shown before."""
    before = store.hint_level(exercise, about)
    level = min(before + 1, hints)
    if level:
        store.hint_shown(exercise, about, level, asked=True)
    return level, before >= level > 0
