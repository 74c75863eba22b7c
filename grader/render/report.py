"""The whole screen of `grade`: the details, the course at a glance, what to do next."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult

from grader.render.exercise import Exercise
from grader.render.glance import Glance
from grader.render.layout import GAP
from grader.render.onward import Onward, first_open
from grader.render.words import Invocation
from grader.results import ExerciseResult, GradeReport, Outcome

__all__ = ["Report"]


class Report:
    """A report on a screen.

    details: for every exercise, rather than the first that is not done; complete: the report is
    on the whole course.
    """

    def __init__(
        self,
        report: GradeReport,
        invocation: Invocation,
        *,
        details: bool = False,
        complete: bool = True,
    ) -> None:
        self.report = report
        self.invocation = invocation
        self.details = details
        self.complete = complete

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Glance(self.report)
        yield GAP
        for result in self._detailed():
            yield Exercise(result)
        yield Onward(self.report, self.invocation, complete=self.complete)

    def _detailed(self) -> list[ExerciseResult]:
        """Those to show in full; a fault of the grader is never passed over."""
        first = first_open(self.report)
        return [
            result
            for result in self.report.exercises
            if self.details or result is first or result.outcome is Outcome.UNGRADED
        ]
