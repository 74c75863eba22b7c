"""The protocol between `watch` and its worker: one JSON object per line, in both directions.

{"run": 3, "exercises": ["ex1_add_maxsize"]}                       grade these

{"ready": true}                                                    everything is imported
{"run": 3, "exercise": ..., "check": ..., "done": 2, "checks": 6}  a check has begun
{"run": 3, "results": [...]}                                       the verdicts (`grader.records`)
{"run": 3, "trouble": "..."}                                       why there are no verdicts
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from grader.practice.events import Advanced, Graded, Progress, Troubled
from grader.records import exercise_from_record, exercise_record
from grader.results import ExerciseResult

__all__ = [
    "Request",
    "advanced_line",
    "event_in",
    "graded_line",
    "ready_line",
    "request_in",
    "request_line",
    "troubled_line",
]

Request = tuple[int, list[str]]
"""A run's number and the exercises to grade."""


def request_line(run: int, exercises: Iterable[str]) -> bytes:
    """Encode the request to start a run."""
    return _line(run=run, exercises=list(exercises))


def request_in(line: bytes) -> Request:
    """Decode a line of `request_line`."""
    data = json.loads(line)
    return data["run"], data["exercises"]


def ready_line() -> bytes:
    """Encode that the worker is warm."""
    return _line(ready=True)


def advanced_line(run: int, progress: Progress) -> bytes:
    """Encode that a check has begun."""
    return _line(
        run=run,
        exercise=progress.exercise,
        check=progress.check,
        done=progress.done,
        checks=progress.checks,
    )


def graded_line(run: int, results: Iterable[ExerciseResult]) -> bytes:
    """Encode all verdicts of a run."""
    return _line(run=run, results=[exercise_record(result) for result in results])


def troubled_line(run: int, trouble: str) -> bytes:
    """Encode why a run has no verdicts."""
    return _line(run=run, trouble=trouble)


def event_in(line: bytes) -> Advanced | Graded | Troubled | None:
    """Decode a worker's line into an event; None for `ready_line`.

    Raises `ValueError` for anything else, such as a line that a crashed worker left.
    """
    data: Any = json.loads(line)
    try:
        if "ready" in data:
            return None
        if "results" in data:
            return Graded(data["run"], tuple(map(exercise_from_record, data["results"])))
        if "trouble" in data:
            return Troubled(data["run"], data["trouble"])
        progress = Progress(data["exercise"], data["check"], data["done"], data["checks"])
        return Advanced(data["run"], progress)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a worker's line: {error!r}") from error


def _line(**data: Any) -> bytes:
    return json.dumps(data).encode() + b"\n"
