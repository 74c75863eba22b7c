"""The screen of `list`: the exercises and how far each is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.columns import Columns
from grader.render.glyphs import Glyphs, glyphs_for
from grader.render.invocation import Invocation
from grader.render.layout import GAP, Hanging
from grader.render.standing import Standing
from grader.render.words import STATES, prose, short
from grader.results import Outcome

__all__ = ["Listed", "Listing"]

HEADINGS = ("", "Exercise", "Title", "State", "Points", "Hints", "Graded")
ROOM_FOR_TIMES = 72
"""Columns of a screen on which the last heading has a place."""


@dataclass(frozen=True)
class Listed:
    """One exercise as it was when last graded; an outcome of None means never.

    hints: how many were taken; at: when it was graded (ISO 8601).
    """

    exercise: str
    title: str
    outcome: Outcome | None = None
    score: int = 0
    max_score: int = 0
    hints: int = 0
    at: str = ""


class Listing:
    """The exercises in order; the first that is not done is marked as the next.

    now: the time on the reader's clock, by which dates are shortened.
    """

    def __init__(
        self, rows: tuple[Listed, ...], invocation: Invocation, now: datetime | None = None
    ) -> None:
        self.rows = rows
        self.invocation = invocation
        self.now = now or datetime.now().astimezone()
        self.next = next((row for row in rows if row.outcome is not Outcome.PASSED), None)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        done = sum(row.outcome is Outcome.PASSED for row in self.rows)
        yield Standing(done, len(self.rows), sum(row.hints for row in self.rows))
        yield GAP
        shown = len(HEADINGS) - (options.max_width < ROOM_FOR_TIMES)
        columns = Columns(HEADINGS[:shown], wraps=2, numbers=shown - 4)
        for row in self.rows:
            columns.add(*self._row(row, glyphs)[:shown])
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
            Text(str(row.hints) if row.hints else ""),
            Text(_when(row.at, self.now), "aside"),
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


def _when(at: str, now: datetime) -> str:
    """A time as short as it can be told: `14:05` of today, `24 Nov` of this year."""
    try:
        then = datetime.fromisoformat(at)
    except ValueError:  # never, or written by something else
        return ""
    if then.date() == now.date():
        return f"{then:%H:%M}"
    return f"{then.day} {then:%b}" if then.year == now.year else f"{then:%Y-%m-%d}"
