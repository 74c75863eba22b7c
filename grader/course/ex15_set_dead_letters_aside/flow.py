"""Whether nobody waits without need, and how many items are taken.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from grader.course.api import (
    Misconception,
    bound,
    lines,
    pauses,
)
from grader.course.ex15_set_dead_letters_aside.letters import Run, Runs, State, near
from grader.course.ex15_set_dead_letters_aside.mistakes import (
    HELD_UP_BY_ANOTHER_KEY,
    KEYS_DEALT_OUT,
    LETTERS_KEPT_BACK,
    LOOKS_TOO_SHORT,
    PARKED_WITHOUT_BOUND,
    TASKS_WITHOUT_BOUND,
)
from grader.course.mistakes.bound import BOUND_TOO_LARGE
from grader.course.mistakes.crew import (
    IGNORES_CONSUMERS,
    POLLS_FOR_ITEMS,
    WORK_RUNS_BESIDE_THE_CONSUMER,
    WORK_SERIALISED,
)

__all__ = ["bound_holds", "nobody_held_up"]


def nobody_held_up(runs: Runs) -> None:
    """While a consumer is free, an item that may begin does; and no more are active than consumers."""
    peaks = [max((len(state.active) for state in run.states), default=0) for run in runs]
    asked = [run.scenario.options["consumers"] for run in runs]
    apart = [
        place for place, run in enumerate(runs) if len(run.by_key) == len(run.last) > max(asked)
    ]
    same = len({peaks[place] for place in apart}) == 1 < len({asked[place] for place in apart})
    for run, peak, consumers in zip(runs, peaks, asked, strict=True):
        pauses.loop_never_blocked(run.trace)
        for state in run.states:
            if len(state.active) > consumers:
                beside = any(map(_works_beside, runs))
                raise _too_many(run, state, same=same, beside=beside).about(run.trace)
            if len(state.active) < consumers and state.free is not None:
                dealt = any(map(_dealt_out, runs))
                failure = _why_held_up(run, state, peak, same=same, dealt=dealt)
                raise failure.showing(at=state.at, item=state.free).about(run.trace)


def _works_beside(run: Run) -> bool:
    """Whether more are ever at work than there are consumers, those that only wait for a letter aside."""
    consumers = run.scenario.options["consumers"]
    return any(len(state.active) - len(_owed(run, state)) > consumers for state in run.states)


def _owed(run: Run, state: State) -> list[int]:
    """The items that have been given up on, and whose letters are not in `dead_letters` yet."""
    return [
        item
        for item in state.active
        if item in run.given_up
        and (near(run.last[item].end or 0.0, state.at) or _over(run, item, state))
    ]


def _too_many(run: Run, state: State, *, same: bool, beside: bool) -> Misconception:
    consumers = run.scenario.options["consumers"]
    seen = (
        f"At {state.at:.3f} s {len(state.active)} items had begun and were not settled, with "
        f"consumers={consumers}"
    )
    asks = (
        "At most `consumers` items are between the beginning of their first try and their settling."
    )
    if same:
        return IGNORES_CONSUMERS(
            f"{seen}, and just as many with another number.", asks, at=state.at
        )
    owed = _owed(run, state)
    if owed and not beside:
        return LETTERS_KEPT_BACK(
            f"{seen}: {run.name(owed[0])} had been given up on, and another item was begun before "
            "its letter was in dead_letters.",
            asks,
            line=run.last[owed[0]].line,
            at=state.at,
            task=run.last[owed[0]].task,
            item=owed[0],
        )
    return WORK_RUNS_BESIDE_THE_CONSUMER(f"{seen}.", asks, at=state.at, item=state.active[-1])


def _over(run: Run, item: int, state: State) -> bool:
    return (run.last[item].end or 0.0) <= state.at


def _why_held_up(run: Run, state: State, peak: int, *, same: bool, dealt: bool) -> Misconception:
    trace, item, consumers = run.trace, state.free or 0, run.scenario.options["consumers"]
    begin = next(iter(trace.tries_of(item)), None)
    when = f"was begun only at {begin.start:.3f} s" if begin else "was never begun"
    seen = (
        f"At {state.at:.3f} s only {_items(len(state.active))} at work, with consumers={consumers}. "
        f"{run.title(item)} could have begun, and {when}"
    )
    asks = (
        "While fewer than `consumers` items are at work, each of the first `maxsize` that have not begun "
        "begins at once, unless an earlier one of its key is not settled."
    )
    if peak == 1:
        return WORK_SERIALISED(f"{seen}: never were two items worked on at once.", asks)
    if same:
        return IGNORES_CONSUMERS(
            f"{seen}. It was never more than {peak}, whatever `consumers` says.", asks
        )
    naps = [nap for nap in run.naps if begin and near(nap.at, begin.start)]
    if naps:
        return POLLS_FOR_ITEMS(
            f"{seen}, after a sleep of {naps[0].data[0]:.4g} s{lines([naps[0].line])}.",
            asks,
            line=naps[0].line,
        )
    owned = [one for one in state.active if begin and _on(run, one) == begin.task]
    if begin and dealt and owned:
        return KEYS_DEALT_OUT(
            f"{seen}, when {trace.label(begin.task)} was free: it alone works on this key, and was "
            f"busy, with {run.name(owned[0])}.",
            asks + " Whoever is free takes it.",
            line=begin.line,
            task=begin.task,
        )
    if (road := _not_in_reach(run, item, state.at)) is not None:
        return LOOKS_TOO_SHORT(
            f"{seen}: {road}, since what was taken before it had to wait.",
            f"{asks} So up to maxsize={run.scenario.options['maxsize']} items are taken that wait.",
        )
    why = _held_up_by(run, state, owned)
    return HELD_UP_BY_ANOTHER_KEY(f"{seen}{why}.", asks, line=begin.line if begin else None)


def _held_up_by(run: Run, state: State, owned: list[int]) -> str:
    """Words for what a free item waited for, as far as its record shows that.

    owned: items at work in the task that began the free one later.
    """
    trace, item = run.trace, state.free or 0
    held = {got.item: got for got in trace.gets if got.at <= state.at}
    blocked = [one for one in range(item) if run.before(one) and _waits(run, one, state)]
    in_hands = [one for one in blocked if one in held]
    if item in held:
        got = held[item]
        return f": {trace.label(got.task)} had it in its hands since {got.at:.3f} s, and waited"
    if owned and not in_hands:
        busy = trace.label(_on(run, owned[0]))
        return f": {busy}, which began it then, was busy with {run.name(owned[0])}"
    return f", behind {run.name((in_hands or blocked)[0])}, which had to wait" if blocked else ""


def _items(count: int) -> str:
    return "1 item was" if count == 1 else f"{count} items were"


def _not_in_reach(run: Run, item: int, at: float) -> str | None:
    """Words for an item that was not taken by then, or that the producer still had in its hands."""
    taken = [event.data[0] for event in run.trace.taken if event.at <= at or near(event.at, at)]
    if item not in taken:
        return "it had not even been taken from items"
    more = not any(event.at <= at or near(event.at, at) for event in run.trace.of("drained"))
    return "the producer had it in its hands" if taken[-1] == item and more else None


def _on(run: Run, item: int) -> int:
    return run.last[item].task


def _waits(run: Run, item: int, state: State) -> bool:
    """Whether an item had not begun at that moment."""
    tried = run.trace.tries_of(item)
    return not tried or (tried[0].start > state.at and not near(tried[0].start, state.at))


def _dealt_out(run: Run) -> bool:
    """Whether each key has a consumer of its own, which works on other keys as well."""
    owners: dict[object, set[int]] = defaultdict(set)
    keys: dict[int, set[object]] = defaultdict(set)
    for one in run.trace.tries:
        owners[run.scenario.keys[one.item]].add(one.task)
        keys[one.task].add(run.scenario.keys[one.item])
    several = [key for key in owners if len(run.by_key[key]) > 1]
    alone = all(len(owners[key]) == 1 for key in several)
    chances = sum(len(run.by_key[key]) - 1 for key in several)
    return alone and chances > 5 and any(len(some) > 1 for some in keys.values())


def bound_holds(control: Runs, keyed: Runs) -> None:
    """At most maxsize + consumers + 1 items are taken and not settled.

    control: runs in which all keys differ.
    """
    for run in (*control, *keyed):
        options = run.scenario.options
        most = options["maxsize"] + options["consumers"] + 1
        peak = max(run.states, key=lambda state: state.open, default=None)
        if peak is None or peak.open <= most:
            continue
        seen = (
            f"At {peak.at:.3f} s {peak.open} items were taken and not settled, with "
            f"maxsize={options['maxsize']} and consumers={options['consumers']}"
        )
        asks = f"At most {most}: maxsize + consumers + 1, whenever time passes."
        take = [event for event in run.trace.taken if event.at <= peak.at][-1]
        rest: dict[str, Any] = {"line": take.line, "at": peak.at, "task": take.task}
        if run not in control:
            raise PARKED_WITHOUT_BOUND(
                f"{seen}: what has to wait for its key is taken out of the bound.", asks, **rest
            ).about(run.trace)
        if len({one.task for one in run.trace.tries}) == len(run.last) == peak.open:
            raise TASKS_WITHOUT_BOUND(
                f"{seen}: each item got a task of its own at once, and nothing held the producer back.",
                asks,
                **rest,
            ).about(run.trace)
        bound.bound_holds([(one.scenario, one.trace) for one in control])
        raise BOUND_TOO_LARGE(f"{seen}.", asks, **rest).about(run.trace)
