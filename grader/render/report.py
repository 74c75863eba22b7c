"""The whole screen of `grade`: the details, the course at a glance, what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

from grader.render.exercise import Exercise
from grader.render.glance import Glance
from grader.render.invocation import Invocation
from grader.render.layout import GAP
from grader.render.levels import Levels
from grader.render.onward import Onward
from grader.render.standing import Standing
from grader.results import ExerciseResult, GradeReport

__all__ = ["Report"]


class Report:
    """A report on a screen.

    detailed: the exercises to show in full; complete: the report covers the whole course; standing:
    the course's progress, if known; following: as in `Onward`; tracks: as in `Glance`; welcome: stands
    in the place of details and next steps at the first start.
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
        welcome: RenderableType | None = None,
    ) -> None:
        self.welcome = welcome
        self.tracks = tracks
        self.following = following
        self.report = report
        self.standing = standing
        self.detailed = detailed
        self.invocation = invocation
        self.complete = complete

    def _levels(self) -> RenderResult:
        """Return the service levels of exercises that are named, or shown in full."""
        for result in self.report.exercises:
            told = result in self.detailed or not self.complete
            if told and any(check.levels for check in result.checks):
                yield Levels(result)
                yield GAP

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.standing is not None:
            yield self.standing
            yield GAP
        yield Glance(self.report, self.tracks)
        yield GAP
        if self.welcome is not None:
            yield self.welcome
            return
        for result in self.detailed:
            yield Exercise(result)
        yield from self._levels()
        yield Onward(
            self.report,
            self.invocation,
            complete=self.complete,
            following=self.following,
            own=self.standing is not None,
        )
