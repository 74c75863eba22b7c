"""The screen of `hint`: one more hint for the check that fails now."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.checks import INDENT, message, title
from grader.render.exercise import heading, instead
from grader.render.glyphs import glyphs_for
from grader.render.layout import GAP, Hanging
from grader.render.words import Invocation, prose, short
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["GivenHint", "Hint"]


@dataclass(frozen=True)
class GivenHint:
    """One hint for one exercise.

    check: the one that the hint is for, None where no check has anything to say; level: which of
    its hints, from 1 (0 when it has none); again: all of them were shown before.
    """

    result: ExerciseResult
    check: CheckResult | None = None
    level: int = 0
    again: bool = False


class Hint:
    """A hint, with what it is about above it and the way on below it."""

    def __init__(self, given: GivenHint, invocation: Invocation) -> None:
        self.given = given
        self.invocation = invocation

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        result, check = self.given.result, self.given.check
        yield heading(result, glyphs_for(options))
        yield GAP
        if result.outcome is not Outcome.FAILED:
            yield Hanging("", instead(result), 1)
        elif check is not None:
            yield title(check, glyphs_for(options))
            yield from message(check)
        if check is not None:
            yield GAP
            yield from self._hint(check)

    def _hint(self, check: CheckResult) -> RenderResult:
        given, all_of_them = self.given, len(check.hints)
        if not given.level:
            yield Hanging("", "There is no hint for this beyond what it says above.", INDENT)
            return
        mark = Text(f"Hint {given.level} of {all_of_them}: ", "hint")
        yield Hanging(mark, prose(check.hints[given.level - 1]), INDENT)
        yield GAP
        yield Hanging("", self._onward(all_of_them), 1)

    def _onward(self, all_of_them: int) -> Text:
        name = short(self.given.result.exercise)
        if self.given.again:
            return Text("You have had every hint for this; that was the last one again.", "aside")
        if self.given.level == all_of_them:
            return Text("That was the last hint for this.", "aside")
        command = (self.invocation.command(f"hint {name}"), "command")
        return Text.assemble(("One more, if you need it: ", "aside"), command)
