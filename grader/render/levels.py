"""The service levels of one exercise: what was asked, and what was reached."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.columns import Columns
from grader.render.foreign import harmless
from grader.render.glyphs import Glyphs, glyphs_for
from grader.render.layout import GAP, Hanging
from grader.results import CheckResult, ExerciseResult, Level, Outcome

__all__ = ["Levels"]

LONGEST = 20  # characters of a scenario's name


class Levels:
    """A table of the levels that the checks measured, each met or missed."""

    def __init__(self, result: ExerciseResult) -> None:
        self.result = result

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        columns = Columns(("Weather", "Service level", "Asked", "Reached", ""), wraps=1, numbers=0)
        for number, check in enumerate(self.result.checks, 1):
            where = ""
            for level in check.levels:
                columns.add(*_row(level, glyphs, first=level.where != where))
                where = level.where
            if _fails_elsewhere(check):
                rest = Level(
                    where, "the rest of its check", "kept", f"see check {number}", met=False
                )
                columns.add(*_row(rest, glyphs, first=False))
        yield Hanging("", Text("Service levels", "label"))
        yield GAP
        yield columns


def _fails_elsewhere(check: CheckResult) -> bool:
    """Return whether a check failed although all of its levels are met."""
    met = bool(check.levels) and all(level.met for level in check.levels)
    return check.outcome is Outcome.FAILED and met


def _row(level: Level, glyphs: Glyphs, *, first: bool) -> tuple[Text, ...]:
    outcome = Outcome.PASSED if level.met else Outcome.FAILED
    sign = f"{glyphs.of(outcome):<{len(glyphs.passed)}}"
    return (
        Text(
            harmless(level.where, most=LONGEST, ellipsis=glyphs.ellipsis) if first else "", "title"
        ),
        Text(level.name),
        Text(level.asked),
        Text(level.reached),
        Text(f"{sign} {'met' if level.met else 'missed'}", outcome.value),
    )
