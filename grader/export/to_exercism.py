"""Verdicts for Exercism: the `results.json` of a test runner, version 3.

Format: https://exercism.org/docs/building/tooling/test-runners/interface
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from grader.export.plain import finding, label, plain, prints, reason
from grader.results import CheckResult, ExerciseResult, Outcome, Why

__all__ = ["to_exercism"]

LONGEST_OUTPUT = 500  # characters, the format's limit
LONGEST_MESSAGE = 65_535
_CUT = "\nOutput was truncated. Please limit to 500 chars"


def to_exercism(exercises: Sequence[ExerciseResult]) -> str:
    """Return the verdicts as JSON, in the order of the checks; `task_id` is the exercise's number."""
    tests = [_test(result, check) for result in exercises for check in result.checks]
    error = _error(exercises)
    failed = any(test["status"] != "pass" for test in tests)
    data: dict[str, Any] = {
        "version": 3,
        "status": "error" if error else "fail" if failed or not tests else "pass",
        "message": error or None,
        "tests": [] if error else tests,
    }
    return json.dumps(data, indent=1) + "\n"


def _error(exercises: Sequence[ExerciseResult]) -> str:
    """Return why no test ran, or "" if one did."""
    ran = [c for one in exercises for c in one.checks if _ran(c)]
    if ran:
        return ""
    first = [_why_not(one) for one in exercises]
    return plain("\n".join(first) or "nothing was graded")[:LONGEST_MESSAGE]


def _ran(check: CheckResult) -> bool:
    return check.outcome is not Outcome.NOT_RUN and check.why is not Why.IMPORT


def _why_not(result: ExerciseResult) -> str:
    failure = result.first_failure
    return f"{result.exercise}: {failure.message if failure else reason(result)}"


def _test(result: ExerciseResult, check: CheckResult) -> dict[str, Any]:
    passed = check.outcome is Outcome.PASSED
    data: dict[str, Any] = {
        "name": label(result, check),
        "status": "pass" if passed else "fail" if check.outcome is Outcome.FAILED else "error",
        "message": None if passed else finding(result, check)[:LONGEST_MESSAGE],
        "output": _shortened(prints(check)) or None,
        "test_code": plain(check.title),  # the requirement; the checks' code stays hidden
    }
    number = re.match(r"[a-z]+(\d+)_", result.exercise)
    return data | ({"task_id": int(number[1])} if number else {})


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_OUTPUT:
        return text
    return text[: LONGEST_OUTPUT - len(_CUT)] + _CUT
