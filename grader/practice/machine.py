"""The `watch` loop as a pure state machine: `(state, event) -> (state, effects)`."""

from __future__ import annotations

from dataclasses import replace

from grader.practice.choices import pressed
from grader.practice.events import (
    Advanced,
    Changing,
    EditorClosed,
    Event,
    Fitted,
    Graded,
    Hinted,
    Noticed,
    Outdated,
    Pressed,
    Resized,
    Saved,
    TakeBack,
    Ticked,
    Troubled,
)
from grader.practice.runs import Next, go_to, of_run, written
from grader.practice.state import Panel, State, Step

__all__ = ["begin", "step"]


def begin(course: tuple[Step, ...], exercise: str, *, welcome: bool = False) -> Next:
    """Return the initial state, in which `exercise` is being graded. welcome: as in `State`."""
    state, effects = go_to(State(course, exercise), exercise)
    return replace(state, welcome=welcome), effects


def step(state: State, event: Event) -> Next:
    """Return the state after an event, and the effects to carry out."""
    match event:
        case Pressed(key):
            return pressed(state, key)
        case Changing() | Saved():
            return written(state, event)
        case Advanced() | Graded() | Outdated() | Troubled():
            # Ignore events of a cancelled run.
            current = state.running and event.run == state.run
            return of_run(state, event) if current else (state, ())
        case Hinted(level, again):
            shown = replace(state, hints=level, again=again, panel=Panel.REPORT, to_hint=True)
            return shown, ()
        case Noticed(text):
            return replace(state, says=text), ()
        case EditorClosed(trouble):
            return replace(state, says=trouble or state.says), (TakeBack(),)
        case Fitted():
            return _fitted(state, event), ()
        case Ticked():
            return (replace(state, ticks=state.ticks + 1) if state.running else state), ()
        case Resized():
            return state, ()  # only redraws


def _fitted(state: State, drawn: Fitted) -> State:
    """Keep the scroll position within the body; scroll down to a new hint."""
    to_hint = drawn.hints_end - drawn.page if state.to_hint else 0
    scroll = max(0, min(max(state.scroll, to_hint), drawn.lines - drawn.page))
    return replace(state, page=drawn.page, lines=drawn.lines, scroll=scroll, to_hint=False)
