"""The checks of one exercise: a title each, and what there is to say on those that failed."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.glyphs import Glyphs, glyphs_for
from grader.render.layout import GAP, Hanging
from grader.render.measures import measure, read, telling
from grader.render.prints import Prints
from grader.render.source import SourceLine
from grader.render.timing import Timing
from grader.render.words import TAGS, counted, prose
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["INDENT", "Checks", "message", "title"]

INDENT = 4


class Checks:
    """Every check of an exercise; the first that failed in full, any further one in short."""

    def __init__(self, result: ExerciseResult) -> None:
        self.result = result

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        first = self.result.first_failure
        for check in self.result.checks:
            yield title(check, glyphs)
            if check is first:
                yield _Evidence(self.result, check)
            elif check.outcome is Outcome.FAILED:
                yield from _in_short(self.result, check)
        if first is None and (seen := telling(self.result.checks)) is not None:
            yield GAP
            yield from _timing(seen)


def title(check: CheckResult, glyphs: Glyphs) -> Hanging:
    """A check's title behind the sign of its outcome, with its points after it."""
    outcome = check.outcome
    mark = Text(f"{glyphs.of(outcome):<{len(glyphs.passed)}} ", outcome.value)
    if outcome is Outcome.NOT_RUN:
        reason = f" ({check.message})" if check.message else ""
        return Hanging(mark, prose(f"{check.title}: not run{reason}", "not_run"), 1)
    body = prose(check.title, "title" if outcome is Outcome.FAILED else "")
    body.append(f"  {_points(check)}", "aside")
    return Hanging(mark, body, 1)


def _points(check: CheckResult) -> str:
    if check.outcome is Outcome.PASSED:
        return counted(check.max_score, "point")
    tag = TAGS.get(check.why) if check.why else None
    return f"0/{check.max_score}" + (f", {tag}" if tag else "")


class _Evidence:
    """What was seen where one check failed: the message, the line, a hint, prints, timing."""

    def __init__(self, result: ExerciseResult, check: CheckResult) -> None:
        self.result = result
        self.check = check

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        check = self.check
        yield from message(check)
        if check.line:
            yield GAP
            yield SourceLine(self.result.source, check.line, indent=INDENT)
        if check.hint:
            yield GAP
            yield Hanging(Text("Hint: ", "hint"), prose(check.hint), INDENT)
        trace = read(check.observation.trace)
        if trace is not None and trace.of("print", "stderr"):
            yield GAP
            yield Prints(trace, INDENT)
        if trace is not None:
            yield GAP
            yield from _timing(check)
        yield GAP


def message(check: CheckResult) -> list[Hanging]:
    """What was observed, and below it what the contract asks: a paragraph a line."""
    lines = [line for line in check.message.splitlines() if line.strip()]
    return [Hanging("", prose(line), INDENT) for line in lines]


def _in_short(result: ExerciseResult, check: CheckResult) -> RenderResult:
    yield from message(check)
    if check.line and not _already_shown(result, check):
        yield SourceLine(result.source, check.line, around=0, indent=INDENT)


def _already_shown(result: ExerciseResult, check: CheckResult) -> bool:
    """Whether the failure above in full is at the same line."""
    first = result.first_failure
    return first is not None and first.line == check.line


def _timing(check: CheckResult) -> RenderResult:
    trace = read(check.observation.trace)
    if trace is not None:
        yield Timing(measure(trace), check.wall_ms, INDENT)
