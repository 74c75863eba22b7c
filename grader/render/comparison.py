"""Two versions of a module as one diff: the learner's lines and the reference's.

A sign at the start of each line says whose it is; colours only repeat that. Docstrings at the top
are left out: the assignment and the reference's own are not compared.
"""

from __future__ import annotations

import ast
import difflib
import textwrap
from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.foreign import harmless
from grader.source import lines_of, syntax_tree

__all__ = ["Comparison"]

AROUND = 3
"""Lines of context on either side of a difference."""

_STYLES = {"-": "failed", "+": "passed"}
_NARROWEST = 10  # least columns of code, however deep it is indented
_FURTHER = 4  # further indent of a wrapped line's rest, in columns


class Comparison:
    """`theirs` and `reference` as a diff, numbered by the learner's lines."""

    def __init__(self, theirs: str, reference: str, indent: int = 1) -> None:
        self.indent = indent
        self._skipped, mine = _code(theirs)
        _, other = _code(reference)
        self._groups = list(
            difflib.SequenceMatcher(None, mine, other, autojunk=False).get_grouped_opcodes(AROUND)
        )
        self._mine, self._other = mine, other

    @property
    def same(self) -> bool:
        """Whether there is no difference to show."""
        return not self._groups

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        digits = len(str(self._skipped + len(self._mine)))
        for number, group in enumerate(self._groups):
            if number:
                yield Text(f"{'':{self.indent + digits}} ...", "aside")
            for sign, line, code in self._lines(group):
                gutter = f"{'':{self.indent}}{line or '':>{digits}} {sign} "
                yield from _folded(gutter, code, _STYLES.get(sign, ""), options.max_width)

    def _lines(self, group: list[tuple[str, int, int, int, int]]) -> Iterator[tuple[str, int, str]]:
        """Yield the sign, the learner's line number (0 for none) and the code of each line."""
        for kind, first, last, other_first, other_last in group:
            if kind == "equal":
                for place in range(first, last):
                    yield " ", self._skipped + place + 1, self._mine[place]
                continue
            for place in range(first, last):
                yield "-", self._skipped + place + 1, self._mine[place]
            for place in range(other_first, other_last):
                yield "+", 0, self._other[place]


def _code(source: str) -> tuple[int, list[str]]:
    """Return how many lines the docstring takes, and the lines below it."""
    lines = [line.rstrip() for line in lines_of(source)]
    tree = syntax_tree(source)
    first = tree.body[0] if tree is not None and tree.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and first.end_lineno:
        return first.end_lineno, lines[first.end_lineno :]
    return 0, lines


def _folded(gutter: str, code: str, style: str, width: int) -> Iterator[Text]:
    """Yield a line of code, wrapped to the screen; further rows are indented below its start."""
    text = harmless(code)
    room = max(_NARROWEST, width - len(gutter))
    deep = min(len(text) - len(text.lstrip()), room // 2)
    least = max(_NARROWEST, room - deep - _FURTHER)
    pieces = textwrap.wrap(text.strip(), least, break_on_hyphens=False) or [""]
    if cell_len(text) <= room:
        pieces = [text.strip()]
    for number, piece in enumerate(pieces):
        blanks = " " * (deep if number == 0 else deep + _FURTHER)
        head = gutter if number == 0 else f"{'':{len(gutter)}}"
        row = Text.assemble((head, style or "aside"), (blanks + piece, style))
        row.rstrip()
        row.truncate(width)
        yield row
