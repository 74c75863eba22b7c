"""Whether the items of a key keep their order.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from typing import Any

from grader.course.ex15_set_dead_letters_aside.letters import Run, Runs
from grader.course.ex15_set_dead_letters_aside.mistakes import (
    FALSY_KEY_IS_NO_KEY,
    KEY_FREED_BEFORE_THE_LETTER,
    KEY_FREED_IN_THE_PAUSE,
    KEY_OVERTAKEN,
    KEYS_BY_IDENTITY,
    KEYS_IGNORED,
)

__all__ = ["keys_in_order"]


_ORDER = "Of one key, an item begins only when all earlier ones are settled"


def keys_in_order(runs: Runs) -> None:
    """No item begins before all earlier ones of its key are settled."""
    broken = [(run, *found) for run in runs for found in _overlaps(run)]
    if not broken:
        return
    kinds = {kind for _, _, _, kind in broken}
    worst = next(kind for kind in ("begun", "pause", "retry", "letter", "waits") if kind in kinds)
    run, earlier, item, _ = next(one for one in broken if one[3] == worst)
    begin = run.trace.tries_of(item)[0]
    seen = f"{run.title(item)} was begun at {begin.start:.3f} s, and {run.name(earlier)}, "
    seen += "before it in items, "
    rest: dict[str, Any] = {"line": begin.line, "at": begin.start, "task": begin.task, "item": item}
    falsy = [*{not key for one, _, late, _ in broken for key in [one.scenario.keys[late]]}] == [
        True
    ]
    if falsy and any(len(run.by_key[key]) > 1 for run in runs for key in run.by_key if key):
        raise FALSY_KEY_IS_NO_KEY(
            f"{seen}was not settled. The other keys kept their order.",
            f"{_ORDER}. A key is any hashable value, also None, 0 or an empty string.",
            **rest,
        ).about(run.trace)
    unlike = [
        (one.scenario.keys[before], one.scenario.keys[late]) for one, before, late, _ in broken
    ]
    if worst == "begun" and all(repr(before) != repr(late) for before, late in unlike):
        raise KEYS_BY_IDENTITY(
            f"{seen}was being worked on: their keys, {unlike[0][0]!r} and {unlike[0][1]!r}, are equal.",
            f"{_ORDER}. Equal keys are one key, whatever they look like.",
            **rest,
        ).about(run.trace)
    if worst == "begun" and _kept_where_shared(run, runs, [one for one, *_ in broken]):
        raise KEYS_BY_IDENTITY(
            f"{seen}was being worked on: their keys are equal, and two objects. In a run with "
            "one object for each key the order held.",
            f"{_ORDER}. Equal keys are one key.",
            **rest,
        ).about(run.trace)
    if worst == "letter":
        raise KEY_FREED_BEFORE_THE_LETTER(
            f"{seen}had been given up on, and its letter was not yet in dead_letters.",
            f"{_ORDER}: one that is given up on is settled when its letter is put.",
            **rest,
        ).about(run.trace)
    if worst in ("pause", "retry"):
        what = "waited for its retry" if worst == "pause" else "was being tried again"
        raise KEY_FREED_IN_THE_PAUSE(
            f"{seen}{what}.",
            f"{_ORDER}: the pauses before its retries belong to its work.",
            **rest,
        ).about(run.trace)
    if worst == "waits":
        raise KEY_OVERTAKEN(f"{seen}had not begun.", f"{_ORDER}.", **rest).about(run.trace)
    raise KEYS_IGNORED(
        f"{seen}was being worked on.", f"{_ORDER}: never two at once.", **rest
    ).about(run.trace)


def _kept_where_shared(run: Run, runs: Runs, broken: Runs) -> bool:
    """Whether the same items keep their order in a run where equal keys are one and the same object."""
    jobs = run.scenario.jobs
    twins = [one for one in runs if one.scenario.shares_keys and one.scenario.jobs == jobs]
    return any(one not in (run, *broken) for one in twins)


def _overlaps(run: Run) -> list[tuple[int, int, str]]:
    """Items that began too early: the earlier one, the item, and where the earlier one was."""
    return [
        (earlier, one.item, _where(run, earlier, one.order))
        for one in run.trace.tries
        if one.number == 1
        for earlier in run.before(one.item)
        if not run.settled_by(earlier, one.order)
    ]


def _where(run: Run, item: int, place: int) -> str:
    begun = [one for one in run.trace.tries_of(item) if one.order < place]
    if not begun:
        return "waits"
    if begun[-1].end_order is None or begun[-1].end_order > place:
        return "begun" if begun[-1].number == 1 else "retry"
    return "letter" if begun[-1].number >= run.scenario.options["attempts"] else "pause"
