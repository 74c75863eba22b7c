"""The course at a glance: a row per exercise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.columns import Columns
from grader.render.glyphs import Glyphs, glyphs_for
from grader.render.layout import Hanging
from grader.render.tracks import by_track, track_line
from grader.render.words import STATES, counted, prose, seconds, short
from grader.results import ExerciseResult, GradeReport, Outcome

__all__ = ["Glance"]


class Glance:
    """All exercises of a report with their states, and the total.

    tracks: the track of each exercise; one of which nothing is started takes a single line, unless the
        first exercise that is not done is in it.
    """

    def __init__(self, report: GradeReport, tracks: Mapping[str, str] | None = None) -> None:
        self.report = report
        self.tracks = tracks or {}

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        headings = ("Exercise", "Title", "State", "Checks", "Points")
        columns = Columns(headings, wraps=1, numbers=2)
        for track, results in by_track(self.report.exercises, self._track):
            if track:
                columns.head(track_line(track, _how_far(results)))
            if not track or self.report.first_open in results or _is_started(results):
                for result in results:
                    columns.add(*_row(result, glyphs))
        yield columns
        yield Hanging("", _sum(self.report))
        if self.report.unchanged:
            yield Hanging("", Text(_unchanged(self.report), "aside"))

    def _track(self, result: ExerciseResult) -> str:
        return self.tracks.get(result.exercise, "")


def _is_started(results: Sequence[ExerciseResult]) -> bool:
    return any(one.outcome is not Outcome.NOT_STARTED for one in results)


def _how_far(results: Sequence[ExerciseResult]) -> str:
    done = sum(one.outcome is Outcome.PASSED for one in results)
    if not _is_started(results):
        return f"{counted(len(results), 'exercise')}, not started"
    return f"{done} of {len(results)} done"


def _row(result: ExerciseResult, glyphs: Glyphs) -> tuple[Text, ...]:
    outcome = result.outcome
    state = Text(f"{glyphs.of(outcome):<{len(glyphs.passed)}} {STATES[outcome]}", outcome.value)
    passed = sum(check.outcome is Outcome.PASSED for check in result.checks)
    graded = outcome in (Outcome.PASSED, Outcome.FAILED)
    return (
        Text(short(result.exercise), "title"),
        prose(result.title),
        state,
        Text(f"{passed} of {len(result.checks)}" if graded else ""),
        Text(f"{result.score}/{result.max_score}"),
    )


def _unchanged(report: GradeReport) -> str:
    count = len(report.unchanged)
    which = (
        "All of it has" if count == len(report.exercises) else f"{counted(count, 'exercise')} had"
    )
    return f"{which} passed before, and nothing has changed since: not run again (--fresh does)."


def _sum(report: GradeReport) -> Text:
    took = f", {seconds(report.wall_ms / 1000, 2)}" if report.wall_ms else ""
    points = f"{report.score} of {report.max_score} points"
    return Text.assemble((points, "title"), (f"  seed {report.seed}{took}", "aside"))
