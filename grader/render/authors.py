"""The screen of `dev check`: what was checked in an exercise, and what is left to do."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.glyphs import glyphs_for
from grader.render.layout import GAP, Hanging, Heading
from grader.render.words import counted, prose

__all__ = ["Proof"]

Looked = tuple[str, Sequence[str]]
"""What was checked, and what to do about it; nothing if it is in order."""


class Proof:
    """The rows of each exercise. exercises: pairs of an id and its rows."""

    def __init__(self, exercises: Sequence[tuple[str, Sequence[Looked]]]) -> None:
        self.exercises = exercises

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        for name, rows in self.exercises:
            yield Heading(name)
            for says, todo in rows:
                sign, style = (glyphs.failed, "failed") if todo else (glyphs.passed, "passed")
                yield Hanging(Text(f"{sign} ", style), prose(says), 1)
                for line in todo:
                    yield Hanging("", prose(line), 4)
            yield GAP
        left = sum(bool(todo) for _, rows in self.exercises for _, todo in rows)
        yield Text(f"{counted(left, 'thing')} left to do." if left else "All is well.", "label")
