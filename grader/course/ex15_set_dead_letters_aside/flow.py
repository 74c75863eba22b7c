"""Whether the items of a key keep their order, whether nobody else waits, and how a run ends.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from grader.course.api import (
    Failure,
    Misconception,
    bound,
    deadlock,
    ends,
    exceptions,
    lines,
    pauses,
    shapes,
    tries,
)
from grader.course.ex15_set_dead_letters_aside.letters import Run, Runs, State, near
from grader.course.ex15_set_dead_letters_aside.mistakes import (
    ERROR_GONE_AFTER_EXCEPT,
    FALSY_KEY_IS_NO_KEY,
    HELD_UP_BY_ANOTHER_KEY,
    JOINS_THE_DEAD_LETTERS,
    KEY_FREED_BEFORE_THE_LETTER,
    KEY_FREED_IN_THE_PAUSE,
    KEY_GIVEN_UP,
    KEY_OVERTAKEN,
    KEYS_BY_IDENTITY,
    KEYS_COMPARED,
    KEYS_DEALT_OUT,
    KEYS_IGNORED,
    LETTER_POLLS_FOR_ROOM,
    LETTER_PUT_WITHOUT_WAITING,
    LETTER_WAIT_BOUNDED,
    LETTERS_KEPT_BACK,
    LOOKS_TOO_SHORT,
    PARKED_WITHOUT_BOUND,
    TASKS_WITHOUT_BOUND,
)
from grader.course.ex15_set_dead_letters_aside.setting_aside import waited_for
from grader.course.mistakes.bound import BOUND_TOO_LARGE
from grader.course.mistakes.crew import (
    FALSY_ITEM_TAKEN_FOR_END,
    GIVING_UP_ENDS_CONSUMER,
    IGNORES_CONSUMERS,
    POLLS_FOR_ITEMS,
    TASKS_LEFT_BEHIND,
    WORK_RUNS_BESIDE_THE_CONSUMER,
    WORK_SERIALISED,
)
from grader.course.mistakes.items import DROPS_ITEMS, EQUAL_ITEMS_MERGED
from grader.course.mistakes.loop import BLOCKS_THE_LOOP
from grader.course.mistakes.marks import (
    POLLS_INSTEAD_OF_JOIN,
    RETURNS_WITHOUT_WAITING,
    SLEEPS_BEFORE_RETURN,
)

__all__ = [
    "bound_holds",
    "came_to_their_end",
    "keys_in_order",
    "nobody_held_up",
    "returned_promptly",
    "waits_by_awaiting",
]

# -- the end ----------------------------------------------------------------------------------


def came_to_their_end(runs: Runs) -> None:
    """Each run returned, with each item tried as often as asked; letters are not looked at."""
    for run in runs:
        trace, scenario = run.trace, run.scenario
        if trace.how in ("deadlock", "raised", "livelock"):
            raise _why_no_end(run).about(trace)
        if (cut := shapes.cut_off(trace, scenario)) is not None:
            raise cut.about(trace)
        missing = [item for item in range(len(scenario.jobs)) if _unfinished(run, item)]
        if missing:
            waited_for([run])
            raise _why_missing(run, missing[0]).showing(item=missing[0]).about(trace)
        tries.settled_and_tried(trace, scenario)


def _unfinished(run: Run, item: int) -> bool:
    return item not in run.last or run.last[item].outcome in (None, "cancelled", "stopped")


def _why_no_end(run: Run) -> Failure:
    trace, scenario = run.trace, run.scenario
    errors = [error for _, error in trace.died()]
    if trace.how == "raised":
        errors.insert(0, trace.end["error"])
    for error in errors:
        found = _told_by(error, run)
        if found is not None:
            return found
    general = ends.unwelcome_end(trace, scenario, ())
    assert general is not None, "it did not end well"
    if trace.how == "livelock" and (item := _polls_for(run)) is not None:
        line = trace.end.get("line")
        return LETTER_POLLS_FOR_ROOM(
            f"Busy polling{lines([line])}: {run.name(item)} was given up on at {run.last[item].end:.3f} "
            f"s, dead_letters was full, and {trace.label(run.last[item].task)} asks again and again "
            "whether it has room.",
            "The letter waits for room by awaiting put(): no polling.",
            why="livelock",
            line=line,
            at=run.last[item].end,
            task=run.last[item].task,
            item=item,
        )
    if trace.how == "raised" or general.why != "deadlock":
        return general
    joins = [wait for wait in trace.waits if wait.inside.endswith("Queue.join")]
    entered = [event for event in trace.of("join") if event.data[0] in run.queues]
    if joins and entered:
        return JOINS_THE_DEAD_LETTERS(
            f"run_pipeline waits in join() of dead_letters, since {entered[0].at:.3f} s"
            f"{lines([entered[0].line])}: what is put there is never marked as done.",
            "A letter is settled when it is put; whoever reads it does so in his own time.",
            why="deadlock",
            line=entered[0].line,
            at=entered[0].at,
            task=entered[0].task,
        )
    untried = [item for item in range(len(scenario.jobs)) if item not in run.last]
    given_up = [item for item in untried if {*run.before(item)} & {*run.given_up}]
    if given_up and not trace.of("join") and not any("get" in wait.inside for wait in trace.waits):
        return _key_given_up(run, given_up[0], why="deadlock").showing(at=trace.clock)
    return deadlock.why_deadlocked(trace, scenario)


def _polls_for(run: Run) -> int | None:
    """The item whose task went round and round with its letter in its hands."""
    owed = [item for item in run.given_up if item not in run.settled]
    return next((item for item in owed if run.last[item].task == run.trace.end.get("task")), None)


def _told_by(error: Any, run: Run) -> Misconception | None:
    """What an error of Python's own says of keys and letters."""
    if not isinstance(error, dict):
        return None
    for inner in error.get("inner") or ():
        found = _told_by(inner, run)
        if found is not None:
            return found
    kind, text, line = error["type"], str(error.get("text", "")), exceptions.last_line(error)
    seen = f"run_pipeline ended with {exceptions.describe_error(error)}"
    if kind == "QueueFull" and run.scenario.room:
        return LETTER_PUT_WITHOUT_WAITING(
            f"{seen}: dead_letters holds {run.scenario.room}, and put_nowait() does not wait for room.",
            "dead_letters may be bounded, and full for hours: then the letter waits for room.",
            why="error",
            line=line,
        )
    if kind == "TimeoutError" and run.scenario.room:
        return LETTER_WAIT_BOUNDED(
            f"{seen}: the wait for room in dead_letters had a limit of time.",
            "dead_letters may be full for hours: then the letter waits for room, however long.",
            why="error",
            line=line,
        )
    if kind in ("UnboundLocalError", "NameError") and run.given_up:
        return ERROR_GONE_AFTER_EXCEPT(
            f"{seen}, when {run.name(run.given_up[0])} was given up on.",
            "The name behind `as` exists only inside of its `except` block.",
            why="error",
            line=line,
        )
    if kind == "TypeError" and "not supported between instances" in text:
        return KEYS_COMPARED(
            f"{seen}: two keys, or two items, were put in an order of their own.",
            "Keys are hashable and items are anything: neither need be smaller or larger than others.",
            why="error",
            line=line,
        )
    return None


def _why_missing(run: Run, item: int) -> Failure:
    trace = run.trace
    returned = f"run_pipeline returned at {trace.clock:.3f} s"
    asks = "Every item gets its tries, and run_pipeline returns when all are settled."
    if item in run.last:
        return RETURNS_WITHOUT_WAITING(
            f"{returned}, while {run.name(item)} was not finished.", asks
        )
    if {*run.before(item)} & {*run.given_up}:
        return _key_given_up(run, item)
    if shapes.twin_of(trace, item) is not None:
        return EQUAL_ITEMS_MERGED(
            f"{run.title(item)} was never tried: it was taken for another, which is equal.",
            "Two equal items are two items.",
        )
    if (gone := _gone_after_giving_up(run)) is not None:
        return gone
    if any(event.data[0] > item for event in trace.taken):
        mistake = DROPS_ITEMS if run.scenario.jobs[item].item else FALSY_ITEM_TAKEN_FOR_END
        return mistake(f"{returned}, and {run.name(item)} was taken and never tried.", asks)
    return RETURNS_WITHOUT_WAITING(f"{returned}, and {run.name(item)} was never begun.", asks)


def _gone_after_giving_up(run: Run) -> Misconception | None:
    """The failure for a consumer that ended when it had given up on an item."""
    workers = {one.task for one in run.trace.tries}
    for event in run.trace.of("end") if len(workers) <= run.scenario.options["consumers"] else ():
        mine = [one for one in run.trace.tries if one.task == event.task]
        if mine and event.data[0] == "returned" and mine[-1].item in run.given_up:
            return GIVING_UP_ENDS_CONSUMER(
                f"{run.trace.label(event.task)} ended at {event.at:.3f} s, when it had given up on "
                f"{run.name(mine[-1].item)}, and in the end nobody took what was left.",
                "Giving up on an item never stops a consumer: it takes the next.",
                line=mine[-1].line,
                at=event.at,
                task=event.task,
            )
    return None


def _key_given_up(run: Run, item: int, why: str = "expectation") -> Misconception:
    earlier = next(one for one in run.before(item) if one in run.given_up)
    return KEY_GIVEN_UP(
        f"{run.title(item)} was never tried: nothing of its key was begun any more when "
        f"{run.name(earlier)} had been given up on, at {run.last[earlier].end:.3f} s.",
        "After an item that was given up on, the next of its key has its tries as usual.",
        why=why,
        line=run.last[earlier].line,
        at=run.last[earlier].end,
        task=run.last[earlier].task,
        item=item,
    )


def returned_promptly(runs: Runs) -> None:
    """`run_pipeline` returned when the last item was settled, and left no task behind."""
    for run in runs:
        trace = run.trace
        ended = max((trace.events[place].at for place in run.settled.values()), default=0.0)
        late = [
            event
            for event in trace.of("timer")
            if event.at > ended and event.task not in trace.labs
        ]
        if trace.clock > ended and not near(trace.clock, ended):
            often = len([e for e in trace.of("timer") if late and e.line == late[-1].line]) > 1
            line = late[-1].line if late else None
            mistake = BLOCKS_THE_LOOP if trace.blocked else SLEEPS_BEFORE_RETURN
            raise (POLLS_INSTEAD_OF_JOIN if often else mistake)(
                f"The last item was settled at {ended:.3f} s, and run_pipeline returned only "
                f"{trace.clock - ended:.3g} s later{lines([line])}.",
                "It returns promptly when all items are settled.",
                line=line,
                at=ended,
                task=1,
            ).about(trace)
        if trace.left:
            raise TASKS_LEFT_BEHIND(
                f"run_pipeline returned, and left tasks behind: {ends.waiting_words(trace, trace.left)}.",
                "Every task that it started is done or cancelled when it returns.",
                line=trace.left[0].line,
            ).about(trace)


def waits_by_awaiting(runs: Runs) -> None:
    """Nothing sleeps but the pauses before retries, and nothing blocks."""
    for run in runs:
        trace = run.trace
        if trace.blocked:
            stop = trace.blocked[0]
            raise BLOCKS_THE_LOOP(
                f"time.sleep() at line {stop.line} stopped the whole event loop for {stop.seconds:.4g} "
                f"s, at {stop.at:.3f} s: nobody else could move meanwhile.",
                "While one waits, the others go on: wait by awaiting.",
                line=stop.line,
                at=stop.at,
                task=stop.task,
            ).about(trace)
        if run.naps:
            nap = run.naps[0]
            idle = nap.task == 1 and not any(one.task == 1 for one in trace.tries)
            raise (POLLS_INSTEAD_OF_JOIN if idle else POLLS_FOR_ITEMS)(
                f"At {nap.at:.3f} s {trace.label(nap.task)} woke up after {nap.data[0]:.4g} s"
                f"{lines([nap.line])}, and no item waited for a retry that long: it looked whether "
                f"something had changed ({len(run.naps)} times in all).",
                "Only the pause before a retry is slept. All other waiting is awaiting: no polling, no "
                "limit of time.",
                line=nap.line,
                at=nap.at,
                task=nap.task,
            ).about(trace)


# -- the order of a key -----------------------------------------------------------------------

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


# -- the others -------------------------------------------------------------------------------


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
