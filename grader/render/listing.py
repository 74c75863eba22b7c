"""The screen of `list`: the exercises with their last results."""

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
from grader.render.tracks import by_track, track_line
from grader.render.words import STATES, prose, short
from grader.results import Outcome

__all__ = ["Listed", "Listing"]

HEADINGS = ("", "Exercise", "Title", "State", "Points", "Hints", "Graded")
ROOM_FOR_TIMES = 72
"""Least columns of a screen for the last column."""


@dataclass(frozen=True)
class Listed:
    """One exercise with its last result; outcome is None if it was never graded.

    hints: how many were taken; at: when it was graded (ISO 8601); track: the part of the course.
    """

    exercise: str
    title: str
    outcome: Outcome | None = None
    score: int = 0
    max_score: int = 0
    hints: int = 0
    at: str = ""
    track: str = ""


class Listing:
    """The exercises in order; the first that is not done is marked as the next.

    now: local time, by which dates are shortened.
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
        for track, rows in by_track(self.rows, lambda row: row.track):
            if track:
                passed = sum(row.outcome is Outcome.PASSED for row in rows)
                columns.head(track_line(track, f"{passed} of {len(rows)} done"))
            for row in rows:
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
    """Format a time briefly: `14:05` today, `24 Nov` this year, else `2024-11-24`."""
    try:
        then = datetime.fromisoformat(at)
    except ValueError:  # never graded, or an unknown format
        return ""
    if then.date() == now.date():
        return f"{then:%H:%M}"
    return f"{then.day} {then:%b}" if then.year == now.year else f"{then:%Y-%m-%d}"
