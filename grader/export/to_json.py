"""A report as JSON, schema 1: the format of `grade --json`, for other programs to rely on."""

from __future__ import annotations

import json
from typing import Any

from grader.results import SCHEMA, CheckResult, ExerciseResult, GradeReport

__all__ = ["exercise_data", "to_json"]


def to_json(report: GradeReport) -> str:
    """The report as one line of pure ASCII per run, whatever a learner's code printed."""
    return json.dumps(_report_data(report)) + "\n"


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
    """One exercise as plain data, as it stands in every report."""
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
    }
