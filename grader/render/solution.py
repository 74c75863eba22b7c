"""The screen of `solution`: the reference beside the learner's code, and the pattern's uses."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from grader.render.comparison import Comparison
from grader.render.glyphs import glyphs_for
from grader.render.invocation import Invocation
from grader.render.layout import GAP, Hanging, Heading, aligned
from grader.render.timeline.draw import draw_raw
from grader.render.timeline.scene import finding_of
from grader.render.timeline.telling import telling_check
from grader.render.timeline.view import Timeline
from grader.render.words import counted, prose, short
from grader.results import ExerciseResult, Outcome

__all__ = ["Declined", "Lesson", "Solution", "pictures"]


@dataclass(frozen=True)
class Lesson:
    """The uses of an exercise's pattern. read_next: titles with their addresses."""

    in_production: str
    read_next: tuple[tuple[str, str], ...] = ()


class Solution:
    """An exercise's reference, as a diff from the learner's code.

    pictures: timelines of both, each with its heading.
    """

    def __init__(
        self,
        result: ExerciseResult,
        reference: str,
        lesson: Lesson,
        pictures: tuple[tuple[str, RenderableType], ...] = (),
    ) -> None:
        self.result = result
        self.reference = reference
        self.lesson = lesson
        self.pictures = pictures

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        result = self.result
        bar = glyphs_for(options).bar
        yield Heading(f"{short(result.exercise)} {bar} {result.title}: the reference")
        yield GAP
        yield from self._difference()
        for heading, picture in self.pictures:
            yield GAP
            yield Hanging("", Text(heading, "label"), 1)
            yield picture
        yield GAP
        yield Hanging("", Text("In production", "label"), 1)
        yield Hanging("", prose(self.lesson.in_production), 1)
        if self.lesson.read_next:
            yield GAP
            yield Hanging("", Text("To read next", "label"), 1)
        for title, address in self.lesson.read_next:
            yield Hanging("- ", prose(title), 1)
            yield Hanging("", Text(address, "code"), 3)

    def _difference(self) -> RenderResult:
        result = self.result
        if not result.source:
            yield Hanging("", prose(f"There is no `{result.path}` to compare it with."), 1)
        difference = Comparison(result.source, self.reference)
        if difference.same:
            yield Hanging("", "Yours is the reference, line by line.", 1)
            return
        yield Hanging("- ", prose(f"in `{result.path}` only"), 1)
        yield Hanging("+ ", "in the reference only", 1)
        yield GAP
        yield difference


def pictures(
    theirs: ExerciseResult, model: ExerciseResult
) -> tuple[tuple[str, RenderableType], ...]:
    """Return both timelines of the learner's most telling scenario, each with its heading."""
    check = telling_check(theirs)
    drawn = []
    for whose, result in (("yours", theirs), ("the reference", model)):
        same = [one for one in result.checks if check is not None and one.check == check.check]
        for one in same:
            drawing = draw_raw(one.observation.trace, finding_of(one))
            if drawing is not None:
                drawn.append((f"{one.title} In time, {whose}:", Timeline(drawing)))
    return tuple(drawn)


class Declined:
    """The screen before a pass: the reference comes afterwards, or with `--spoil`."""

    def __init__(self, result: ExerciseResult, invocation: Invocation) -> None:
        self.result = result
        self.invocation = invocation

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        name = short(self.result.exercise)
        yield Hanging("", prose(f"{name} does not pass yet{_how_far(self.result)}."))
        yield Hanging(
            "",
            "The reference tells most when you have found a way of your own: then it is shown "
            "beside yours. Until then:",
        )
        commands = (
            (self.invocation.command(f"hint {name}"), "one hint more"),
            (self.invocation.command(f"solution {name} --spoil"), "show it all the same"),
        )
        yield from aligned(commands, options.max_width, indent=6)


def _how_far(result: ExerciseResult) -> str:
    passed = sum(check.outcome is Outcome.PASSED for check in result.checks)
    if result.outcome is not Outcome.FAILED:
        return ""
    return f": {passed} of {counted(len(result.checks), 'check')} {'do' if passed != 1 else 'does'}"
