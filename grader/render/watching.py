"""The body of the `watch` screen: one exercise, the most important first, or the list."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from grader.practice.state import Filter, Panel, State, Step
from grader.render.checks import INDENT, Checks, in_short, message, recorded, title
from grader.render.columns import Columns
from grader.render.exercise import instead
from grader.render.foreign import harmless
from grader.render.frame import Help
from grader.render.glance import Glance
from grader.render.glyphs import Glyphs, glyphs_for
from grader.render.layout import GAP, Hanging
from grader.render.source import SourceLine
from grader.render.subgoals import by_subgoal, subgoal_line
from grader.render.tracks import by_track, track_line
from grader.render.welcome import Steps, as_it_comes, by_key
from grader.render.words import STATES, counted, prose, short
from grader.results import CheckResult, ExerciseResult, GradeReport, Outcome

__all__ = ["Hints", "body"]

MOST_MENDED = 2  # checks that are shown with what was wrong before
STUCK = 5  # verdicts in a row on the same problem


def body(state: State, panels: Mapping[Panel, RenderableType]) -> tuple[RenderableType, ...]:
    """Return what stands below the header: a part up to the hints, then what is less urgent.

    panels: views of the panels that other modules draw.
    """
    match state.panel:
        case Panel.LIST:
            return (_Course(state),)
        case Panel.HELP:
            return (Help(),)
        case Panel.ALL:
            seeds = [one.seed for one in state.all_results if one.seed is not None]
            tracks = {step.exercise: step.track for step in state.course}
            report = GradeReport(seeds[0] if seeds else 0, state.all_results)
            return (Glance(report, tracks),)
        case Panel.REPORT:
            return _Main(state), _Further(state)
        case panel:
            return (panels[panel],)


class _Main:
    """The most important: the failure and its hints, or the next step."""

    def __init__(self, state: State) -> None:
        self.state = state

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        state, result = self.state, self.state.result
        if not state.trouble:
            yield from _mended(state.mended, glyphs_for(options))
        if state.trouble:
            yield Hanging("", prose(state.trouble), 1)
            yield Hanging("", "Save the file again to have another try.", 1)
        elif result is None:
            return
        elif state.welcomes:
            yield Hanging(
                "", f"Welcome to the course, {counted(len(state.course), 'exercise')}.", 1
            )
            yield Steps(by_key(result))
        elif result.outcome is Outcome.PASSED:
            yield from self._passed()
        elif result.first_failure is not None and result.outcome is Outcome.FAILED:
            yield from _failure(result, result.first_failure, glyphs_for(options))
        else:
            yield Hanging("", instead(result), 1)
            yield from self._instead(result)
        if not state.trouble and state.stuck_at is not None:
            yield from Hints(state.stuck_at, state.hints, again=state.again).lines()
            yield from _the_same_again(state)

    def _instead(self, result: ExerciseResult) -> RenderResult:
        if result.outcome is Outcome.NOT_STARTED:
            path = result.path
            yield Hanging("", prose(f"Open `{path}` (e): its first lines are the task."), 1)
            yield Hanging("", Text.assemble(("m", "command"), " tells more about it."), 1)
        elif result.outcome is Outcome.MISSING:
            yield Hanging("", Text.assemble(("x", "command"), " has the stub put back."), 1)

    def _passed(self) -> RenderResult:
        state, result = self.state, self.state.result
        if result is not None and result.learned:
            yield Hanging(Text("Learned: ", "label"), prose(result.learned), 1)
            yield GAP
        looks = Text.assemble(("s", "command"), " solution: the reference beside yours   ")
        looks.append_text(Text.assemble(("t", "command"), " timeline: what yours did when"))
        yield Hanging("", looks, 1)
        if result is not None:
            before = f"timeline {short(result.exercise)} --before"
            why = ", as a command of its own: what failed, before and now"
            yield Hanging("", Text.assemble((before, "command"), why), 1)
        following = state.following
        if following is None:
            count = counted(len(state.course), "exercise")
            yield Hanging("", f"All {count} done, {_every_point(state)}. Well done!", 1)
            again = " goes through them again; what you built is yours to take along."
            yield Hanging("", Text.assemble(("n", "command"), again), 1)
            return
        onward = f" next: {short(following.exercise)}, {harmless(following.title)}"
        yield Hanging("", Text.assemble(("n", "command"), onward), 1)


def _mended(checks: Sequence[CheckResult], glyphs: Glyphs) -> RenderResult:
    """What is better now than in the verdict before, with what was wrong then."""
    for check in checks[:MOST_MENDED]:
        mark = Text(f"{glyphs.passed} Now right: ", "passed")
        yield Hanging(mark, prose(check.title), 1)
        was = check.message.partition("\n")[0]
        if was:
            yield Hanging(Text("before: ", "aside"), Text(harmless(was), "aside"), INDENT)
    more = len(checks) - MOST_MENDED
    if more > 0:
        yield Hanging("", f"and {more} more", INDENT)
    if checks:
        yield GAP


def _the_same_again(state: State) -> RenderResult:
    """Another way to look at it, after several verdicts on the same problem."""
    if state.alike >= STUCK and state.result is not None:
        yield GAP
        words = Text.assemble(
            (f"The same problem in {state.alike} verdicts now. See what your code does: ", "aside"),
            ("t", "command"),
            ("; or say it first: ", "aside"),
            (f"predict {short(state.result.exercise)}", "command"),
            (", as a command of its own.", "aside"),
        )
        yield Hanging("", words, 1)


def _every_point(state: State) -> str:
    return counted(sum(step.score for step in state.course), "point")


def _failure(result: ExerciseResult, check: CheckResult, glyphs: Glyphs) -> RenderResult:
    yield title(result, check, glyphs)
    yield from message(check)
    if check.line:
        yield GAP
        yield SourceLine(result.source, check.line, indent=INDENT, caret=check.caret)


class Hints:
    """The hints given on a check so far, the gentlest first."""

    def __init__(self, check: CheckResult, level: int, *, again: bool = False) -> None:
        self.check = check
        self.level = level
        self.again = again

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.lines()

    def lines(self) -> Iterable[RenderableType]:
        """Return the hints below an empty line; nothing before the first one."""
        of = len(self.check.hints)
        yield from [GAP] if self.level else []
        for number, hint in enumerate(self.check.hints[: self.level], 1):
            yield Hanging(Text(f"Hint {number} of {of}: ", "hint"), prose(hint), INDENT)
        if self.again:
            yield Hanging("", Text("You have had every hint for this.", "aside"), INDENT)


class _Further:
    """The less urgent: prints and timing of the failure, and the other checks."""

    def __init__(self, state: State) -> None:
        self.result = None if state.trouble else state.result
        self.welcomes = state.welcomes

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        result = self.result
        if result is not None and self.welcomes:
            yield GAP
            yield from as_it_comes(result)
            return
        if result is None or result.outcome not in (Outcome.PASSED, Outcome.FAILED):
            return
        first = result.first_failure
        if first is None:
            yield GAP
            yield Checks(result)
            return
        yield from recorded(first)
        others = [check for check in result.checks if check is not first]
        yield from [GAP] if others else []
        for subgoal, checks in by_subgoal(result.checks):
            below = [check for check in checks if check is not first]
            if subgoal and below:
                yield subgoal_line(result.exercise, subgoal, checks)
            for check in below:
                yield title(result, check, glyphs_for(options))
                if check.outcome is Outcome.FAILED:
                    yield from in_short(result, check)


class _Course:
    """The list: a row per exercise, with the cursor at one of them."""

    def __init__(self, state: State) -> None:
        self.state = state

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        state, glyphs = self.state, glyphs_for(options)
        words = {Filter.ALL: "all", Filter.DONE: "those done", Filter.PENDING: "those not done yet"}
        yield Text(f"Exercises: {words[state.shown]}", "label")
        yield GAP
        columns = Columns(("", "Exercise", "Title", "State", "Points"), wraps=2, numbers=1)
        place = itertools.count()
        for track, entries in by_track(state.listed, lambda entry: entry.track):
            if track:
                done = sum(entry.done for entry in entries)
                columns.head(track_line(track, f"{done} of {len(entries)} done"))
            for entry in entries:
                columns.add(*_row(entry, glyphs, here=next(place) == state.cursor))
        yield columns if state.listed else Text("None.")


def _row(entry: Step, glyphs: Glyphs, *, here: bool) -> tuple[Text, ...]:
    if entry.outcome is None:
        state = Text("  never graded", "aside")
    else:
        sign = f"{glyphs.of(entry.outcome):<{len(glyphs.passed)}}"
        state = Text(f"{sign} {STATES[entry.outcome]}", entry.outcome.value)
    return (
        Text(glyphs.here if here else "", "command"),
        Text(short(entry.exercise), "title"),
        prose(entry.title, "marked" if here else ""),
        state,
        Text(f"{entry.score}/{entry.max_score}" if entry.outcome else ""),
    )
