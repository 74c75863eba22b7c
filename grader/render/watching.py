"""The screen of `watch`: what is known of one exercise, the most important of it first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from grader.practice.state import Filter, Panel, State, Step
from grader.render.checks import INDENT, Checks, in_short, message, recorded, title
from grader.render.columns import Columns
from grader.render.exercise import instead
from grader.render.foreign import harmless
from grader.render.glance import Glance
from grader.render.glyphs import Glyphs, glyphs_for
from grader.render.layout import GAP, Hanging, Heading
from grader.render.source import SourceLine
from grader.render.words import STATES, counted, prose, short
from grader.results import CheckResult, ExerciseResult, GradeReport, Outcome

__all__ = ["Header", "Hints", "KeyLine", "Legend", "Said", "Status", "body"]

_SLOW = 8  # moments of a run after which it is explained what that may mean

_KEYS = (
    ("n", "next", "goes on to the next exercise; before this one passes it skips it for now"),
    ("h", "hint", "one hint more for the check that fails"),
    ("l", "list", "the exercises and how far each is; Enter goes on with one"),
    ("s", "solution", "the reference beside yours, once it passes"),
    ("t", "timeline", "what happened, drawn over virtual time"),
    ("e", "edit", "opens the file in your editor ($VISUAL or $EDITOR)"),
    ("c", "check all", "grades every exercise"),
    ("x", "reset", "puts the stub back, after a question; your version is kept"),
    ("?", "help", "this page"),
    ("q", "quit", "ends; everything is kept"),
)
_LEAST = ("n", "h", "l", "?", "q", "Esc")  # keys that the narrowest screen still names
_OF_LIST = (("j k", "move"), ("Enter", "go on there"), ("f", "filter"), ("Esc", "back"))
_OF_PANEL = (("j k", "scroll"), ("Esc", "back"))
_OF_QUESTION = (("y", "yes"), ("n", "no"))


class Header:
    """Which exercise, how far the course is, and the verdict."""

    def __init__(self, state: State) -> None:
        self.state = state

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        state, glyphs = self.state, glyphs_for(options)
        name = f"{short(state.current)} {glyphs.bar} {harmless(state.step.title)}"
        yield Heading(name, f"{state.done} of {len(state.course)} done")
        lines = (_verdict(state, glyphs, details=number) for number in (2, 1, 0))
        yield next((line for line in lines if line.cell_len <= options.max_width), Text(""))


def _verdict(state: State, glyphs: Glyphs, details: int) -> Text:
    """How it is; details: how many of when it was graded, and with which seed, to add."""
    result = state.result
    if state.running and (state.ticks or result is None):
        return Text(f"{glyphs.running} {_running(state)}", "label")
    if state.trouble:
        return Text(f"{glyphs.ungraded} not graded", "ungraded")
    if result is None:
        return Text("no verdict: it was not graded yet", "aside")
    text = Text(f"{glyphs.of(result.outcome)} {_verdict_words(result)}", result.outcome.value)
    failed = result.outcome is Outcome.FAILED and result.seed is not None
    known = [f"graded {state.at}", *([f"seed {result.seed}"] if failed else [])][:details]
    return text.append(f"  ({', '.join(known)})", "aside") if known else text


def _verdict_words(result: ExerciseResult) -> str:
    passed = sum(check.outcome is Outcome.PASSED for check in result.checks)
    if result.outcome is Outcome.PASSED:
        return f"passed: {counted(passed, 'check')}, {counted(result.score, 'point')}"
    if result.outcome is Outcome.FAILED:
        return f"not yet: {passed} of {counted(len(result.checks), 'check')} pass"
    return STATES[result.outcome]


def body(state: State, panels: Mapping[Panel, RenderableType]) -> tuple[RenderableType, ...]:
    """What stands below the header: a part up to the hints, and what is less urgent.

    panels: what to show for the panels that other modules draw.
    """
    match state.panel:
        case Panel.LIST:
            return (_Course(state),)
        case Panel.HELP:
            return (_Help(),)
        case Panel.ALL:
            seeds = [one.seed for one in state.all_results if one.seed is not None]
            return (Glance(GradeReport(seeds[0] if seeds else 0, state.all_results)),)
        case Panel.REPORT:
            return _Main(state), _Further(state)
        case panel:
            return (panels[panel],)


class _Main:
    """What to know first: the failure and its hints, or how to go on."""

    def __init__(self, state: State) -> None:
        self.state = state

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        state, result = self.state, self.state.result
        if state.trouble:
            yield Hanging("", prose(state.trouble), 1)
            yield Hanging("", "Save the file again to have another try.", 1)
        elif result is None:
            return
        elif result.outcome is Outcome.PASSED:
            yield from self._passed()
        elif result.first_failure is not None:
            yield from _failure(result, result.first_failure, glyphs_for(options))
        else:
            yield Hanging("", instead(result), 1)
            yield from self._instead(result)
        if not state.trouble and state.stuck_at is not None:
            yield from Hints(state.stuck_at, state.hints, again=state.again).lines()

    def _instead(self, result: ExerciseResult) -> RenderResult:
        if result.outcome is Outcome.NOT_STARTED:
            path = result.path
            yield Hanging("", prose(f"Open `{path}` (e): its first lines are the task."), 1)
        elif result.outcome is Outcome.MISSING:
            yield Hanging("", Text.assemble(("x", "command"), " has the stub put back."), 1)

    def _passed(self) -> RenderResult:
        state = self.state
        following = state.following
        if following is None:
            count = counted(len(state.course), "exercise")
            yield Hanging("", f"All {count} done. Well done, and thank you!", 1)
            return
        yield Hanging("", f"Well done! {state.done} of {len(state.course)} done.", 1)
        onward = f"{short(following.exercise)}, {harmless(following.title)}."
        yield Hanging("", Text.assemble(("n", "command"), f" goes on to {onward}"), 1)


def _failure(result: ExerciseResult, check: CheckResult, glyphs: Glyphs) -> RenderResult:
    yield title(check, glyphs)
    yield from message(check)
    if check.line:
        yield GAP
        yield SourceLine(result.source, check.line, indent=INDENT)


class Hints:
    """The hints on a check that were given so far, from the gentlest on."""

    def __init__(self, check: CheckResult, level: int, *, again: bool = False) -> None:
        self.check = check
        self.level = level
        self.again = again

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.lines()

    def lines(self) -> Iterable[RenderableType]:
        """The hints, below an empty line; nothing before the first."""
        of = len(self.check.hints)
        yield from [GAP] if self.level else []
        for number, hint in enumerate(self.check.hints[: self.level], 1):
            yield Hanging(Text(f"Hint {number} of {of}: ", "hint"), prose(hint), INDENT)
        if self.again:
            yield Hanging("", Text("You have had every hint for this.", "aside"), INDENT)


class _Further:
    """What is less urgent: prints and timing of the failure, and the other checks."""

    def __init__(self, state: State) -> None:
        self.result = None if state.trouble else state.result

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        result = self.result
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
        for check in others:
            yield title(check, glyphs_for(options))
            if check.outcome is Outcome.FAILED:
                yield from in_short(result, check)


class _Course:
    """The list: a row an exercise, the cursor at one of them."""

    def __init__(self, state: State) -> None:
        self.state = state

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        state, glyphs = self.state, glyphs_for(options)
        words = {Filter.ALL: "all", Filter.DONE: "those done", Filter.PENDING: "those not done yet"}
        yield Text(f"Exercises: {words[state.shown]}", "label")
        yield GAP
        columns = Columns(("", "Exercise", "Title", "State", "Points"), wraps=2, numbers=1)
        for place, entry in enumerate(state.listed):
            columns.add(*_row(entry, glyphs, here=place == state.cursor))
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


class _Help:
    """What each key does."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Hanging("", "Save the file, and it is graded. Meanwhile and at any time:")
        yield GAP
        for key, _name, purpose in _KEYS:
            yield Hanging(Text(f"{key}  ", "command"), purpose, 2)
        yield GAP
        moves = "j k, arrows, Space, PgUp and PgDn scroll; g and G go to the ends."
        yield Hanging("", Text(moves, "aside"))


class Legend:
    """How to use a watch that is typed to in lines."""

    def __init__(self, state: State) -> None:
        self.state = state

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        name = short(self.state.current)
        yield Hanging("", f"Watching: save a file and it is graded. Here is {name}.")
        keys = ", ".join(f"{key} {name}" for key, name, _ in _KEYS)
        yield Hanging("Type a letter and Enter: ", keys)


class Status:
    """What there is to say, above a line across the screen that says how much is out of view."""

    def __init__(self, state: State) -> None:
        self.state = state

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        state, glyphs = self.state, glyphs_for(options)
        yield Said(state)
        aside = ""
        if state.lines > state.page:
            last = min(state.lines, state.scroll + state.page)
            aside = f"lines {state.scroll + 1}{glyphs.to}{last} of {state.lines}, j k scroll"
        yield _Rule(aside)


class Said:
    """A question, an answer to a key, or how far a run is. text: empty when there is none."""

    def __init__(self, state: State) -> None:
        self.text = _said(state)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.text.splitlines():
            yield Hanging("", Text(line, "label"))


def _said(state: State) -> str:
    if state.asking:
        return f"Put {short(state.current)} back as it came? Your version is kept. y/n"
    if state.says:
        return harmless(state.says)
    if state.running and state.ticks >= _SLOW:
        return "This takes long: it may hang. Just save a better version."
    return ""


def _running(state: State) -> str:
    progress = state.progress
    if progress is None:
        return "grading"
    name = f"{short(progress.exercise)}, " if len(state.running) > 1 else ""
    return f"grading: {name}check {progress.done + 1} of {progress.checks}"


class _Rule:
    """A line across the screen, with an aside on the right."""

    def __init__(self, aside: str = "") -> None:
        self.aside = aside

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rule = glyphs_for(options).rule
        aside = f" {self.aside} {rule * 2}" if self.aside else ""
        room = max(0, options.max_width - len(aside))
        yield Text.assemble((rule * room, "rule"), (aside[: options.max_width], "aside"))


class KeyLine:
    """The keys that do something now, as many as fit on a line."""

    def __init__(self, state: State) -> None:
        self.state = state

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        keys = _keys(self.state)
        while _width(keys) > options.max_width and len(keys) > 1:
            spare = [key for key in keys if key[0] not in _LEAST]
            keys.remove(spare[-1] if spare else keys[-1])
        line = Text("  ").join(Text.assemble((key, "command"), f" {name}") for key, name in keys)
        line.truncate(options.max_width)
        yield line


def _keys(state: State) -> list[tuple[str, str]]:
    if state.asking:
        return list(_OF_QUESTION)
    if state.panel is Panel.LIST:
        return [*_OF_LIST, ("q", "quit")]
    if state.panel is not Panel.REPORT:
        return [*_OF_PANEL, ("n", "next"), ("q", "quit")]
    passed = state.passed
    useless = {"h"} if passed else {"s"}
    names = {"n": "next" if passed else "skip"}
    return [(key, names.get(key, name)) for key, name, _ in _KEYS if key not in useless]


def _width(keys: list[tuple[str, str]]) -> int:
    return sum(len(key) + 1 + len(name) for key, name in keys) + 2 * (len(keys) - 1)
