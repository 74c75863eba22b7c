"""Reports as JSON, schema 1, for other programs: `grade --json` and a class's `results.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from grader.class_results import ClassReport, Sender, SubmissionResult, Unused
from grader.results import SCHEMA, CheckResult, ExerciseResult, GradeReport

__all__ = ["class_to_json", "exercise_data", "to_json"]


def to_json(report: GradeReport) -> str:
    """Return a run's report as one line of pure ASCII, whatever a learner's code printed."""
    return json.dumps(_report_data(report)) + "\n"


def class_to_json(report: ClassReport, *, not_handed_in: Iterable[str] = ()) -> Iterator[str]:
    """Yield the report as pure ASCII, piece by piece: one line per submission, in their order.

    not_handed_in: who has a row in a platform's file, and nothing handed in.
    """
    yield f'{{"schema": {SCHEMA}, "seed": {report.seed}, "submissions": ['
    separator = "\n"
    for submission in report.submissions:
        yield separator + json.dumps(_submission_data(submission))
        separator = ",\n"
    unused = [_unused_data(one) for one in report.unused]
    absent = list(not_handed_in)
    more = f', "not_handed_in": {json.dumps(absent)}' if absent else ""
    yield f'\n], "unused": {json.dumps(unused)}{more}}}\n'


def _submission_data(result: SubmissionResult) -> dict[str, Any]:
    return {
        "submission": result.submission,
        "score": result.score,
        "max_score": result.max_score,
        **_final(result),
        "late": result.late,
        **({"submitted": result.submitted} if result.submitted else {}),
        **({"counted": result.counted} if result.counted else {}),
        "note": result.note,
        "senders": [_sender_data(one) for one in result.senders],
        "unused": [_unused_data(one) for one in result.unused],
        **({"doubts": [asdict(one) for one in result.doubts]} if result.doubts else {}),
        "exercises": [
            exercise_data(one) | {"note": one.note, "flags": list(one.flags)}
            for one in result.exercises
        ],
    }


def _unused_data(one: Unused) -> dict[str, str]:
    return {"path": one.path, "reason": one.reason}


def _sender_data(sender: Sender) -> dict[str, str]:
    """Return who it is; where the platform finds the owner of feedback is of no use elsewhere."""
    return {name: value for name, value in asdict(sender).items() if name != "folder"}


def _final(result: SubmissionResult) -> dict[str, Any]:
    final = result.final
    if final is None:
        return {}
    return {
        "final_score": final.score,
        "final_max_score": final.max_score,
        "adjustments": list(final.said),
    }


def _report_data(report: GradeReport) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "seed": report.seed,
        "score": report.score,
        "max_score": report.max_score,
        "passed": report.passed,
        "exercises": [exercise_data(result) for result in report.exercises],
    }


def exercise_data(result: ExerciseResult) -> dict[str, Any]:
    """Return one exercise as plain data, the same in every report."""
    return {
        "exercise": result.exercise,
        "title": result.title,
        "outcome": result.outcome.value,
        "score": result.score,
        "max_score": result.max_score,
        "wall_ms": round(result.wall_ms, 1),
        "checks": [_check_data(check) for check in result.checks],
    }


def _check_data(check: CheckResult) -> dict[str, Any]:
    return {
        "check": check.check,
        "title": check.title,
        "outcome": check.outcome.value,
        "why": check.why.value if check.why else None,
        "score": check.score,
        "max_score": check.max_score,
        "message": check.message,
        "misconception": check.misconception,
        "hint": check.hint,
        "line": check.line,
        "wall_ms": round(check.wall_ms, 1),
        **({"subgoal": check.subgoal} if check.subgoal else {}),
        **({"levels": [asdict(one) for one in check.levels]} if check.levels else {}),
    }
