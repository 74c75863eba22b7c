"""The timing of one scenario in a few lines: what it was beside what it should be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.foreign import harmless
from grader.render.glyphs import Glyphs, glyphs_for
from grader.render.layout import Hanging
from grader.render.measures import Depth, Measures, Pause
from grader.render.words import counted, seconds

__all__ = ["Timing"]

MOST = 8
"""How many pauses of an item are listed; of more, the first ones and the last."""
MOST_QUEUES, LONGEST_NAME = 4, 20


class Timing:
    """The measures of a trace, a line each; what did not occur is left out.

    wall_ms: real time that the check took, in milliseconds.
    """

    def __init__(self, measures: Measures, wall_ms: float, indent: int = 4) -> None:
        self.measures = measures
        self.wall_ms = wall_ms
        self.indent = indent

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Hanging("", Text("Timing, in virtual seconds", "label"), self.indent)
        for label, body in self._rows():
            yield Hanging(Text(f"{label:<10}", "aside"), body, self.indent + 2)
            if label == "retries":
                for line in _pauses(self.measures.pauses, glyphs_for(options)):
                    yield Hanging("", line, self.indent + 4)

    def _rows(self) -> Iterator[tuple[str, Text | str]]:
        measures = self.measures
        if measures.pauses:
            yield "retries", _retries(measures)
        several = len(measures.queues) > 1
        for queue in measures.queues[:MOST_QUEUES]:
            yield "queue", _queue(queue, named=several)
        if measures.producer_waited:
            yield "producer", f"waited {seconds(measures.producer_waited)} for room in the queue"
        if measures.blocked:
            yield "blocked", Text(_blocked(measures), "failed")
        yield "in all", _in_all(measures, self.wall_ms)


def _retries(measures: Measures) -> Text:
    text = Text(f"item {measures.item} waited")
    if measures.others:
        others = counted(measures.others, "retry", "retries")
        off = f", {measures.others_off} not as asked" if measures.others_off else ""
        text.append(f" (and {others} of other items{off})", "aside")
    return text


def _pauses(pauses: Sequence[Pause], glyphs: Glyphs) -> Iterator[Text]:
    """Yield a line per pause; of many, a count replaces some, but never the first wrong one."""
    wrong = next((place for place, one in enumerate(pauses) if one.verdict), 0)
    shown = {*range(MOST - 2), wrong, len(pauses) - 1} if len(pauses) > MOST else range(len(pauses))
    left_out = 0
    for place, pause in enumerate(pauses):
        if place not in shown:
            left_out += 1
            continue
        if left_out:
            yield Text(f"({left_out} more)", "aside")
            left_out = 0
        yield _pause(pause, glyphs)


def _pause(pause: Pause, glyphs: Glyphs) -> Text:
    text = Text(f"after try {pause.number}: {pause.waited:.4f}")
    if pause.least is not None and pause.most is not None:
        spread = f"{glyphs.to}{pause.most:.4f}" if pause.most > pause.least else ""
        text.append(f", asked {pause.least:.4f}{spread}")
    if pause.verdict:
        text.append(f" {glyphs.failed} {pause.verdict}", "failed")
    return text


def _queue(queue: Depth, *, named: bool) -> str:
    bound = f"maxsize={queue.maxsize}" if queue.maxsize else "no bound"
    name = f"{harmless(queue.name, most=LONGEST_NAME)}: " if named and queue.name else ""
    return f"{name}at most {counted(queue.deepest, 'item')} waited in it ({bound})"


def _blocked(measures: Measures) -> str:
    where = f", first at line {measures.blocked_line}" if measures.blocked_line else ""
    return f"nothing could run for {seconds(measures.blocked)}: time.sleep{where}"


def _in_all(measures: Measures, wall_ms: float) -> str:
    ideal = "" if measures.ideal is None else f"; {seconds(measures.ideal)} would do"
    real = f" ({wall_ms:.0f} ms in real time)" if wall_ms else ""
    return f"{seconds(measures.makespan)}{ideal}{real}"
