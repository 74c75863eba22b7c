"""The course's progress in one line: a bar, and the same in words."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.glyphs import glyphs_for
from grader.render.words import counted

__all__ = ["Standing"]

CELLS = 4
"""Columns of the bar per exercise, where there is room for so many."""
_GAP = "  "


@dataclass(frozen=True)
class Standing:
    """`done` of `count` exercises passed when last graded, with `hints` hints taken."""

    done: int
    count: int
    hints: int = 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        words = Text.assemble(
            (f"{self.done} of {counted(self.count, 'exercise')} done", "title"),
            (f", {counted(self.hints, 'hint')} taken" if self.hints else "", "aside"),
        )
        room = options.max_width - words.cell_len - len(_GAP)
        cells = max(0, min(CELLS, room // max(1, self.count)))
        line = Text.assemble(
            (glyphs.full * cells * self.done, "passed"),
            (glyphs.empty * cells * (self.count - self.done), "aside"),
            _GAP if cells else "",
            words,
        )
        line.truncate(options.max_width)
        yield line
