"""The screen of `timeline`: one exercise's most telling scenario, and the pictures beside it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from grader.render.checks import message, title
from grader.render.exercise import heading, instead
from grader.render.glyphs import glyphs_for
from grader.render.herd import Herd
from grader.render.herd_view import HerdView
from grader.render.layout import GAP, Hanging
from grader.render.measures import read
from grader.render.ruler import ruler
from grader.render.ruler_view import RulerView
from grader.render.timeline.draw import draw_raw
from grader.render.timeline.scene import finding_of, no_timeline, scenario_words
from grader.render.timeline.telling import telling_check
from grader.render.timeline.view import WIDEST, Timeline
from grader.render.words import prose
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["TimelineScreen"]

NARROW = 100  # the most columns for plain text


class TimelineScreen:
    """The timeline of `check`, or of the exercise's most telling check.

    herd: what 100 clients did, in the exercise about that.

    The attribute `widest` is the most columns that it can use.
    """

    widest = WIDEST

    def __init__(
        self, result: ExerciseResult, check: CheckResult | None = None, herd: Herd | None = None
    ) -> None:
        self.result = result
        self.check = check or telling_check(result)
        self.herd = herd

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        narrow = options.update(width=min(NARROW, options.max_width))
        for part in self._words(options):
            yield from console.render(part, narrow)
        yield GAP
        yield from self._pictures()
        if self.herd is not None:
            yield HerdView(self.herd)

    def _words(self, options: ConsoleOptions) -> Iterator[RenderableType]:
        """Yield the text above the pictures: the exercise, the check, its message, the scenario."""
        result, check = self.result, self.check
        yield heading(result, glyphs_for(options))
        yield GAP
        if result.outcome is Outcome.NOT_STARTED and check is not None:
            yield Hanging("", instead(result).append(" This is what it does:"), 1)
            yield GAP
        if check is None or result.outcome in (Outcome.MISSING, Outcome.UNGRADED):
            return
        yield title(result, check, glyphs_for(options))
        yield from message(check)
        if check.observation.trace is not None:
            yield Hanging("", Text(scenario_words(check.observation.trace), "aside"), 4)

    def _pictures(self) -> Iterator[RenderableType]:
        check = self.check
        trace = check.observation.trace if check is not None else None
        drawing = draw_raw(trace, finding_of(check)) if check is not None else None
        if drawing is None:
            yield Hanging("", prose(no_timeline(self.result, check)), 1)
            yield GAP
            return
        yield Timeline(drawing)
        yield GAP
        known = read(trace)
        beside = ruler(known) if known is not None else None
        if beside is not None:
            yield RulerView(beside)
            yield GAP
