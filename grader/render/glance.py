"""The course at a glance: an exercise a row."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from grader.render.glyphs import Glyphs, glyphs_for
from grader.render.layout import Hanging
from grader.render.words import STATES, prose, seconds, short
from grader.results import ExerciseResult, GradeReport, Outcome

__all__ = ["Glance", "plain_table"]


def plain_table(words: tuple[str, ...], numbers: tuple[str, ...]) -> Table:
    """A table without lines: columns of words, then columns of numbers, by their headings.

    Numbers stand to the right, so that no blanks trail behind the last one. Only a title wraps.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="aside")
    for heading in words:
        table.add_column(heading, no_wrap=heading != "Title")
    for heading in numbers:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


class Glance:
    """All exercises of a report, how far each is, and the sum."""

    def __init__(self, report: GradeReport) -> None:
        self.report = report

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        table = plain_table(("Exercise", "Title", "State"), ("Checks", "Points"))
        for result in self.report.exercises:
            table.add_row(*_row(result, glyphs))
        yield table
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
