"""A table of text columns, one of which may wrap, then number columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

__all__ = ["Columns"]

GUTTER = 2  # blanks between columns
NARROWEST = 10  # least width of the wrapping column, in columns


class Columns:
    """Rows below their headings, without lines; a column is as wide as its widest cell.

    wraps: the column that shrinks on a narrow screen; numbers: how many of the last columns are
    aligned to the right. Unlike Rich's table, it leaves no blanks at the ends of lines.
    """

    def __init__(self, headings: Sequence[str], *, wraps: int, numbers: int) -> None:
        self.wraps = wraps
        self.numbers = numbers
        self._rows: list[list[Text] | Text] = [[Text(heading, "aside") for heading in headings]]

    def add(self, *cells: Text) -> None:
        """Append a row."""
        self._rows.append(list(cells))

    def head(self, line: Text) -> None:
        """Append a line that stands above the rows to come, over all columns."""
        self._rows.append(line)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        widths = self._widths(options.max_width)
        for row in self._rows:
            if isinstance(row, Text):
                line = row.copy()
                line.truncate(options.max_width)
                yield line
                continue
            wrapped = row[self.wraps].wrap(console, widths[self.wraps])
            for number, piece in enumerate(wrapped):
                cells = row if number == 0 else [Text("")] * len(row)
                line = self._line([*cells[: self.wraps], piece, *cells[self.wraps + 1 :]], widths)
                line.truncate(options.max_width)
                line.rstrip()
                yield line

    def _widths(self, room: int) -> list[int]:
        rows = [row for row in self._rows if not isinstance(row, Text)]
        widths = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
        over = sum(widths) + GUTTER * (len(widths) - 1) - room
        if over > 0:
            widths[self.wraps] = max(NARROWEST, widths[self.wraps] - over)
        return widths

    def _line(self, cells: list[Text], widths: list[int]) -> Text:
        line = Text("")
        first_number = len(cells) - self.numbers
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True)):
            blanks = " " * (width - cell.cell_len)
            line.append(" " * GUTTER if place else "")
            line.append_text(Text(blanks) + cell if place >= first_number else cell + Text(blanks))
        return line
