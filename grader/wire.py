"""The protocol of workers that grade: one JSON object per line, in both directions.

{"run": 3, "job": ...}                                     a request; the job is the asker's own affair

{"ready": ["ex4_add_jitter"]}                              all is imported; whose checks cannot be used
{"run": 3, "exercise": ..., "check": ..., "done": 2, "checks": 6}   a check has begun: a sign of life
{"run": 3, "results": [...], "grown": false, "times": {}}  the verdicts (`grader.records`)
{"run": 3, "trouble": "...", "busy": false}                why there are none; run 0: ever
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.records import exercise_from_record, exercise_record
from grader.results import ExerciseResult

__all__ = [
    "Advanced",
    "Answer",
    "Graded",
    "Progress",
    "Ready",
    "Request",
    "Troubled",
    "answer_in",
    "answer_line",
    "request_in",
    "request_line",
]


@dataclass(frozen=True)
class Request:
    """A run to do. job: what to grade, as plain data."""

    run: int
    job: Any


@dataclass(frozen=True)
class Ready:
    """The worker takes requests. broken: ids of exercises whose checks it cannot use."""

    broken: tuple[str, ...] = ()


@dataclass(frozen=True)
class Progress:
    """Progress of a run: the running check, and how many of the run's checks are done."""

    exercise: str
    check: str
    done: int
    checks: int


@dataclass(frozen=True)
class Advanced:
    """A run made progress."""

    run: int
    progress: Progress


@dataclass(frozen=True)
class Graded:
    """A run finished with verdicts.

    grown: the worker takes so much memory that it should be replaced. times: when the first check of
    each exercise began and the last ended, as text; those that were not checked are not in it.
    """

    run: int
    results: tuple[ExerciseResult, ...]
    grown: bool = False
    times: Mapping[str, tuple[str, str]] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Troubled:
    """A run has no verdicts, because the grader failed.

    trouble: why. busy: the machine had no room; the submission has nothing to do with it.
    """

    run: int
    trouble: str
    busy: bool = False


Answer = Ready | Advanced | Graded | Troubled


def request_line(request: Request) -> bytes:
    """Encode a request."""
    return _line(run=request.run, job=request.job)


def request_in(line: bytes) -> Request:
    """Decode a line of `request_line`."""
    data = json.loads(line)
    return Request(data["run"], data["job"])


def answer_line(answer: Answer) -> bytes:
    """Encode an answer."""
    match answer:
        case Ready(broken):
            return _line(ready=list(broken))
        case Advanced(run, progress):
            return _line(run=run, **vars(progress))
        case Graded(run, results, grown, times):
            records = [exercise_record(one) for one in results]
            return _line(run=run, results=records, grown=grown, times=dict(times))
        case Troubled():
            return _line(**vars(answer))


def answer_in(line: bytes) -> Answer:
    """Decode a line of `answer_line`.

    Raises `ValueError` for anything else, such as a line that a crashed worker left.
    """
    data: Any = json.loads(line)
    try:
        if "ready" in data:
            return Ready(tuple(data["ready"]))
        if "results" in data:
            results = tuple(map(exercise_from_record, data["results"]))
            times = {exercise: (one, two) for exercise, (one, two) in data["times"].items()}
            return Graded(data["run"], results, data["grown"], times)
        if "trouble" in data:
            return Troubled(data["run"], data["trouble"], data["busy"])
        progress = Progress(data["exercise"], data["check"], data["done"], data["checks"])
        return Advanced(data["run"], progress)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"not a worker's line: {error!r}") from error


def _line(**data: Any) -> bytes:
    return json.dumps(data).encode() + b"\n"
