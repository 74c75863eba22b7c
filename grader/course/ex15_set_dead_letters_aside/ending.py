"""How a run comes to its end: nobody is lost, nothing hangs, and it returns promptly.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from typing import Any

from grader.course.api import (
    Failure,
    Misconception,
    deadlock,
    ends,
    exceptions,
    lines,
    shapes,
    span,
    tries,
)
from grader.course.ex15_set_dead_letters_aside.letters import Run, Runs, near
from grader.course.ex15_set_dead_letters_aside.mistakes import (
    ERROR_GONE_AFTER_EXCEPT,
    JOINS_THE_DEAD_LETTERS,
    KEY_GIVEN_UP,
    KEYS_COMPARED,
    LETTER_POLLS_FOR_ROOM,
    LETTER_PUT_WITHOUT_WAITING,
    LETTER_WAIT_BOUNDED,
)
from grader.course.ex15_set_dead_letters_aside.setting_aside import waited_for
from grader.course.mistakes.crew import (
    FALSY_ITEM_TAKEN_FOR_END,
    GIVING_UP_ENDS_CONSUMER,
    POLLS_FOR_ITEMS,
    TASKS_LEFT_BEHIND,
)
from grader.course.mistakes.items import DROPS_ITEMS, EQUAL_ITEMS_MERGED
from grader.course.mistakes.loop import BLOCKS_THE_LOOP
from grader.course.mistakes.marks import (
    POLLS_INSTEAD_OF_JOIN,
    RETURNS_WITHOUT_WAITING,
    SLEEPS_BEFORE_RETURN,
)

__all__ = ["came_to_their_end", "returned_promptly", "waits_by_awaiting"]


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
                f"{span(trace.clock - ended)} later{lines([line])}.",
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
