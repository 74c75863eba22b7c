"""Building blocks: a hanging paragraph, entries side by side, a heading, an empty line."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.glyphs import glyphs_for

__all__ = ["GAP", "Entries", "Hanging", "Heading", "aligned"]

GAP = Text("")
"""An empty line."""

_NARROWEST = 12  # least columns of a paragraph's text, however deep it is indented


class Hanging:
    """A paragraph behind a mark, wrapped by words, with further lines below its first word.

    Unlike Rich's own padding, it leaves no blanks at the ends of lines, which a file would keep.
    """

    def __init__(self, mark: Text | str, body: Text | str, indent: int = 0) -> None:
        self.mark = mark if isinstance(mark, Text) else Text(mark)
        self.body = body if isinstance(body, Text) else Text(body)
        self.indent = indent

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        first = Text(" " * self.indent).append_text(self.mark)
        further = Text(" " * cell_len(first.plain))
        width = max(_NARROWEST, options.max_width - cell_len(first.plain))
        for number, line in enumerate(self.body.wrap(console, width)):
            whole = (further if number else first) + line
            whole.rstrip()
            yield whole


class Entries:
    """Short texts side by side, as many per line as fit, none of them broken."""

    def __init__(self, entries: Sequence[Text], gap: int = 3) -> None:
        self.entries = entries
        self.gap = gap

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line = Text("")
        for entry in self.entries:
            if line and line.cell_len + self.gap + entry.cell_len > options.max_width:
                yield line
                line = Text("")
            line = (line + Text(" " * self.gap) if line else line) + entry
        if line:
            yield line


class Heading:
    """A line across the screen with a title in it and an aside on the right."""

    def __init__(self, title: str, aside: str = "") -> None:
        self.title = title
        self.aside = aside

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rule = glyphs_for(options).rule
        title = Text.assemble((rule * 2, "rule"), " ", (self.title, "heading"), " ")
        aside = Text(f" {self.aside} ", "aside") if self.aside else Text("")
        room = options.max_width - title.cell_len - aside.cell_len - 2
        if room < 1:  # title and aside do not fit on one line
            aside, room = Text(""), max(0, options.max_width - title.cell_len - 2)
        line = title + Text(rule * room, "rule") + aside + Text(rule * 2, "rule")
        line.truncate(options.max_width)
        yield line


def aligned(commands: Sequence[tuple[str, str]], width: int, indent: int) -> RenderResult:
    """Return commands below each other, with what they are for beside them if there is room."""
    widest = max((len(command) for command, _ in commands), default=0)
    longest = max((len(purpose) for _, purpose in commands), default=0)
    fits = indent + widest + 3 + longest <= width
    for command, purpose in commands:
        blanks = " " * (widest - len(command) + 3)
        beside = (f"{blanks}{purpose}", "aside") if fits else ""
        yield Hanging("", Text.assemble((command, "command"), beside), indent)
