"""Handles the learner's keys: returns the new state and effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from grader.practice.events import Climb, Edit, Quit, Reset, Suspend
from grader.practice.runs import Next, go_to, grade, turned
from grader.practice.state import Filter, Panel, State
from grader.results import Outcome

__all__ = ["pressed"]


def pressed(state: State, key: str) -> Next:
    """Handle a key: it answers a question, acts on the list, runs its command or scrolls."""
    if key == "ctrl-z":
        return state, (Suspend(),)
    if key == "ctrl-c":
        return state, (Quit(),)
    state = replace(state, says="")
    if state.asking:
        return _answered(state, key)
    if state.panel is Panel.LIST and key in _LIST_KEYS:
        return _LIST_KEYS[key](state)
    if key in _KEYS:
        return _KEYS[key](state)
    moved = _moved(state.scroll, state.lines - state.page, state.page, key)
    return replace(state, scroll=moved), ()


def _answered(state: State, key: str) -> Next:
    """Handle the answer to the reset question: only `y` or `Y` resets."""
    if key in ("y", "Y"):
        return replace(state, asking=False), (Reset(state.current),)
    return replace(state, asking=False, says="Nothing was changed."), ()


def _moved(place: int, last: int, page: int, key: str) -> int:
    """Return the position in a list or text after a movement key, within 0 and `last`."""
    to = {
        "j": place + 1,
        "down": place + 1,
        "k": place - 1,
        "up": place - 1,
        " ": place + page - 1,
        "pgdn": place + page - 1,
        "b": place - page + 1,
        "pgup": place - page + 1,
        "g": 0,
        "home": 0,
        "G": last,
        "end": last,
    }.get(key, place)
    return max(0, min(to, last))


def _toggled(panel: Panel) -> Callable[[State], Next]:
    """Return a handler that switches to `panel`, or from it back to the report."""

    def turn(state: State) -> Next:
        return turned(state, Panel.REPORT if state.panel is panel else panel), ()

    return turn


def _next(state: State) -> Next:
    """Go to the next exercise that does not pass; when all pass, to the next one of the course."""
    following = state.following
    if following is not None:
        return go_to(state, following.exercise)
    if not state.step.done:
        return replace(state, says="This is the only one that is left."), ()
    here = state.course.index(state.step)
    return go_to(state, state.course[(here + 1) % len(state.course)].exercise)


def _hint(state: State) -> Next:
    check = state.stuck_at
    if check is not None and check.hints:
        return state, (Climb(state.current, check.about, len(check.hints), state.hints),)
    if state.result is None:
        says = "There is no verdict to give a hint on yet."
    elif state.passed:
        says = "It passes: there is nothing left to give a hint for."
    elif state.result.outcome is Outcome.MISSING:
        says = "There is no file: x has the stub put back."
    else:
        says = "There is no hint for this beyond what it says above."
    return replace(state, says=says), ()


def _list(state: State) -> Next:
    here = state.course.index(state.step)
    return replace(turned(state, Panel.LIST), shown=Filter.ALL, cursor=here), ()


def _check_all(state: State) -> Next:
    everything = tuple(entry.exercise for entry in state.course)
    return grade(turned(state, Panel.REPORT), everything)


def _reset(state: State) -> Next:
    return replace(turned(state, Panel.REPORT), asking=True), ()


def _edit(state: State) -> Next:
    check = state.result.first_failure if state.result else None
    return state, (Edit(state.current, check.line if check else None),)


def _back(state: State) -> Next:
    return turned(state, Panel.REPORT), ()


def _no_input(state: State) -> Next:
    return replace(state, says="Nothing can be typed here: Ctrl-C ends it."), ()


def _quit(state: State) -> Next:
    return state, (Quit(),)


_KEYS: dict[str, Callable[[State], Next]] = {
    "n": _next,
    "h": _hint,
    "l": _list,
    "c": _check_all,
    "x": _reset,
    "t": _toggled(Panel.TIMELINE),
    "s": _toggled(Panel.SOLUTION),
    "m": _toggled(Panel.LESSON),
    "e": _edit,
    "?": _toggled(Panel.HELP),
    "q": _quit,
    "eof": _quit,
    "deaf": _no_input,
    "esc": _back,
}


# -- the list --------------------------------------------------------------------------------------


def _filtered(state: State) -> Next:
    """Switch to the next filter; keep the cursor on its exercise if that is still listed."""
    here = state.listed[state.cursor] if state.listed else None
    filters = list(Filter)
    shown = filters[(filters.index(state.shown) + 1) % len(filters)]
    state = replace(state, shown=shown)
    cursor = state.listed.index(here) if here in state.listed else 0
    return replace(state, cursor=cursor), ()


def _chosen(state: State) -> Next:
    if not state.listed:
        return state, ()
    return go_to(state, state.listed[state.cursor].exercise)


def _moving(key: str) -> Callable[[State], Next]:
    def move(state: State) -> Next:
        last = max(0, len(state.listed) - 1)
        return replace(state, cursor=_moved(state.cursor, last, state.page, key)), ()

    return move


_LIST_KEYS: dict[str, Callable[[State], Next]] = {
    "l": _back,
    "f": _filtered,
    "enter": _chosen,
    **{
        key: _moving(key)
        for key in ("j", "down", "k", "up", " ", "pgdn", "b", "pgup", "g", "home", "G", "end")
    },
}
