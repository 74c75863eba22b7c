"""Failures for scenarios that ended badly: deadlock, livelock, an exception, a limit and so on."""

from __future__ import annotations

from grader.course.kit.failures import Failure, Mistake, lines
from grader.course.kit.world import Scenario
from grader.course.mistakes.bound import POLLS_FOR_ROOM
from grader.course.mistakes.crew import POLLS_FOR_ITEMS, TIMERS_LEFT_BEHIND
from grader.course.mistakes.errors import CANCELLED_ERROR_ESCAPES
from grader.course.mistakes.loop import BLOCKS_THE_LOOP
from grader.course.mistakes.marks import POLLS_INSTEAD_OF_JOIN
from grader.course.mistakes.pauses import SPINS_WHILE_WAITING
from grader.course.mistakes.tries import NEVER_GIVES_UP
from grader.course.rules.escapes import left_consumer, left_pipeline
from grader.course.rules.exceptions import describe_error, last_line, recognise_error
from grader.course.rules.shapes import cut_off
from grader.script import MOST_TRIES
from grader.trace import Trace, Wait

__all__ = ["unwelcome_end", "waiting_words"]


def unwelcome_end(trace: Trace, scenario: Scenario, allow: tuple[str, ...]) -> Failure | None:
    """The failure for the way a run ended; None if it ended well or as `allow` permits."""
    how = trace.how
    if trace.end.get("after"):
        return _works_after_return(trace)
    if how in ("returned", "quiet"):
        if "died" in allow or not trace.crew:
            return None
        return left_consumer(trace, scenario)
    if how in allow:
        return None
    if how == "deadlock":
        return _deadlock(trace)
    if how == "raised":
        return left_pipeline(trace, scenario)
    if how == "time_limit":
        return _time_limit(trace, scenario)
    return _ENDS.get(how, _unknown)(trace)


def waiting_words(trace: Trace, waits: tuple[Wait, ...]) -> str:
    """Describe waits in words: `run_pipeline in Queue.join (line 54); C1, C2 in ...`."""
    return "; ".join(
        f"{', '.join(names[:4])}{' and others' if len(names) > 4 else ''} in {inside}{lines([line])}"
        for (inside, line), names in trace.waiting(waits).items()
    )


def _deadlock(trace: Trace) -> Failure:
    held = next((wait for wait in trace.waits if wait.error is not None), None)
    if held is not None and held.error is not None and held.error["type"] != "CancelledError":
        return recognise_error(held.error) or Failure(
            f"{trace.label(held.task)} raised {describe_error(held.error)}, and its task group waits for "
            "ever for the tasks in it.",
            f"Waiting: {waiting_words(trace, trace.waits)}.",
            why="error",
            line=last_line(held.error),
            task=held.task,
        )
    died = trace.died()
    if died:
        event, error = died[0]
        found = recognise_error(error)
        return found or Failure(
            f"{trace.label(event.task)} stopped at {event.at:.3f} s: {describe_error(error)}.",
            "Nobody noticed, and the others wait for it for ever.",
            why="error",
            line=last_line(error),
            at=event.at,
            task=event.task,
        )
    return Failure(
        f"{_main(trace)} never returns: at {trace.clock:.3f} s nothing can happen any more.",
        f"Waiting for ever: {waiting_words(trace, trace.waits)}.",
        why="deadlock",
        line=_main_line(trace),
        at=trace.clock,
    )


def _main(trace: Trace) -> str:
    """The name of the called function, which is that of its task."""
    return trace.tasks[1] if len(trace.tasks) > 1 else "the call"


def _main_line(trace: Trace) -> int | None:
    return next((wait.line for wait in trace.waits if wait.task == 1), None)


# -- the other ends ---------------------------------------------------------------------------


def _works_after_return(trace: Trace) -> Failure:
    at, line, item, number = trace.end["after"]
    return TIMERS_LEFT_BEHIND(
        f"{_main(trace)} returned at {trace.clock:.3f} s, and try {number} of item {trace.name(item)} "
        f"began at {at:.3f} s{lines([line])}, when a timer fired that was left behind.",
        "When it has returned, nothing of it goes on: a timer that is not needed any more is cancelled.",
        line=line,
        at=trace.clock,
        item=item,
    )


def _missing(trace: Trace) -> Failure:
    name = trace.end.get("detail")
    return Failure(
        f"There is no `{name}` in this file.",
        "Names and signatures are fixed: the assignment at the top of the stub shows them.",
        why="signature",
    )


def _signature(trace: Trace) -> Failure:
    return Failure(
        f"{trace.end.get('detail')}.",
        "The call has to work as the assignment shows it, and give something to await.",
        why="signature",
        line=trace.end.get("line"),
    )


def _livelock(trace: Trace) -> Failure:
    line, task = trace.end.get("line"), trace.end.get("task")
    mistake, what, asks = _spinner(trace, task if type(task) is int else None)
    return mistake(
        f"Busy polling{lines([line])}: from {_standstill(trace):.3f} s on {what}, again and again, "
        "and nothing comes of it.",
        asks,
        why="livelock",
        line=line,
        at=_standstill(trace),
    )


def _standstill(trace: Trace) -> float:
    """The time of the last progress: a put, a get, a take, a task_done, or a try's begin or end."""
    kinds = ("put", "get", "begin", "finish", "take", "done")
    return max((event.at for event in trace.of(*kinds)), default=0.0)


def _spinner(trace: Trace, task: int | None) -> tuple[Mistake, str, str]:
    """The mistake of a task that polls, words for it, and what is asked instead."""
    mine = [e for e in trace.events if e.task == task and e.kind in ("take", "get", "finish")]
    tries = [one for one in trace.tries if one.task == task]
    if tries and tries[-1].outcome == "transient" and mine and mine[-1].kind == "finish":
        return (
            SPINS_WHILE_WAITING,
            f"{trace.label(tries[-1].task)} asks whether its wait is over",
            "One await asyncio.sleep(seconds) waits for the whole pause, and wakes once.",
        )
    if any(event.task == task for event in trace.taken) and len(trace.taken) > len(trace.puts):
        return (
            POLLS_FOR_ROOM,
            "the producer asks whether there is room",
            "`await q.put(item)` is all the waiting that it needs: it wakes when there is room.",
        )
    if task == 1 and trace.taken:
        return (
            POLLS_INSTEAD_OF_JOIN,
            f"{_main(trace)} asks whether all is done",
            "The wait is a real one: join(), or the consumers' own end, wakes it once.",
        )
    return (
        POLLS_FOR_ITEMS,
        f"{trace.label(task) if task else 'a consumer'} asks whether there is an item",
        "`await q.get()` waits for an item, and wakes a consumer when there is one.",
    )


def _time_limit(trace: Trace, scenario: Scenario) -> Failure:
    attempts = scenario.options.get("attempts", 4)
    last = max(trace.tries, key=lambda one: one.number, default=None)
    failed = last and any(
        one.outcome == "transient" for one in trace.tries if one.item == last.item
    )
    if last is not None and last.number > 2 * attempts and failed:
        return NEVER_GIVES_UP(
            f"Item {trace.name(last.item)} was tried again and again, with attempts={attempts}: "
            f"{last.number} times by {last.start:.0f} s{lines([last.line])}.",
            f"An item that failed {attempts} time{'s' if attempts > 1 else ''} is given up on.",
            line=last.line,
        )
    if last is not None and last.number >= MOST_TRIES:
        return cut_off(trace, scenario) or Failure(
            f"Item {trace.name(last.item)} was tried {last.number} times{lines([last.line])}: more tries "
            "of one item are not looked at.",
            why="timeout",
            line=last.line,
            at=last.start,
            item=last.item,
        )
    return Failure(
        f"It does not come to an end: after {_standstill(trace):.3f} s nothing happens for hours.",
        f"Waiting: {waiting_words(trace, trace.waits)}.",
        why="timeout",
        line=_main_line(trace),
        at=_standstill(trace),
    )


def _memory(trace: Trace) -> Failure:
    line = last_line(trace.end.get("error") or {})
    return Failure(f"Used more memory than 384 MB{lines([line])}.", why="memory", line=line)


def _output(trace: Trace) -> Failure:
    return Failure("Never stops: it does or prints far more than is needed.", why="output")


def _exit(trace: Trace) -> Failure:
    line = last_line(trace.end.get("error") or {})
    return Failure(f"Ends the whole program{lines([line])}.", why="exit", line=line)


def _stalled(_trace: Trace) -> Failure:
    return BLOCKS_THE_LOOP(
        "Stops the whole program for real: it waits for something outside of asyncio (a lock, a "
        "socket, `select`), and nothing else can run meanwhile.",
        "What waits is awaited: asyncio.sleep(), asyncio.Event, asyncio.Queue.",
    )


def _cancelled(trace: Trace) -> Failure:
    return CANCELLED_ERROR_ESCAPES(
        f"{_main(trace)} ended with a CancelledError at {trace.clock:.3f} s instead of returning: "
        "awaiting a task that was cancelled raises it.",
        f"{_main(trace)} returns when all is finished: the end of its consumers stays its own affair.",
        why="error",
        at=trace.clock,
        task=1,
    )


def _unknown(trace: Trace) -> Failure:
    return Failure(f"The run ended in an unknown way: {trace.how!r:.40}.", why="error")


_ENDS = {
    "missing": _missing,
    "signature": _signature,
    "livelock": _livelock,
    "memory": _memory,
    "output": _output,
    "exit": _exit,
    "stalled": _stalled,
    "cancelled": _cancelled,
}
