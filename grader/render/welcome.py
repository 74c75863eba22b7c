"""The welcome of the first start: how the course is worked through, and what comes of the first stub."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from grader.render.foreign import harmless
from grader.render.invocation import Invocation
from grader.render.layout import GAP, Hanging, Heading, aligned
from grader.render.timeline.draw import draw_raw
from grader.render.timeline.scene import finding_of
from grader.render.timeline.telling import telling_check
from grader.render.timeline.view import Timeline
from grader.render.words import prose, short
from grader.results import ExerciseResult

__all__ = ["Step", "Steps", "Welcome", "as_it_comes", "by_command", "by_key"]

_INDENT = 1
_BESIDE = 3  # blanks between what to type and what it is for


@dataclass(frozen=True)
class Step:
    """A step of the learner's loop: its name, what to type or press for it, and what that does."""

    name: str
    typed: str
    does: str


def by_command(result: ExerciseResult, invocation: Invocation) -> tuple[Step, ...]:
    """Return the steps as commands to type."""
    name = short(result.exercise)
    return (
        Step("Open", result.path, "its first lines are the task"),
        Step("Save", invocation.command("watch"), "has it graded at every save"),
        Step("Look", invocation.command(f"timeline {name}"), "draws what your code did, and when"),
        Step("Ask", invocation.command(f"hint {name}"), "one hint more, when you are stuck"),
    )


def by_key(result: ExerciseResult) -> tuple[Step, ...]:
    """Return the steps as keys of `watch`."""
    return (
        Step("Open", result.path, "its first lines are the task"),
        Step("Save", "the file", "and its verdict stands here"),
        Step("Look", "t", "draws what your code did, and when"),
        Step("Ask", "h", "one hint more, when you are stuck"),
    )


class Steps:
    """The loop, a step after the other; what it is for stands beside it, or below."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self.steps = steps

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Hanging("", "You need four things, again and again:", _INDENT)
        yield GAP
        typed = max(len(step.typed) for step in self.steps)
        names = max(len(step.name) for step in self.steps)
        longest = max(len(step.does) for step in self.steps)
        head = _INDENT + len("1. ") + names + 2
        beside = head + typed + _BESIDE + longest <= options.max_width
        for number, step in enumerate(self.steps, 1):
            mark = Text.assemble((f"{number}. ", "aside"), (f"{step.name:<{names}}  ", "label"))
            body = Text(harmless(step.typed), "command")
            if beside:
                body.append(f"{'':{typed - len(step.typed) + _BESIDE}}{step.does}", "aside")
            yield Hanging(mark, body, _INDENT)
            if not beside:
                yield Hanging("", Text(step.does, "aside"), head)


class Welcome:
    """The whole welcome, for `grade`. result: the untouched first exercise, whose checks were run."""

    def __init__(self, result: ExerciseResult, invocation: Invocation) -> None:
        self.result = result
        self.invocation = invocation

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Heading("Welcome")
        yield GAP
        yield Steps(by_command(self.result, self.invocation))
        yield GAP
        yield from as_it_comes(self.result)
        yield GAP
        yield Hanging(Text("Next: ", "label"), prose(f"open `{self.result.path}`"))
        lesson = self.invocation.command("lesson start")
        yield from aligned([(lesson, "if tasks and queues are new to you")], options.max_width, 6)


def as_it_comes(result: ExerciseResult) -> Iterator[RenderableType]:
    """Yield the timeline of an untouched stub, below a line that says so; nothing if it has none."""
    check = telling_check(result)
    drawing = draw_raw(check.observation.trace, finding_of(check)) if check is not None else None
    if drawing is None:
        return
    name = f"{short(result.exercise)}, {harmless(result.title)}"
    yield Hanging("", prose(f"This is what {name}, does as it comes:"), _INDENT)
    yield GAP
    yield Timeline(drawing)
