"""The course's progress in one line: a bar, and the same in words."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.glyphs import glyphs_for
from grader.render.words import counted

__all__ = ["Standing"]

CELLS = 4
"""Columns of the bar per exercise."""


@dataclass(frozen=True)
class Standing:
    """`done` of `count` exercises passed when last graded, with `hints` hints taken."""

    done: int
    count: int
    hints: int = 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        line = Text.assemble(
            (glyphs.full * CELLS * self.done, "passed"),
            (glyphs.empty * CELLS * (self.count - self.done), "aside"),
            (f"  {self.done} of {counted(self.count, 'exercise')} done", "title"),
            (f", {counted(self.hints, 'hint')} taken" if self.hints else "", "aside"),
        )
        line.truncate(options.max_width)
        yield line
