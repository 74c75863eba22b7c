"""The screen of `timeline --before`: one scenario, with the code that failed in it, and that of now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from grader.render.checks import message, title
from grader.render.foreign import harmless
from grader.render.glyphs import glyphs_for
from grader.render.layout import GAP, Hanging, Heading
from grader.render.timeline.draw import draw_raw
from grader.render.timeline.scene import finding_of, scenario_words
from grader.render.timeline.view import WIDEST, Timeline
from grader.render.words import prose, short
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["Beside"]

NARROW = 100  # the most columns for plain text
_NOTHING = (
    "What failed before does not fail any more with this version of the course: nothing to compare."
)
_NOT_DRAWN = (
    "There is no timeline of this scenario: it ended before anything ran, or has too many events."
)


class Beside:
    """A check as it failed, above the same check now.

    result: the verdict of now. before, at: as in `grader.cli.before`.
    """

    widest = WIDEST

    def __init__(
        self,
        result: ExerciseResult,
        before: CheckResult | None,
        now: CheckResult | None,
        at: str = "",
    ) -> None:
        self.result = result
        self.before = before
        self.now = now
        self.at = at

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        narrow = options.update(width=min(NARROW, options.max_width))
        for part in self._parts(options):
            wide = isinstance(part, Timeline)
            yield from console.render(part, options if wide else narrow)

    def _parts(self, options: ConsoleOptions) -> Iterator[RenderableType]:
        result, before = self.result, self.before
        name = f"{short(result.exercise)} {glyphs_for(options).bar} {harmless(result.title)}"
        yield Heading(f"{name}: before, and now")
        yield GAP
        if before is None:
            yield Hanging("", _NOTHING, 1)
            return
        yield Hanging(Text("Before: ", "failed"), prose(self._when()), 1)
        yield from self._shown(before, options)
        if self.now is None:
            yield Hanging("", prose(result.note or "Now there is nothing to run."), 1)
            return
        right = self.now.outcome is Outcome.PASSED
        words = "the same scenario with your code as it is." if right else "it still goes wrong."
        yield Hanging(Text("Now: ", "passed" if right else "failed"), words, 1)
        yield from self._shown(self.now, options)
        if right and result.learned:
            yield Hanging(Text("Learned: ", "label"), prose(result.learned), 1)

    def _when(self) -> str:
        if not self.at:
            return "the stub as it came, since nothing of yours has failed."
        try:
            then = datetime.fromisoformat(self.at)
        except ValueError:
            return "your code when it failed last."
        return f"your code when it failed last, on {then.day} {then:%b} at {then:%H:%M}."

    def _shown(self, check: CheckResult, options: ConsoleOptions) -> Iterator[RenderableType]:
        yield title(self.result, check, glyphs_for(options))
        yield from message(check)
        trace = check.observation.trace
        drawing = draw_raw(trace, finding_of(check))
        if trace is None or drawing is None:
            yield Hanging("", Text(_NOT_DRAWN, "aside"), 4)
            yield GAP
            return
        yield Hanging("", Text(scenario_words(trace), "aside"), 4)
        yield GAP
        yield Timeline(drawing)
        yield GAP
