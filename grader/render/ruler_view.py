"""The ruler on a terminal."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.glyphs import glyphs_for
from grader.render.layout import Entries
from grader.render.ruler import Row, Ruler, Scale
from grader.render.timeline.signs import Signs
from grader.render.timeline.view import signs_for
from grader.units import brief

__all__ = ["RulerView", "span"]

ROOMY = 76  # columns from which there is room for the numbers asked
WIDEST = 100


class RulerView:
    """A row for each retry: how long it waited, the window, and a mark in it or beside it."""

    def __init__(self, ruler: Ruler) -> None:
        self.ruler = ruler

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width, signs = min(WIDEST, options.max_width), signs_for(options)
        failed, to = glyphs_for(options).failed, glyphs_for(options).to
        scale = self.ruler.scale
        yield Text("The pause before each retry, and the window that is asked", "label")
        names = max(cell_len(row.label) for row in self.ruler.rows)
        asked = [span(row, to) for row in self.ruler.rows]
        right = (max(map(len, asked)) + 8 if width >= ROOMY else 0) + 12
        room = max(10, width - names - 12 - right - 2)
        for row, words in zip(self.ruler.rows, asked, strict=True):
            line = Text(set_cell_size(row.label, names), "title")
            line.append(f" {brief(row.pause.waited):>9}  ")
            line.append_text(_bar(row, scale, room, signs))
            if width >= ROOMY:
                line.append(f"  asked {words:<{max(map(len, asked))}}", "aside")
            if row.pause.verdict:
                line.append(f"  {failed} {row.pause.verdict}", "time.wrong")
            line.truncate(width)
            line.rstrip()
            yield line
        if self.ruler.more:
            yield Text(self.ruler.remainder, "aside")
        yield _legend(signs, logarithmic=scale.logarithmic)


def span(row: Row, to: str) -> str:
    """The window in words: `30.0-37.5 ms`."""
    least, most = row.pause.least or 0.0, row.pause.most or 0.0
    if most - least < 1e-9:
        return brief(least)
    low, high = brief(least), brief(most)
    same = low.partition(" ")[2] == high.partition(" ")[2]
    return f"{low.partition(' ')[0] if same else low}{to}{high}"


def _bar(row: Row, scale: Scale, room: int, signs: Signs) -> Text:
    """The axis of one retry: the window on it, and the mark where the pause was."""
    cells, styles = [signs.ruler[0]] * room, ["aside"] * room
    first = _cell(scale, row.pause.least or 0.0, room)
    last = max(first, _cell(scale, row.pause.most or 0.0, room))
    for place in range(first, last + 1):
        cells[place], styles[place] = signs.ruler[1], "time.done"
    place = _cell(scale, row.pause.waited, room)
    cells[place] = signs.ruler[2]
    styles[place] = "time.wrong" if row.pause.verdict else "title"
    bar = Text("")
    for sign, style in zip(cells, styles, strict=True):
        bar.append(sign, style)
    return bar


def _cell(scale: Scale, value: float, room: int) -> int:
    return min(room - 1, int(scale.share(value) * room))


def _legend(signs: Signs, *, logarithmic: bool) -> Entries:
    entries = [
        Text.assemble((signs.ruler[2], "title"), (" the pause", "aside")),
        Text.assemble((signs.ruler[1] * 2, "time.done"), (" the window asked", "aside")),
        Text.assemble(("7:2", "title"), (" before try 2 of item 7", "aside")),
    ]
    if logarithmic:
        entries.append(Text("a logarithmic axis", "aside"))
    return Entries(entries)
