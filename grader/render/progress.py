"""The lines that live while exercises are graded: one for each, with the check that runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.glyphs import Glyphs, glyphs_for
from grader.render.words import counted, prose, short
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["Progress"]


@dataclass
class _Line:
    """How far one exercise is."""

    exercise: str
    checks: int
    done: list[Outcome] = field(default_factory=list)
    running: str = ""
    outcome: Outcome | None = None


class Progress:
    """A `judge.Listener` that can be shown; it changes while it is told what happens."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}

    def exercise_started(self, exercise_id: str, n_checks: int) -> None:
        """An exercise begins, or begins again."""
        self._lines[exercise_id] = _Line(exercise_id, n_checks)

    def check_started(self, exercise_id: str, check_title: str) -> None:
        """A check begins."""
        self._lines[exercise_id].running = check_title

    def check_ended(self, exercise_id: str, result: CheckResult) -> None:
        """A check has its verdict."""
        line = self._lines[exercise_id]
        line.done.append(result.outcome)
        line.running = ""

    def exercise_ended(self, result: ExerciseResult) -> None:
        """An exercise has its verdict."""
        line = self._lines.setdefault(result.exercise, _Line(result.exercise, len(result.checks)))
        line.outcome, line.running = result.outcome, ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        # A copy: the display may be drawn by a thread of its own.
        for line in list(self._lines.values()):
            text = _text(line, glyphs)
            if text.cell_len > options.max_width:
                text.truncate(options.max_width - len(glyphs.ellipsis), overflow="crop")
                text.append(glyphs.ellipsis)
            yield text


def _text(line: _Line, glyphs: Glyphs) -> Text:
    text = Text.assemble((f"{short(line.exercise)} ", "title"))
    for outcome in list(line.done):
        text.append(glyphs.of(outcome), outcome.value)
    text.append(f" {len(line.done)} of {counted(line.checks, 'check')} ", "aside")
    return text.append_text(prose(line.running, "aside"))
