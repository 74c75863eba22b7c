"""Decides what follows from what happens: `(state, event) -> (state, effects)`, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from grader.practice.events import (
    Advanced,
    Cancel,
    Changing,
    Climb,
    Edit,
    EditorClosed,
    Effect,
    Event,
    Fitted,
    Grade,
    Graded,
    Hinted,
    Noticed,
    Outdated,
    Pressed,
    Quit,
    Reset,
    Resized,
    Saved,
    Suspend,
    TakeBack,
    Ticked,
    Troubled,
)
from grader.practice.state import Filter, Panel, State, Step
from grader.results import ExerciseResult, Outcome

__all__ = ["begin", "step"]

Next = tuple[State, tuple[Effect, ...]]

MOST_OUTDATED = 5  # runs in a row

_RESTLESS = "The file is never the same for long enough to be graded: something writes to it."


def begin(course: tuple[Step, ...], exercise: str) -> Next:
    """The first moment: the exercise to begin with is being graded."""
    return _go_to(State(course, exercise), exercise)


def step(state: State, event: Event) -> Next:
    """What the loop is like after an event, and what is to be done."""
    match event:
        case Pressed(key):
            return _pressed(state, key)
        case Changing() | Saved():
            return _written(state, event)
        case Advanced() | Graded() | Outdated() | Troubled():
            # A run that was cancelled has nothing more to say.
            current = state.running and event.run == state.run
            return _of_run(state, event) if current else (state, ())
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
            return state, ()  # to be drawn anew


# -- runs ------------------------------------------------------------------------------------------


def _go_to(state: State, exercise: str) -> Next:
    """Turn to an exercise and have it graded."""
    fresh = replace(state, current=exercise, result=None, at="", hints=0, again=False)
    return _grade(_turned(fresh, Panel.REPORT), (exercise,))


def _grade(state: State, exercises: tuple[str, ...]) -> Next:
    run = state.run + 1
    started = replace(_ended(state), run=run, running=exercises, trouble="", outdated=0)
    return started, (Grade(run, exercises),)


def _ended(state: State) -> State:
    return replace(state, running=(), progress=None, ticks=0)


def _written(state: State, event: Changing | Saved) -> Next:
    """Cancel the run on a file that changes; grade one that was saved.

    Of several it is the current exercise, or else the one that somebody works on now.
    """
    if isinstance(event, Changing):
        overtaken = set(event.exercises) & set(state.running)
        return (_ended(state), (Cancel(),)) if overtaken else (state, ())
    if state.current in event.exercises:
        return _grade(replace(state, asking=False), (state.current,))
    return _go_to(state, event.exercises[0])


def _of_run(state: State, event: Advanced | Graded | Outdated | Troubled) -> Next:
    match event:
        case Advanced(_, progress):
            return replace(state, progress=progress), ()
        case Graded(_, results, at):
            return _graded(state, results, at)
        case Troubled(_, trouble):
            return replace(_ended(state), trouble=trouble, panel=Panel.REPORT, scroll=0), ()
        case Outdated():
            if state.outdated >= MOST_OUTDATED:
                return replace(_ended(state), trouble=_RESTLESS, panel=Panel.REPORT), ()
            again, effects = _grade(state, state.running)
            return replace(again, outdated=state.outdated + 1), effects


def _graded(state: State, results: tuple[ExerciseResult, ...], at: str) -> Next:
    by_id = {result.exercise: result for result in results}
    course = tuple(_updated(entry, by_id.get(entry.exercise)) for entry in state.course)
    everything = len(state.running) > 1
    state = replace(_ended(state), course=course)
    if everything:
        state = replace(state, panel=Panel.ALL, scroll=0, all_results=results)
    elif state.panel is Panel.ALL:
        state = replace(state, panel=Panel.REPORT)
    result = by_id.get(state.current)
    return _with_verdict(state, result, at) if result else (state, ())


def _with_verdict(state: State, result: ExerciseResult, at: str) -> Next:
    """Show the verdict on the current exercise; hints already given for the same stay in view."""
    before = state.stuck_at
    scroll = 0 if state.panel is Panel.REPORT else state.scroll
    state = replace(state, result=result, at=at, again=False, scroll=scroll)
    now = state.stuck_at
    if now is None or before is None or now.about != before.about:
        state = replace(state, hints=0)
    if now is None or not now.hint:
        return state, ()
    state = replace(state, hints=max(1, state.hints))
    return state, (Climb(state.current, now.about, len(now.hints)),)


def _updated(entry: Step, result: ExerciseResult | None) -> Step:
    if result is None or result.outcome is Outcome.UNGRADED:
        return entry
    return replace(entry, outcome=result.outcome, score=result.score, max_score=result.max_score)


# -- keys ------------------------------------------------------------------------------------------


def _pressed(state: State, key: str) -> Next:
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
    """The answer to whether to reset; anything but a yes leaves all as it is."""
    if key in ("y", "Y"):
        return replace(state, asking=False), (Reset(state.current),)
    return replace(state, asking=False, says="Nothing was changed."), ()


def _moved(place: int, last: int, page: int, key: str) -> int:
    """A place in a list or a text after a key that moves it."""
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


def _turned(state: State, panel: Panel) -> State:
    return replace(state, panel=panel, scroll=0, asking=False, to_hint=False, says="")


def _toggled(panel: Panel) -> Callable[[State], Next]:
    """A key that turns to a panel, and back."""

    def turn(state: State) -> Next:
        return _turned(state, Panel.REPORT if state.panel is panel else panel), ()

    return turn


def _next(state: State) -> Next:
    """On to the next exercise that does not pass, whether this one does or not."""
    following = state.following
    if following is not None:
        return _go_to(state, following.exercise)
    says = "All exercises pass." if state.step.done else "This is the only one that is left."
    return replace(state, says=says), ()


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
    turned = replace(_turned(state, Panel.LIST), shown=Filter.ALL)
    return replace(turned, cursor=turned.course.index(turned.step)), ()


def _check_all(state: State) -> Next:
    everything = tuple(entry.exercise for entry in state.course)
    return _grade(_turned(state, Panel.REPORT), everything)


def _reset(state: State) -> Next:
    return replace(_turned(state, Panel.REPORT), asking=True), ()


def _edit(state: State) -> Next:
    check = state.result.first_failure if state.result else None
    return state, (Edit(state.current, check.line if check else None),)


def _back(state: State) -> Next:
    return _turned(state, Panel.REPORT), ()


def _deaf(state: State) -> Next:
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
    "e": _edit,
    "?": _toggled(Panel.HELP),
    "q": _quit,
    "eof": _quit,
    "deaf": _deaf,
    "esc": _back,
}


# -- the list --------------------------------------------------------------------------------------


def _filtered(state: State) -> Next:
    """The next filter; the cursor stays on its exercise where that is still shown."""
    here = state.listed[state.cursor] if state.listed else None
    filters = list(Filter)
    shown = filters[(filters.index(state.shown) + 1) % len(filters)]
    state = replace(state, shown=shown)
    cursor = state.listed.index(here) if here in state.listed else 0
    return replace(state, cursor=cursor), ()


def _chosen(state: State) -> Next:
    if not state.listed:
        return state, ()
    return _go_to(state, state.listed[state.cursor].exercise)


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


# -- the screen ------------------------------------------------------------------------------------


def _fitted(state: State, drawn: Fitted) -> State:
    """Scroll no further than there is something to see, and to a hint that is new."""
    to_hint = drawn.hints_end - drawn.page if state.to_hint else 0
    scroll = max(0, min(max(state.scroll, to_hint), drawn.lines - drawn.page))
    return replace(state, page=drawn.page, lines=drawn.lines, scroll=scroll, to_hint=False)
