"""Failures for errors that wrongly left the learner's code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from grader.course.kit.failures import Failure, Misconception, lines
from grader.course.kit.world import Scenario
from grader.course.mistakes.crew import GIVING_UP_ENDS_CONSUMER
from grader.course.mistakes.items import WORKS_ON_NO_ITEM
from grader.course.mistakes.tries import NO_RETRY, SUBCLASS_NOT_RETRIED, TOO_FEW_TRIES
from grader.course.rules.exceptions import describe_error, last_line, recognise_error
from grader.course.rules.shapes import cut_off
from grader.trace import Trace, Try

__all__ = ["left_consumer", "left_pipeline"]


def left_consumer(trace: Trace, scenario: Scenario) -> Failure | None:
    """The failure for a consumer that died of an error; None if none did."""
    cancelled = trace.of("cancel")[:1]
    for event, error in trace.died():
        # Cancelled consumers are judged by the checks that cancel them.
        late = bool(cancelled) and trace.events.index(event) > trace.events.index(cancelled[0])
        if event.task not in trace.crew or late:
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
            at=event.at,
            task=event.task,
        )
    return None


def _stranger(trace: Trace, error: Mapping[str, Any]) -> Misconception | None:
    """The failure if the service was called with something that is not an item."""
    calls = trace.of("stranger")
    if not calls:
        return None
    line = calls[0].line or last_line(error)
    return WORKS_ON_NO_ITEM(
        f"The service was called with something that is no item, a {calls[0].data[0]}, at "
        f"{calls[0].at:.3f} s{lines([line])}.",
        "It is called with the item, just as it came out of the queue.",
        why="error",
        line=line,
        at=calls[0].at,
    )


def _transient_escaped(
    trace: Trace, scenario: Scenario, task: int, error: Mapping[str, Any]
) -> Failure:
    attempts = scenario.options.get("attempts", 4)
    tries = [one for one in trace.tries if one.task == task and one.outcome == "transient"]
    last = tries[-1] if tries else None
    if last is None:
        return Failure(
            f"{trace.label(task)} stopped: {describe_error(error)}.",
            why="error",
            line=last_line(error),
            task=task,
        )
    item = trace.name(last.item)
    if last.number >= attempts:
        return GIVING_UP_ENDS_CONSUMER(
            f"After failed try {last.number} of item {item} a TransientError left "
            f"{trace.label(task)} and ended it{lines([last_line(error)])}.",
            "Giving up on an item is counted, not raised; the consumer takes the next item.",
            why="error",
            line=last_line(error),
            task=task,
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
    """The failure for a failed try that was not retried: its TransientError escaped."""
    number, item = failed.number, trace.name(failed.item)
    if number % 3 == 0 and any(names[0] == "ServiceBusy" for names in kinds):
        return SUBCLASS_NOT_RETRIED(
            f"Try {number} of item {item} failed with a subclass of TransientError, which left "
            f"{trace.label(failed.task)}{lines([line])}.",
            "TransientError and its subclasses are retried, as `except TransientError` does.",
            why="error",
            line=line,
            task=failed.task,
        )
    return (NO_RETRY if number == 1 else TOO_FEW_TRIES)(
        f"Try {number} of item {item} failed, and the TransientError left "
        f"{trace.label(failed.task)} and ended it{lines([line])}.",
        f"With attempts={attempts} an item is tried up to {attempts} times "
        "before the consumer gives up on it.",
        why="error",
        line=line,
        task=failed.task,
    )


def left_pipeline(trace: Trace, scenario: Scenario) -> Failure:
    """The failure for an error that left the called function."""
    error = trace.end["error"]
    found = recognise_error(error) or _of_a_try(trace, scenario, error) or _stranger(trace, error)
    cause = _cause(error)
    where = " inside its task group" if cause is not error else ""
    return found or Failure(
        f"{_main(trace)} raised {describe_error(cause)}{where}.",
        why="error",
        line=last_line(cause) or last_line(error),
    )


def _main(trace: Trace) -> str:
    return trace.tasks[1] if len(trace.tasks) > 1 else "the call"


def _cause(error: Mapping[str, Any]) -> Mapping[str, Any]:
    """The first error in a group, however deeply nested: the group itself says nothing more."""
    while inner := error.get("inner"):
        error = inner[0]
    return error


def _of_a_try(trace: Trace, scenario: Scenario, error: Mapping[str, Any]) -> Misconception | None:
    """The failure if a try's error or a timeout escaped and ended the whole pipeline."""
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
    return GIVING_UP_ENDS_CONSUMER(
        f"Item {trace.name(last[-1].item)} failed for the last time at {last[-1].end:.3f} s, and "
        f"the TransientError ended its consumer and {_main(trace)}{lines([last_line(error)])}.",
        "Giving up on an item is counted, not raised; the consumer takes the next item.",
        why="error",
        line=last_line(error),
        at=last[-1].end,
    )
