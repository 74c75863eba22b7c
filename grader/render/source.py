"""The learner's line, marked in its source so that it shows without colour too."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.foreign import harmless
from grader.render.glyphs import glyphs_for
from grader.source import lines_of

__all__ = ["SourceLine"]


class SourceLine:
    """Line `line` (1-based) of `source` with `around` lines on either side.

    Common indentation is removed, and long lines are cut: the learner has the file open. Shows
    nothing if there is no such line.
    caret: the part of the line to mark, in columns of bytes; not shown if it is the whole line.
    """

    def __init__(
        self,
        source: str,
        line: int,
        around: int = 2,
        indent: int = 4,
        caret: tuple[int, int] | None = None,
    ) -> None:
        self.line = line
        self.around = around
        self.indent = indent
        self.caret = caret
        self._raw = lines_of(source)
        self._lines = [harmless(line) for line in self._raw]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        digits = len(str(self.line + self.around))
        for number, code in self._window():
            mark = glyphs.here if number == self.line else " "
            gutter = f"{'':{self.indent}}{mark} {number:>{digits}} {glyphs.bar} "
            marked = number == self.line
            row = Text.assemble(
                (gutter, "failed" if marked else "aside"), (code, "marked" if marked else "")
            )
            if row.cell_len > options.max_width:
                row.truncate(options.max_width - len(glyphs.ellipsis), overflow="crop")
                row.append(glyphs.ellipsis, "aside")
            row.rstrip()
            yield row
            if marked and (below := self._carets(code)):
                under = Text(f"{'':{len(gutter) - 2}}{glyphs.bar} {below}", "failed")
                under.truncate(options.max_width, overflow="crop")
                yield from [under] if "^" in under.plain else []

    def _carets(self, code: str) -> str:
        """Return the carets below the line; "" if they would mark all of it, as in tracebacks."""
        if self.caret is None:
            return ""
        whole = self._raw[self.line - 1].encode()
        begin, end = self.caret
        before, marked = (
            harmless(part.decode(errors="ignore")) for part in (whole[:begin], whole[begin:end])
        )
        left_out = len(self._lines[self.line - 1]) - len(code)
        if len(before) < left_out or marked.strip() in ("", code.strip()):
            return ""
        return " " * cell_len(before[left_out:]) + "^" * cell_len(marked)

    def _window(self) -> Iterator[tuple[int, str]]:
        if not 1 <= self.line <= len(self._lines):
            return iter(())
        first = max(1, self.line - self.around)
        last = min(len(self._lines), self.line + self.around)
        codes = textwrap.dedent("\n".join(self._lines[first - 1 : last])).split("\n")
        return zip(range(first, last + 1), codes, strict=True)
