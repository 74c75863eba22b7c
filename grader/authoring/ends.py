"""What to say when a scenario ended as nobody would wish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from grader.authoring.exceptions import describe_error, last_line, recognise_error
from grader.authoring.failures import Failure, Misconception, lines
from grader.authoring.shapes import cut_off
from grader.scenario import Consume, Pipeline, Scenario
from grader.trace import Trace, Try, Wait

__all__ = ["unwelcome_end", "waiting_words"]


def unwelcome_end(trace: Trace, scenario: Scenario, allow: tuple[str, ...]) -> Failure | None:
    """The failure that this end means, or None when it is a good one or is allowed."""
    how = trace.how
    if how in ("returned", "quiet"):
        if "died" in allow or isinstance(scenario, Pipeline):
            return None
        return _dead_consumer(trace, scenario)
    if how in allow:
        return None
    if how == "deadlock":
        return _deadlock(trace)
    if how == "raised":
        return _raised(trace, scenario)
    if how == "time_limit":
        return _time_limit(trace, scenario)
    return _ENDS.get(how, _unknown)(trace)


def waiting_words(trace: Trace, waits: tuple[Wait, ...]) -> str:
    """Who waits where, for people: `run_pipeline in Queue.join (line 54); C1, C2 in ...`."""
    places: dict[tuple[str, int | None], list[str]] = {}
    for wait in waits:
        places.setdefault((wait.inside, wait.line), []).append(trace.label(wait.task))
    return "; ".join(
        f"{', '.join(names[:4])}{' and others' if len(names) > 4 else ''} in {inside}{lines([line])}"
        for (inside, line), names in places.items()
    )


def _deadlock(trace: Trace) -> Failure:
    died = trace.died()
    if died:
        event, error = died[0]
        found = recognise_error(error)
        return found or Failure(
            f"{trace.label(event.task)} stopped at {event.at:.3f} s: {describe_error(error)}.",
            "Nobody noticed, and the others wait for it for ever.",
            why="error",
            line=last_line(error),
        )
    return Failure(
        f"run_pipeline never returns: at {trace.clock:.3f} s nothing can happen any more.",
        f"Waiting for ever: {waiting_words(trace, trace.waits)}.",
        why="deadlock",
        line=_main_line(trace),
    )


def _main_line(trace: Trace) -> int | None:
    return next((wait.line for wait in trace.waits if wait.task == 1), None)


def _dead_consumer(trace: Trace, scenario: Consume) -> Failure | None:
    cancelled = trace.of("cancel")[:1]
    for event, error in trace.died():
        # What becomes of a consumer that is cancelled is asked where it is cancelled for it.
        late = bool(cancelled) and trace.events.index(event) > trace.events.index(cancelled[0])
        if event.task not in trace.consumers or late:
            continue
        found = recognise_error(error)
        if found is not None:
            return found
        if error["type"] == "TimeoutError" and (own := cut_off(trace, scenario)) is not None:
            own.why = "error"
            return own
        if "TransientError" in (error["type"], *error["bases"]):
            return _transient_escaped(trace, scenario, event.task, error)
        return _stranger(trace, error) or Failure(
            f"{trace.label(event.task)} stopped at {event.at:.3f} s: {describe_error(error)}.",
            why="error",
            line=last_line(error),
        )
    return None


def _stranger(trace: Trace, error: Mapping[str, Any]) -> Misconception | None:
    """Was the service called with something that is no item?"""
    calls = trace.of("stranger")
    if not calls:
        return None
    line = calls[0].line or last_line(error)
    return Misconception(
        "works-on-no-item",
        f"The service was called with something that is no item, a {calls[0].data[0]}, at "
        f"{calls[0].at:.3f} s{lines([line])}.",
        "It is called with the item, just as it came out of the queue.",
        why="error",
        line=line,
    )


def _transient_escaped(
    trace: Trace, scenario: Consume, task: int, error: Mapping[str, Any]
) -> Failure:
    attempts = scenario.options.get("attempts", 4)
    tries = [one for one in trace.tries if one.task == task and one.outcome == "transient"]
    last = tries[-1] if tries else None
    if last is None:
        return Failure(
            f"{trace.label(task)} stopped: {describe_error(error)}.",
            why="error",
            line=last_line(error),
        )
    item = trace.name(last.item)
    if last.number >= attempts:
        return Misconception(
            "giving-up-ends-consumer",
            f"After failed try {last.number} of item {item} a TransientError left "
            f"{trace.label(task)} and ended it{lines([last_line(error)])}.",
            "Giving up on an item is counted, not raised; the consumer takes the next item.",
            why="error",
            line=last_line(error),
        )
    kinds = [(error["type"], *error["bases"])]
    return _not_retried(trace, last, attempts, kinds, last_line(error))


def _not_retried(
    trace: Trace,
    failed: Try,
    attempts: int,
    kinds: Sequence[Sequence[str]],
    line: int | None,
) -> Misconception:
    """A failed try was not followed by another: its TransientError was let out."""
    number, item = failed.number, trace.name(failed.item)
    if number % 3 == 0 and any(names[0] == "ServiceBusy" for names in kinds):
        return Misconception(
            "subclass-not-retried",
            f"Try {number} of item {item} failed with a subclass of TransientError, which left "
            f"{trace.label(failed.task)}{lines([line])}.",
            "TransientError and its subclasses are retried, as `except TransientError` does.",
            why="error",
            line=line,
        )
    return Misconception(
        "no-retry" if number == 1 else "too-few-tries",
        f"Try {number} of item {item} failed, and the TransientError left "
        f"{trace.label(failed.task)} and ended it{lines([line])}.",
        f"With attempts={attempts} an item is tried up to {attempts} times "
        "before the consumer gives up on it.",
        why="error",
        line=line,
    )


# -- the other ends ---------------------------------------------------------------------------


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
    )


def _raised(trace: Trace, scenario: Scenario) -> Failure:
    error = trace.end["error"]
    found = recognise_error(error) or _of_a_try(trace, scenario, error) or _stranger(trace, error)
    return found or Failure(
        f"run_pipeline raised {describe_error(error)}.",
        why="error",
        line=last_line(error),
    )


def _of_a_try(trace: Trace, scenario: Scenario, error: Mapping[str, Any]) -> Misconception | None:
    """What a try ended with was let out, and ended the whole pipeline."""
    inner = error.get("inner") or ()
    kinds = [(one["type"], *one["bases"]) for one in (error, *inner)]
    if any("TimeoutError" in names for names in kinds):
        return cut_off(trace, scenario)
    failed = [t for t in trace.tries if t.outcome == "transient"]
    if not failed or not any("TransientError" in names for names in kinds):
        return None
    attempts = scenario.options.get("attempts", 1)
    last = [t for t in failed if t.number >= attempts]
    if not last:
        return _not_retried(trace, failed[-1], attempts, kinds, last_line(error))
    return Misconception(
        "giving-up-ends-consumer",
        f"Item {trace.name(last[-1].item)} failed for the last time at {last[-1].end:.3f} s, and "
        f"the TransientError ended its consumer and run_pipeline{lines([last_line(error)])}.",
        "Giving up on an item is counted, not raised; the consumer takes the next item.",
        why="error",
        line=last_line(error),
    )


def _livelock(trace: Trace) -> Failure:
    line, task = trace.end.get("line"), trace.end.get("task")
    code, what, asks = _spinner(trace, task if type(task) is int else None)
    return Misconception(
        code,
        f"Busy polling{lines([line])}: from {_standstill(trace):.3f} s on {what}, again and again, "
        "and nothing comes of it.",
        asks,
        why="livelock",
        line=line,
    )


def _standstill(trace: Trace) -> float:
    """When the last thing happened that was no sleep."""
    kinds = ("put", "get", "begin", "finish", "take", "done")
    return max((event.at for event in trace.of(*kinds)), default=0.0)


def _spinner(trace: Trace, task: int | None) -> tuple[str, str, str]:
    """Who asks again and again, and for what: a code, words, and what is asked instead."""
    mine = [e for e in trace.events if e.task == task and e.kind in ("take", "get", "finish")]
    tries = [one for one in trace.tries if one.task == task]
    if tries and tries[-1].outcome == "transient" and mine and mine[-1].kind == "finish":
        return (
            "spins-while-waiting",
            f"{trace.label(tries[-1].task)} asks whether its wait is over",
            "One await asyncio.sleep(seconds) waits for the whole pause, and wakes once.",
        )
    if any(event.task == task for event in trace.taken) and len(trace.taken) > len(trace.puts):
        return (
            "polls-for-room",
            "the producer asks whether there is room",
            "`await q.put(item)` is all the waiting that it needs: it wakes when there is room.",
        )
    if task == 1 and trace.taken:
        return (
            "polls-instead-of-join",
            "run_pipeline asks whether all is done",
            "The wait is a real one: join(), or the consumers' own end, wakes it once.",
        )
    return (
        "polls-for-items",
        f"{trace.label(task) if task else 'a consumer'} asks whether there is an item",
        "`await q.get()` waits for an item, and wakes a consumer when there is one.",
    )


def _time_limit(trace: Trace, scenario: Scenario) -> Failure:
    attempts = scenario.options.get("attempts", 4)
    last = max(trace.tries, key=lambda one: one.number, default=None)
    if last is not None and last.number > 2 * attempts:
        return Misconception(
            "never-gives-up",
            f"Item {trace.name(last.item)} was tried again and again, with attempts={attempts}: "
            f"{last.number} times by {last.start:.0f} s{lines([last.line])}.",
            f"An item that failed {attempts} time{'s' if attempts > 1 else ''} is given up on.",
            line=last.line,
        )
    return Failure(
        "After an hour of virtual time it still had not come to an end.",
        f"Waiting: {waiting_words(trace, trace.waits)}.",
        why="timeout",
        line=_main_line(trace),
    )


def _memory(trace: Trace) -> Failure:
    line = last_line(trace.end.get("error") or {})
    return Failure(f"Used more memory than 384 MB{lines([line])}.", why="memory", line=line)


def _output(trace: Trace) -> Failure:
    return Failure("Never stops: it does or prints far more than is needed.", why="output")


def _exit(trace: Trace) -> Failure:
    line = last_line(trace.end.get("error") or {})
    return Failure(f"Ends the whole program{lines([line])}.", why="exit", line=line)


def _cancelled(trace: Trace) -> Failure:
    return Misconception(
        "cancelled-error-escapes",
        f"run_pipeline ended with a CancelledError at {trace.clock:.3f} s instead of returning: "
        "awaiting a task that was cancelled raises it.",
        "run_pipeline returns when all is finished: the end of its consumers stays its own affair.",
        why="error",
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
    "cancelled": _cancelled,
}
