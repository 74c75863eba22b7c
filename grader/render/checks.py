"""The checks of one exercise: a title each, and details of those that failed."""

from __future__ import annotations

from itertools import zip_longest

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.render.glyphs import Glyphs, glyphs_for
from grader.render.layout import GAP, Hanging
from grader.render.measures import measure, read, telling
from grader.render.prints import Prints
from grader.render.source import SourceLine
from grader.render.subgoals import by_subgoal, subgoal_line
from grader.render.timing import Timing
from grader.render.words import TAGS, prose
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["INDENT", "Checks", "in_short", "message", "recorded", "title"]

INDENT = 4
"""Indent of a check's details, in columns: less than its title's, which tells the two apart."""

_TITLES = 8


class Checks:
    """All checks of an exercise by subgoal; the first failure in full, the others in short."""

    def __init__(self, result: ExerciseResult) -> None:
        self.result = result

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(options)
        for subgoal, checks in by_subgoal(self.result.checks):
            if subgoal:
                yield subgoal_line(self.result.exercise, subgoal, checks)
            for check, following in zip_longest(checks, checks[1:]):
                yield title(self.result, check, glyphs)
                yield from self._below(check, following)
        yield from self._most_telling()

    def _below(self, check: CheckResult, following: CheckResult | None) -> RenderResult:
        """Return what stands below a title: nothing if the check passed."""
        if check is self.result.first_failure:
            yield _Evidence(self.result, check)
            yield from [GAP] if following or check is not self.result.checks[-1] else []
        elif check.outcome is Outcome.FAILED:
            yield from in_short(self.result, check)
        elif check.message and not (following and following.message == check.message):
            # One reason for consecutive checks that were not run because of it.
            yield Hanging("", prose(check.message, "not_run"), _TITLES + 2)

    def _most_telling(self) -> RenderResult:
        """Return the timing of the most telling check, if none failed."""
        seen = None if self.result.first_failure else telling(self.result.checks)
        trace = read(seen.observation.trace) if seen else None
        if seen and trace is not None:
            yield GAP
            yield Timing(measure(trace), seen.wall_ms, INDENT)


def title(result: ExerciseResult, check: CheckResult, glyphs: Glyphs) -> Hanging:
    """Return a check's title line: the outcome's sign, points, number and title.

    `timeline` takes the number.
    """
    outcome = check.outcome
    not_run = outcome is Outcome.NOT_RUN
    points = "" if not_run else f"{check.score}/{check.max_score}"
    mark = Text(f"{glyphs.of(outcome):<{len(glyphs.passed)}} {points:<3} ", outcome.value)
    number = [one.check for one in result.checks].index(check.check) + 1
    mark.append(f"{number:>2}. ", "aside")
    style = {Outcome.FAILED: "title", Outcome.NOT_RUN: "not_run"}.get(outcome, "")
    body = prose(check.title, style)
    tag = TAGS.get(check.why) if check.why and not not_run else None
    return Hanging(mark, body.append(f" ({tag})", "failed") if tag else body, 1)


class _Evidence:
    """Details of a failed check: message, source line, hint, prints and timing."""

    def __init__(self, result: ExerciseResult, check: CheckResult) -> None:
        self.result = result
        self.check = check

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        check = self.check
        yield from message(check)
        if check.line:
            yield GAP
            yield SourceLine(self.result.source, check.line, indent=INDENT, caret=check.caret)
        if check.hint:
            yield GAP
            label = f"Hint 1 of {len(check.hints)}: "
            yield Hanging(Text(label, "hint"), prose(check.hint), INDENT)
        yield from recorded(check)


def recorded(check: CheckResult) -> RenderResult:
    """Return what was recorded of a check's scenario: prints and timing."""
    trace = read(check.observation.trace)
    if trace is None:
        return
    if trace.of("print", "stderr"):
        yield GAP
        yield Prints(trace, INDENT)
    yield GAP
    yield Timing(measure(trace), check.wall_ms, INDENT)


def message(check: CheckResult) -> list[Hanging]:
    """Return a check's message, a paragraph per line: what was observed, what the contract asks."""
    lines = [line for line in check.message.splitlines() if line.strip()]
    return [Hanging("", prose(line), INDENT) for line in lines]


def in_short(result: ExerciseResult, check: CheckResult) -> RenderResult:
    """Return what stands below the title of a failure that is not the first."""
    yield from message(check)
    if check.line and not _already_shown(result, check):
        yield SourceLine(result.source, check.line, around=0, indent=INDENT, caret=check.caret)


def _already_shown(result: ExerciseResult, check: CheckResult) -> bool:
    """Return whether the first failure, shown in full above, is at the same line."""
    first = result.first_failure
    return first is not None and first.line == check.line
