"""The frame of the `watch` screen: the verdict above, the status and the keys below."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from grader.practice.state import Panel, State
from grader.render.foreign import harmless
from grader.render.glyphs import Glyphs, glyphs_for
from grader.render.layout import GAP, Hanging, Heading
from grader.render.words import STATES, counted, short
from grader.results import ExerciseResult, Outcome

__all__ = ["Header", "Help", "KeyLine", "Legend", "Said", "Status"]

_SLOW = 8  # redraw intervals of a run after which the wait is explained

_KEYS = (
    ("n", "next", "goes on to the next exercise; before this one passes it skips it for now"),
    ("h", "hint", "one hint more for the check that fails"),
    ("l", "list", "the exercises and how far each is; Enter goes on with one"),
    ("s", "solution", "the reference beside yours, once it passes"),
    ("t", "timeline", "what happened, drawn over virtual time"),
    ("m", "more", "the lesson's page on this: the idea, an example, a picture"),
    ("e", "edit", "opens the file in your editor ($VISUAL or $EDITOR)"),
    ("c", "check all", "grades every exercise"),
    ("x", "reset", "puts the stub back, after a question; your version is kept"),
    ("?", "help", "this page"),
    ("q", "quit", "ends; everything is kept"),
)
_LEAST = ("n", "h", "l", "?", "q", "Esc")  # keys that even the narrowest screen names
_OF_LIST = (("j k", "move"), ("Enter", "go on there"), ("f", "filter"), ("Esc", "back"))
_OF_PANEL = (("j k", "scroll"), ("Esc", "back"))
_OF_QUESTION = (("y", "yes"), ("n", "no"))


class Header:
    """The exercise, the course's progress, and the verdict."""

    def __init__(self, state: State) -> None:
        self.state = state

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        state, glyphs = self.state, glyphs_for(options)
        name = f"{short(state.current)} {glyphs.bar} {harmless(state.step.title)}"
        yield Heading(name, f"{state.done} of {len(state.course)} done")
        lines = (_verdict(state, glyphs, details=number) for number in (2, 1, 0))
        yield next((line for line in lines if line.cell_len <= options.max_width), Text(""))


def _verdict(state: State, glyphs: Glyphs, details: int) -> Text:
    """Return the verdict's line. details: how many of time graded and seed to add."""
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


class Status:
    """A message, above a rule that says which lines are in view."""

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
    """A question, an answer to a key, or a note on a long run. text: empty if there is none."""

    def __init__(self, state: State) -> None:
        self.text = _said(state)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.text.splitlines():
            yield Hanging("", Text(line, "label"))


def _said(state: State) -> str:
    if state.asking:
        missing = state.result is not None and state.result.outcome is Outcome.MISSING
        kept = "" if missing else " Your version is kept."
        return f"Put {short(state.current)} back as it came?{kept} y/n"
    if state.says:
        return harmless(state.says)
    if state.running and state.ticks >= _SLOW:
        return "This takes long. A hang is stopped by itself; a save starts over at once."
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
    """The keys that work now, as many as fit on a line."""

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


class Help:
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
    """How to use `watch` without a terminal, where keys are typed as lines."""

    def __init__(self, state: State) -> None:
        self.state = state

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        name = short(self.state.current)
        yield Hanging("", f"Watching: save a file and it is graded. Here is {name}.")
        keys = ", ".join(f"{key} {name}" for key, name, _ in _KEYS)
        yield Hanging("Type a letter and Enter: ", keys)
        yield Hanging("", "Typed again, the letter of a page, such as m, goes back from it.")
