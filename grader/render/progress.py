"""The live lines while exercises are graded: one per exercise, with its running check."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.glyphs import Glyphs, glyphs_for
from grader.render.words import counted, prose, short
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["Progress"]

SLOW = 1.0  # seconds after which a check's time is shown


@dataclass
class _Line:
    """Progress of one exercise."""

    exercise: str
    checks: int
    done: list[Outcome] = field(default_factory=list)
    running: str = ""
    since: float = 0.0


class Progress:
    """A renderable `judge.Listener`, which changes as its methods are called.

    clock: returns seconds from an arbitrary start.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lines: dict[str, _Line] = {}

    def exercise_started(self, exercise: str, checks: int) -> None:
        """Start an exercise's line, or start it again."""
        self._lines[exercise] = _Line(exercise, checks)

    def check_started(self, exercise: str, title: str) -> None:
        """Show the check that runs."""
        line = self._lines[exercise]
        line.running, line.since = title, self._clock()

    def check_ended(self, exercise: str, result: CheckResult) -> None:
        """Show a check's outcome."""
        line = self._lines[exercise]
        line.done.append(result.outcome)
        line.running = ""

    def exercise_ended(self, result: ExerciseResult) -> None:
        """Show that no check of the exercise runs any more."""
        self._lines.setdefault(result.exercise, _Line(result.exercise, 0)).running = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        # Copied, since another thread may draw the display.
        for line in list(self._lines.values()):
            text = self._text(line, glyphs)
            if text.cell_len > options.max_width:
                text.truncate(options.max_width - len(glyphs.ellipsis), overflow="crop")
                text.append(glyphs.ellipsis)
            yield text

    def _text(self, line: _Line, glyphs: Glyphs) -> Text:
        text = Text.assemble((short(line.exercise), "title"), " ")
        for outcome in list(line.done):
            text.append(glyphs.of(outcome), outcome.value)
        text.append(f" {len(line.done)} of {counted(line.checks, 'check')}", "aside")
        if not line.running:
            return text
        waited = self._clock() - line.since
        if waited >= SLOW:  # shows that it is not the display that hangs
            text.append(f", {waited:.0f} s", "aside")
        return text.append("  ").append_text(prose(line.running, "aside"))
