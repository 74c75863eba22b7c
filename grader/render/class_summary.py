"""The end of a class run: how many were graded, whose results changed, what is not graded."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.foreign import harmless
from grader.render.layout import Hanging
from grader.render.words import STATES, counted, short
from grader.results import Outcome

__all__ = ["ClassSummary", "Regraded"]

MOST = 40  # rows of a list, which a class of hundreds may fill
EVERYTHING = "results.json"

Regraded = tuple[str, str, Outcome, int, Outcome, int, int]
"""Submission, exercise, outcome and points before, outcome and points now, maximum of points."""


class ClassSummary:
    """The end of a run.

    ungraded: names and reasons. changed: results that differ from those before the run. lists:
    headings with rows of names and reasons, left out if empty. again: the command that tries again
    what is not graded. attempts: how many were graded, where learners have several.
    """

    def __init__(
        self,
        *,
        seed: int,
        total: int,
        reused: int,
        passing: int,
        took: str,
        ungraded: Sequence[tuple[str, str]],
        changed: Sequence[Regraded],
        lists: Sequence[tuple[str, Sequence[tuple[str, str]]]],
        again: str,
        unread: Sequence[tuple[str, str]] = (),
        attempts: int = 0,
    ) -> None:
        self.seed = seed
        self.total = total
        self.reused = reused
        self.passing = passing
        self.took = took
        self.ungraded = ungraded
        self.changed = changed
        self.lists = lists
        self.again = again
        self.unread = unread
        self.attempts = attempts

    def __rich_console__(
        self,
        console: Console,
        options: ConsoleOptions,
    ) -> RenderResult:
        yield Hanging("", self._headline())
        if self.changed:
            yield from _block(counted(len(self.changed), "result") + " changed", _rows(self))
        for heading, rows in self.lists:
            if rows:
                yield from _block(heading, _cut([f"{name}: {why}" for name, why in rows]))
        if self.ungraded:
            faults = [f"{name}: {why}" for name, why in self.ungraded]
            yield from _block("Not graded, through no fault of theirs", faults, "ungraded")
            yield Hanging("", Text.assemble("Try them again with: ", (self.again, "command")))

    def _headline(self) -> Text:
        graded = self.total - len(self.ungraded)
        parts = f", {self.passing} with everything passed"
        reused = f" ({self.reused} before)" if self.reused else ""
        said = f"{counted(graded, 'submission')} graded"
        said += f" in {counted(self.attempts, 'attempt')}" if self.attempts else ""
        took = f"  seed {self.seed}, {self.took}"
        return Text.assemble((said, "title"), reused, parts, ".", (took, "aside"))


def _rows(summary: ClassSummary) -> list[str]:
    return [
        f"{name}, {short(exercise)}: was {STATES[was]} with {counted(old, 'point')}, is "
        f"{STATES[now]} with {new} of {most}"
        for name, exercise, was, old, now, new, most in summary.changed
    ]


def _cut(rows: list[str]) -> list[str]:
    more = len(rows) - MOST
    return [*rows[:MOST], f"and {more} more, all in {EVERYTHING}"] if more > 0 else rows


def _block(heading: str, rows: Sequence[str], style: str = "") -> RenderResult:
    yield Text()
    yield Hanging("", Text(heading, "heading"))
    for row in rows:
        yield Hanging("", Text(harmless(row), style), 2)
