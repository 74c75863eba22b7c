"""Handles saves and the worker's events: returns the new state and effects."""

from __future__ import annotations

from dataclasses import replace

from grader.practice.events import (
    Advanced,
    Cancel,
    Changing,
    Climb,
    Effect,
    Grade,
    Graded,
    Outdated,
    Saved,
    Troubled,
)
from grader.practice.state import Panel, State, Step
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["MOST_OUTDATED", "Next", "go_to", "grade", "of_run", "turned", "written"]

Next = tuple[State, tuple[Effect, ...]]
"""The state after an event, and the effects to carry out."""

MOST_OUTDATED = 5  # outdated runs in a row before giving up

_RESTLESS = "The file is never the same for long enough to be graded: something writes to it."


def go_to(state: State, exercise: str) -> Next:
    """Switch to an exercise and grade it."""
    fresh = replace(state, current=exercise, result=None, at="", hints=0, again=False, mended=())
    fresh = replace(fresh, alike=0, welcome=False)
    return grade(turned(fresh, Panel.REPORT), (exercise,))


def grade(state: State, exercises: tuple[str, ...]) -> Next:
    """Start a run, which replaces one in progress."""
    run = state.run + 1
    started = replace(_ended(state), run=run, running=exercises, trouble="", outdated=0)
    return started, (Grade(run, exercises),)


def _ended(state: State) -> State:
    return replace(state, running=(), progress=None, ticks=0)


def written(state: State, event: Changing | Saved) -> Next:
    """Cancel the run on a changing file; grade a saved one.

    Of several saved files, take the current exercise's, else the first: the learner works there.
    """
    if isinstance(event, Changing):
        overtaken = set(event.exercises) & set(state.running)
        return (_ended(state), (Cancel(),)) if overtaken else (state, ())
    if state.current in event.exercises:
        return grade(replace(state, asking=False), (state.current,))
    return go_to(state, event.exercises[0])


def of_run(state: State, event: Advanced | Graded | Outdated | Troubled) -> Next:
    """Handle an event of the run in progress."""
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
            again, effects = grade(state, state.running)
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
    """Show the verdict on the current exercise; hints on the same problem stay in view."""
    before = state.stuck_at
    scroll = 0 if state.panel is Panel.REPORT else state.scroll
    mended = _mended(state.result, result)
    state = replace(state, result=result, at=at, again=False, scroll=scroll, mended=mended)
    state = replace(state, welcome=state.welcomes)
    now = state.stuck_at
    if now is None or before is None or now.about != before.about:
        state = replace(state, hints=0, alike=0)
    state = replace(state, alike=state.alike + 1)
    if now is None or not now.hint or state.welcomes:  # the welcome has a first step of its own
        return state, ()
    state = replace(state, hints=max(1, state.hints))
    return state, (Climb(state.current, now.about, len(now.hints)),)


def _mended(before: ExerciseResult | None, now: ExerciseResult) -> tuple[CheckResult, ...]:
    """Return the checks that failed before and pass now, as they failed."""
    if before is None:
        return ()
    passing = {check.check for check in now.checks if check.outcome is Outcome.PASSED}
    failed = (check for check in before.checks if check.outcome is Outcome.FAILED)
    return tuple(check for check in failed if check.check in passing)


def _updated(entry: Step, result: ExerciseResult | None) -> Step:
    if result is None or result.outcome is Outcome.UNGRADED:
        return entry
    return replace(entry, outcome=result.outcome, score=result.score, max_score=result.max_score)


def turned(state: State, panel: Panel) -> State:
    """Return the state with `panel` shown from its top."""
    return replace(state, panel=panel, scroll=0, asking=False, to_hint=False, says="")
