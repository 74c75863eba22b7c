"""The whole screen of `grade`: the details, the course at a glance, what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console, ConsoleOptions, RenderResult

from grader.render.exercise import Exercise
from grader.render.glance import Glance
from grader.render.invocation import Invocation
from grader.render.layout import GAP
from grader.render.onward import Onward
from grader.render.standing import Standing
from grader.results import ExerciseResult, GradeReport

__all__ = ["Report"]


class Report:
    """A report on a screen.

    detailed: the exercises to show in full; complete: the report covers the whole course; standing:
    the course's progress, if known; following: as in `Onward`; tracks: as in `Glance`.
    """

    def __init__(
        self,
        report: GradeReport,
        detailed: Sequence[ExerciseResult],
        invocation: Invocation,
        *,
        complete: bool = True,
        standing: Standing | None = None,
        following: tuple[str, str] | None = None,
        tracks: Mapping[str, str] | None = None,
    ) -> None:
        self.tracks = tracks
        self.following = following
        self.report = report
        self.standing = standing
        self.detailed = detailed
        self.invocation = invocation
        self.complete = complete

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.standing is not None:
            yield self.standing
            yield GAP
        yield Glance(self.report, self.tracks)
        yield GAP
        for result in self.detailed:
            yield Exercise(result)
        yield Onward(self.report, self.invocation, complete=self.complete, following=self.following)
