"""The screen of `list`: the exercises and how far each is."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.columns import Columns
from grader.render.glyphs import Glyphs, glyphs_for
from grader.render.invocation import Invocation
from grader.render.layout import GAP, Hanging
from grader.render.words import STATES, prose, short
from grader.results import Outcome

__all__ = ["Listed", "Listing"]


@dataclass(frozen=True)
class Listed:
    """One exercise as it was when last graded; an outcome of None means never."""

    exercise: str
    title: str
    outcome: Outcome | None = None
    score: int = 0
    max_score: int = 0


class Listing:
    """The exercises in order; the first that is not done is marked as the next."""

    def __init__(self, rows: tuple[Listed, ...], invocation: Invocation) -> None:
        self.rows = rows
        self.invocation = invocation
        self.next = next((row for row in rows if row.outcome is not Outcome.PASSED), None)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        headings = ("", "Exercise", "Title", "State", "Points")
        columns = Columns(headings, wraps=2, numbers=1)
        for row in self.rows:
            columns.add(*self._row(row, glyphs))
        yield columns
        yield GAP
        yield Hanging("", self._onward())

    def _row(self, row: Listed, glyphs: Glyphs) -> tuple[Text, ...]:
        points = f"{row.score}/{row.max_score}" if row.outcome else ""
        return (
            Text("*" if row is self.next else ""),
            Text(short(row.exercise), "title"),
            prose(row.title),
            _state(row.outcome, glyphs),
            Text(points),
        )

    def _onward(self) -> Text:
        if self.next is None:
            return Text("All of them passed when they were last graded.")
        command = self.invocation.command(short(self.next.exercise))
        return Text.assemble(("* is next: ", "aside"), (command, "command"))


def _state(outcome: Outcome | None, glyphs: Glyphs) -> Text:
    if outcome is None:
        return Text("  never graded", "aside")
    return Text(f"{glyphs.of(outcome):<{len(glyphs.passed)}} {STATES[outcome]}", outcome.value)
