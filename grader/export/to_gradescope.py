"""Verdicts for Gradescope: the `results.json` that its autograder picks up.

Format: https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from grader.export.plain import finding, label, plain, reason
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["to_gradescope"]


def to_gradescope(exercises: Sequence[ExerciseResult], remarks: Sequence[str] = ()) -> str:
    """Return one submission's verdicts as JSON. All tests are visible: a hidden one hides the total.

    remarks: what the learner should know about the files, a line each.

    Raises `ValueError` for an ungraded exercise: Gradescope could only show it as a zero.
    """
    if any(one.outcome is Outcome.UNGRADED for one in exercises):
        raise ValueError("an ungraded exercise cannot be written for Gradescope")
    data = {
        "execution_time": round(sum(one.wall_ms for one in exercises) / 1000, 3),
        "output": plain("\n".join([*map(_summary, exercises), *remarks])),
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": [
            _test(result, check, f"{place}.{number}")
            for place, result in enumerate(exercises, 1)
            for number, check in enumerate(result.checks, 1)
        ],
    }
    return json.dumps(data, indent=1) + "\n"


def _summary(result: ExerciseResult) -> str:
    state = reason(result) or result.outcome.value
    return f"{result.exercise}: {state}, {result.score} of {result.max_score} points"


def _test(result: ExerciseResult, check: CheckResult, number: str) -> dict[str, Any]:
    passed = check.outcome is Outcome.PASSED
    return {
        "name": label(result, check),
        "number": number,
        "status": "passed" if passed else "failed",
        "score": check.score,
        "max_score": check.max_score,
        "output": "" if passed else finding(result, check),
        "output_format": "text",
        "visibility": "visible",
        "tags": [result.exercise],
        "extra_data": {
            "check": check.check,
            "outcome": check.outcome.value,
            "why": check.why.value if check.why else None,
            "misconception": check.misconception,
        },
    }
