"""Whether an error of fetch() or store() leaves `run_pipeline`, as what it is."""

from __future__ import annotations

from typing import Any

from grader.course.api import Trace, Try, ends, exceptions, lines
from grader.course.ex6_find_the_leak.mistakes import ERROR_KEPT_INSIDE, RETRIES_ON_ITS_OWN
from grader.course.ex6_find_the_leak.whole import errors_in
from grader.course.mistakes.errors import ERROR_HANGS_PIPELINE, ERROR_WRAPPED

__all__ = ["error_surfaced"]

_ASKS = (
    "An error of fetch() or store() leaves run_pipeline, bare or in a group, and is never a hang."
)


def error_surfaced(trace: Trace, service: str, kind: str) -> None:
    """An error of this service left `run_pipeline`; kind: the name of its class."""
    failed = next((one for one in trace.tries_with(service) if one.outcome == "error"), None)
    if failed is None:  # something else went wrong before
        failed = next((one for one in trace.tries if one.outcome == "error"), None)
    _not_retried(trace)
    seen = (
        "No call of the service failed" if failed is None else _seen(trace, service, failed, kind)
    )
    line, at = (None, trace.clock) if failed is None else (failed.line, failed.end)
    task, item = (1, None) if failed is None else (failed.task, failed.item)
    where: dict[str, Any] = {"line": line, "task": task, "item": item}
    if trace.how == "deadlock":
        raise ERROR_HANGS_PIPELINE(
            f"{seen}, and run_pipeline waits for ever: {ends.waiting_words(trace, trace.waits)}.",
            _ASKS,
            why="deadlock",
            at=at,
            **where,
        ).about(trace)
    if trace.how == "returned":
        raise ERROR_KEPT_INSIDE(
            f"{seen}, and run_pipeline returned at {trace.clock:.3f} s as if nothing had happened.",
            _ASKS,
            at=at,
            **where,
        ).about(trace)
    if not exceptions.holds_error(trace.end["error"], kind):
        others = [one for one in errors_in(trace.end["error"]) if not one.get("inner")]
        told = ", ".join(
            f"{one['type']}: {one['text']:.60}{lines(one['lines'][-1:])}" for one in others[:2]
        )
        raise ERROR_WRAPPED(
            f"{seen}, but what left run_pipeline was {told}.", _ASKS, at=at, **where
        ).about(trace)


def _seen(trace: Trace, service: str, failed: Try, kind: str) -> str:
    return f"{service}() raised {kind} for item {trace.name(failed.item)} at {failed.end:.3f} s"


def _not_retried(trace: Trace) -> None:
    again = next((one for one in trace.tries if one.number > 1), None)
    if again is not None:
        called = trace.services[again.service]
        raise RETRIES_ON_ITS_OWN(
            f"{called}() failed for item {trace.name(again.item)}, and was called for it again at "
            f"{again.start:.3f} s.",
            "Nothing is retried: the error leaves run_pipeline.",
            line=again.line,
            at=again.start,
            task=again.task,
            item=again.item,
        ).about(trace)
