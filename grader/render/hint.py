"""The screen of `hint`: one more hint for the check that fails now."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.checks import INDENT, message, title
from grader.render.exercise import heading, instead
from grader.render.glyphs import glyphs_for
from grader.render.invocation import Invocation
from grader.render.layout import GAP, Hanging
from grader.render.words import prose, short
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["Hint"]

FIRST_TO_EXPLAIN = 2  # from this hint on, a prediction is proposed before the next


class Hint:
    """A hint, with the check it is about above and the next step below.

    check: the one that the hint is for, None if no check has anything to say; level: the hint's
    number, from 1 (0 if the check has none); again: all hints were shown before; counted: only this one
    is shown, else all up to it.
    """

    def __init__(
        self,
        result: ExerciseResult,
        check: CheckResult | None,
        invocation: Invocation,
        *,
        level: int = 0,
        again: bool = False,
        counted: bool = True,
    ) -> None:
        self.result = result
        self.check = check
        self.invocation = invocation
        self.level = level
        self.again = again
        self.counted = counted

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        result, check = self.result, self.check
        yield heading(result, glyphs_for(options))
        yield GAP
        if result.outcome is not Outcome.FAILED:
            yield Hanging("", instead(result), 1)
            yield from self._put_back()
        elif check is not None:
            yield title(result, check, glyphs_for(options))
            yield from message(check)
        if check is not None:
            yield GAP
            yield from self._hint(check)

    def _put_back(self) -> RenderResult:
        if self.result.outcome is Outcome.MISSING:
            command = self.invocation.command(f"reset {short(self.result.exercise)}")
            yield Hanging("", Text.assemble("Have it put back: ", (command, "command")), 1)

    def _hint(self, check: CheckResult) -> RenderResult:
        if not self.level:
            yield Hanging("", "There is no hint for this beyond what it says above.", INDENT)
            return
        for level in range(self.level if self.counted else 1, self.level + 1):
            mark = Text(f"Hint {level} of {len(check.hints)}: ", "hint")
            yield Hanging(mark, prose(check.hints[level - 1]), INDENT)
        if check.matters and self.level == len(check.hints):
            yield GAP
            yield Hanging(Text("Why it matters: ", "hint"), prose(check.matters), INDENT)
        if not self.counted:
            return
        yield GAP
        yield Hanging("", self._onward(last=self.level == len(check.hints)), 1)

    def _onward(self, *, last: bool) -> Text:
        if self.again:
            return Text("You have had every hint for this; that was the last one again.", "aside")
        if last:
            return Text("That was the last hint for this.", "aside")
        name = short(self.result.exercise)
        command = self.invocation.command(f"hint {name}")
        more = Text.assemble(("One more, if you need it: ", "aside"), (command, "command"))
        if self.level < FIRST_TO_EXPLAIN:
            return more
        # Who has to say what happens first learns more from the next hint than who only reads it.
        predict = self.invocation.command(f"predict {name}")
        return Text.assemble(
            ("First say yourself what your code does: ", "aside"), (predict, "command"), "\n", more
        )
