"""The displays of `watch`: the whole screen of a terminal, or lines where there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol

from rich.console import Console, RenderableType

from grader.cli import panels
from grader.cli.screen import WIDEST, open_console
from grader.practice.events import Event, Fitted, Pressed, Resized
from grader.practice.keys import Keys, LineKeys
from grader.practice.state import Panel, State
from grader.practice.terminal import Terminal, open_terminal
from grader.render.frame import Header, KeyLine, Legend, Said, Status
from grader.render.watching import Hints, body

__all__ = ["Display", "open_display"]

UNBOUNDED = 1_000_000  # lines that fit on an endless display


class Display(Protocol):
    """Shows states: `fit` measures one, `draw` shows it."""

    def fit(self, state: State) -> Fitted: ...

    def draw(self, state: State) -> None: ...

    def lend(self) -> bool:
        """Lend the terminal to another program; False if its keys would be read as ours."""

    def take_back(self) -> None:
        """Take the terminal back from the other program."""

    def suspend(self) -> None:
        """Stop until the shell resumes us."""


@contextmanager
def open_display(post: Callable[[Event], None]) -> Iterator[Display]:
    """Yield the display that suits standard input and output; it also posts keys."""
    found = open_terminal(lambda key: post(Pressed(key)), lambda: post(Resized()))
    if found is None:
        keys = LineKeys(0, lambda key: post(Pressed(key)))
        keys.start()
        yield _Lines()
        keys.stop()
        return
    terminal, keys_of_terminal = found
    with terminal:
        screen = _Screen(terminal, keys_of_terminal)
        keys_of_terminal.start()
        try:
            yield screen
        finally:
            keys_of_terminal.stop()


class _Screen:
    """The whole screen: a header, as much of the body as fits, and the keys."""

    def __init__(self, terminal: Terminal, keys: Keys) -> None:
        self._terminal = terminal
        self._keys = keys
        self._console: Console | None = None  # of the present width
        # What the body was rendered from, and its width.
        self._drawn: tuple[State, int] | None = None
        self._body: list[str] = []
        self._first = 0  # lines in the body's first part

    def fit(self, state: State) -> Fitted:
        drawn = _of_body(state), self._terminal.size[0]
        if drawn != self._drawn:  # rendering takes tens of milliseconds
            parts = [self._lines(part) for part in body(state, _panels(state))]
            self._body = [line for part in parts for line in part]
            self._first = len(parts[0])
            self._drawn = drawn
        return Fitted(self._page(state), len(self._body), self._first)

    def draw(self, state: State) -> None:
        window = self._body[state.scroll : state.scroll + state.page]
        blank = [""] * (state.page - len(window))
        header, footer = self._frame(state)
        lines = [*header, "", *window, *blank, *footer]
        self._terminal.draw(lines[: self._terminal.size[1]])

    def lend(self) -> bool:
        self._keys.stop()
        self._terminal.lend()
        return True

    def take_back(self) -> None:
        if self._terminal.taken:  # the editor had a window of its own
            return
        self._terminal.take_back()
        self._keys.start()

    def suspend(self) -> None:
        self._terminal.suspend()

    def _page(self, state: State) -> int:
        header, footer = self._frame(state)
        return max(1, self._terminal.size[1] - len(header) - 1 - len(footer))

    def _frame(self, state: State) -> tuple[list[str], list[str]]:
        return self._lines(Header(state)), [
            *self._lines(Status(state)),
            *self._lines(KeyLine(state)),
        ]

    def _lines(self, view: RenderableType) -> list[str]:
        """Render a view to lines, with control sequences for its styles."""
        width = min(WIDEST, self._terminal.size[0])
        if self._console is None or self._console.width != width:
            self._console = open_console()
            self._console.width = width
        console = self._console
        with console.capture() as captured:
            console.print(view)
        return captured.get().split("\n")[:-1]


class _Lines:
    """Prints what is new in each state, below what is there."""

    def __init__(self) -> None:
        self._before: State | None = None

    def fit(self, _state: State) -> Fitted:
        return Fitted(UNBOUNDED, 0)

    def draw(self, state: State) -> None:
        before, self._before = self._before, state
        if before is None:
            self._print(Legend(state))
            return
        if _shown(state) != _shown(before):
            self._print(Header(state))
            for part in body(state, _panels(state)):
                self._print(part)
            if state.panel is Panel.LIST:
                self._print(KeyLine(state))
        elif (state.hints, state.again) != (before.hints, before.again) and state.stuck_at:
            self._print(Hints(state.stuck_at, state.hints, again=state.again))
        said = Said(state)
        if said.text and said.text != Said(before).text:
            self._print(said)

    def _print(self, view: RenderableType) -> None:
        open_console().print(view)
        sys.stdout.flush()

    def lend(self) -> bool:
        return False  # its keys would be read as ours

    def take_back(self) -> None:
        """Do nothing: the terminal is never lent."""

    def suspend(self) -> None:
        """Do nothing: the shell stops us itself."""


def _of_body(state: State) -> State:
    """Return the state without what only the frame shows: the run in progress, words, scrolling."""
    still = replace(state, run=0, running=(), progress=None, ticks=0, outdated=0)
    return replace(still, asking=False, says="", scroll=0, page=1, lines=0, to_hint=False)


def _shown(state: State) -> tuple[object, ...]:
    """Return the part of a state that is printed again when it changes."""
    place = (state.cursor, state.shown) if state.panel is Panel.LIST else None
    return state.panel, id(state.result), state.at, state.trouble, state.all_results, place


def _panels(state: State) -> dict[Panel, RenderableType]:
    if state.panel is Panel.LESSON:
        return {state.panel: panels.lesson(state.current)}
    draws = {Panel.TIMELINE: panels.timeline, Panel.SOLUTION: panels.solution}
    return {state.panel: draws[state.panel](state.result)} if state.panel in draws else {}
