"""The last lines that the learner's code printed in one scenario, with time and task."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.foreign import harmless
from grader.render.glyphs import glyphs_for
from grader.render.layout import Hanging
from grader.render.words import counted
from grader.trace import Event, Trace

__all__ = ["Prints"]

LAST = 8
LONGEST = 300  # characters shown of one print


class Prints:
    """The last `LAST` prints of a trace, and how many came before."""

    def __init__(self, trace: Trace, indent: int = 4) -> None:
        self.trace = trace
        self.indent = indent
        self.events = trace.of("print", "stderr")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if not self.events:
            return
        glyphs = glyphs_for(options)
        yield Hanging("", Text("Your prints, with virtual time and task", "label"), self.indent)
        earlier = len(self.events) - LAST
        if earlier > 0:
            note = f"{glyphs.ellipsis} {counted(earlier, 'earlier line')}"
            yield Hanging("", Text(note, "aside"), self.indent + 2)
        last = self.events[-LAST:]
        widest = max(len(self._who(event)) for event in last)
        clock = max(len(f"{event.at:.3f}") for event in last)
        for event in last:
            mark = f"{event.at:>{clock}.3f}  {self._who(event):<{widest}}  "
            body = harmless(event.data[0], most=LONGEST, ellipsis=glyphs.ellipsis)
            yield Hanging(Text(mark, "aside"), Text(body), self.indent + 2)

    def _who(self, event: Event) -> str:
        return harmless(self.trace.label(event.task), most=16) if event.task else "-"
