"""Converts complete verdicts to plain JSON data and back, for the grader's own pipes and store.

`grade --json` has another format, for other programs, without the fields that only screens need.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.class_results import Attempt, Doubt, Sender, SubmissionResult, Unused
from grader.results import (
    CheckResult,
    ExerciseResult,
    Level,
    Observation,
    Outcome,
    Sight,
    Why,
)

__all__ = [
    "exercise_from_record",
    "exercise_record",
    "submission_from_record",
    "submission_record",
]

_CHECK = (
    *("check", "title", "max_score", "message", "misconception"),
    *("matters", "line", "wall_ms"),
)
_EXERCISE = ("exercise", "title", "max_score", "path", "source", "note", "wall_ms", "seed")
_SENDER = ("platform", "id", "name", "sid", "email", "folder")


def exercise_record(result: ExerciseResult, *, traces: bool = True) -> dict[str, Any]:
    """One exercise as plain data.

    traces: include the checks' traces, which make up most of the size.
    """
    return {
        **{name: getattr(result, name) for name in _EXERCISE},
        "outcome": result.outcome.value,
        "flags": list(result.flags),
        "learned": result.learned,
        "checks": [_check_record(check, traces=traces) for check in result.checks],
    }


def exercise_from_record(data: Mapping[str, Any]) -> ExerciseResult:
    """The exercise that `exercise_record` wrote; raises `ValueError` for any other data."""
    try:
        return ExerciseResult(
            **{name: data[name] for name in _EXERCISE},
            outcome=Outcome(data["outcome"]),
            flags=tuple(data["flags"]),
            learned=data.get("learned", ""),  # missing in stores of older versions
            checks=tuple(_check(row) for row in data["checks"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not an exercise's verdict: {error!r}") from error


def submission_record(result: SubmissionResult, *, traces: bool = True) -> dict[str, Any]:
    """One submission as plain data, with all of its exercises."""
    return {
        "submission": result.submission,
        "late": result.late,
        "note": result.note,
        "senders": [[getattr(one, name) for name in _SENDER] for one in result.senders],
        "unused": [[one.path, one.reason] for one in result.unused],
        "doubts": [[one.path, one.reason, one.exercise, one.sure] for one in result.doubts],
        "handed_in": list(result.handed_in),
        "submitted": result.submitted,
        "attempt": result.attempt and [result.attempt.learner, result.attempt.number],
        "exercises": [exercise_record(one, traces=traces) for one in result.exercises],
    }


def submission_from_record(data: Mapping[str, Any]) -> SubmissionResult:
    """The submission that `submission_record` wrote; raises `ValueError` for any other data."""
    try:
        return SubmissionResult(
            data["submission"],
            tuple(exercise_from_record(row) for row in data["exercises"]),
            tuple(Sender(*row) for row in data["senders"]),
            data["late"],
            data["note"],
            tuple(Unused(*row) for row in data["unused"]),
            # These are missing in stores of older versions.
            tuple(Doubt(*row) for row in data.get("doubts", ())),
            tuple(data.get("handed_in", ())),
            data.get("submitted", ""),
            attempt=Attempt(*data["attempt"]) if data.get("attempt") else None,
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a submission's verdict: {error!r}") from error


def _check_record(check: CheckResult, *, traces: bool) -> dict[str, Any]:
    trace = check.observation.trace if traces else None
    return {
        **{name: getattr(check, name) for name in _CHECK},
        "outcome": check.outcome.value,
        "why": check.why.value if check.why else None,
        "hints": list(check.hints),
        "caret": check.caret and list(check.caret),
        "subgoal": check.subgoal,
        "pictured": check.pictured,
        "sights": [_sight_record(sight) for sight in check.sights],
        "levels": [[x.where, x.name, x.asked, x.reached, x.met] for x in check.levels],
        "trace": None if trace is None else dict(trace),
    }


def _sight_record(sight: Sight) -> list[Any]:
    around = sight.around and list(sight.around)
    return [sight.at, sight.task, sight.text, sight.kind, sight.wrong, around, sight.begins]


def _sight(row: list[Any]) -> Sight:
    at, task, text, kind, wrong, around, begins = row
    return Sight(at, task, text, kind, wrong, (around[0], around[1]) if around else None, begins)


def _caret(columns: list[int] | None) -> tuple[int, int] | None:
    return (columns[0], columns[1]) if columns else None


def _check(data: Mapping[str, Any]) -> CheckResult:
    return CheckResult(
        **{name: data[name] for name in _CHECK},
        outcome=Outcome(data["outcome"]),
        why=None if data["why"] is None else Why(data["why"]),
        hints=tuple(data["hints"]),
        caret=_caret(data.get("caret")),  # missing, like `sights`, in stores of older versions
        sights=tuple(map(_sight, data.get("sights", ()))),
        levels=tuple(Level(*row) for row in data.get("levels", ())),
        observation=Observation(data["trace"]),
        subgoal=data.get("subgoal", ""),
        pictured=data.get("pictured", False),
    )
