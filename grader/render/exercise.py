"""One exercise in detail, whatever its outcome."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.checks import Checks
from grader.render.foreign import harmless
from grader.render.glyphs import Glyphs, glyphs_for
from grader.render.layout import GAP, Hanging, Heading
from grader.render.words import prose, short
from grader.results import ExerciseResult, Outcome

__all__ = ["Exercise", "heading", "instead"]


class Exercise:
    """An exercise with its checks, or one sentence if there are none to show."""

    def __init__(self, result: ExerciseResult) -> None:
        self.result = result

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield heading(self.result, glyphs_for(options))
        yield GAP
        if self.result.outcome in (Outcome.PASSED, Outcome.FAILED):
            yield Checks(self.result)
        else:
            yield Hanging("", instead(self.result), 1)
        yield GAP


def heading(result: ExerciseResult, glyphs: Glyphs) -> Heading:
    """Return the exercise's name, with the seed that repeats its failure."""
    failed = result.outcome is Outcome.FAILED and result.seed is not None
    title = f"{short(result.exercise)} {glyphs.bar} {harmless(result.title)}"
    return Heading(title, f"seed {result.seed}" if failed else "")


def instead(result: ExerciseResult) -> Text:
    """Return the sentence on an exercise that was not judged."""
    path = result.path or f"{result.exercise}.py"
    if result.outcome is Outcome.NOT_STARTED:
        return prose(f"Not started yet: `{path}` is as it came.")
    if result.outcome is Outcome.MISSING:
        return prose(f"There is no file `{path}`.")
    fault = "The grader could not judge this one. That is its fault, not yours."
    return prose(f"{fault} {result.note}".strip())
