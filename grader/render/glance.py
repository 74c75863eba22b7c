"""The course at a glance: a row per exercise."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.columns import Columns
from grader.render.glyphs import Glyphs, glyphs_for
from grader.render.layout import Hanging
from grader.render.words import STATES, prose, seconds, short
from grader.results import ExerciseResult, GradeReport, Outcome

__all__ = ["Glance"]


class Glance:
    """All exercises of a report with their states, and the total."""

    def __init__(self, report: GradeReport) -> None:
        self.report = report

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        headings = ("Exercise", "Title", "State", "Checks", "Points")
        columns = Columns(headings, wraps=1, numbers=2)
        for result in self.report.exercises:
            columns.add(*_row(result, glyphs))
        yield columns
        yield Hanging("", _sum(self.report))


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


def _sum(report: GradeReport) -> Text:
    took = f", {seconds(report.wall_ms / 1000, 2)}" if report.wall_ms else ""
    points = f"{report.score} of {report.max_score} points"
    return Text.assemble((points, "title"), (f"  seed {report.seed}{took}", "aside"))
