"""Verdicts for Classroom 50: the `result.json` that its runner picks up.

Format: https://github.com/foundation50/classroom50/wiki/Advanced-Autograding
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from grader.export.plain import finding, label
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["HandedIn", "to_classroom50"]

SCHEMA = "classroom50/result/v1"


@dataclass(frozen=True)
class HandedIn:
    """What the runner knows about a submission.

    submission: its tag, `submit/…`. commit, release, review: URLs. at: when it was handed in, UTC,
    as `2026-11-24T08:15:00Z`. remarks: for formats that can tell the learner about the files.
    """

    classroom: str
    assignment: str
    owner: str
    submission: str
    commit: str
    release: str
    review: str
    at: str
    kind: str = "individual"
    remarks: tuple[str, ...] = ()


def to_classroom50(exercises: Sequence[ExerciseResult], handed_in: HandedIn) -> str:
    """Return one submission's verdicts as JSON, with only the format's keys.

    Raises `ValueError` for an ungraded exercise: the format could only show it as a zero.
    """
    if any(one.outcome is Outcome.UNGRADED for one in exercises):
        raise ValueError("an ungraded exercise cannot be written for Classroom 50")
    data = {
        "schema": SCHEMA,
        "classroom": handed_in.classroom,
        "assignment": handed_in.assignment,
        "assignment_type": handed_in.kind,
        "owner": handed_in.owner,
        "submission": handed_in.submission,
        "commit": handed_in.commit,
        "release": handed_in.release,
        "review": handed_in.review,
        "datetime": handed_in.at,
        "score": sum(one.score for one in exercises),
        "max-score": sum(one.max_score for one in exercises),
        "tests": [_test(result, check) for result in exercises for check in result.checks],
    }
    return json.dumps(data, indent=1) + "\n"


def _test(result: ExerciseResult, check: CheckResult) -> dict[str, Any]:
    passed = check.outcome is Outcome.PASSED
    return {
        "test-name": label(result, check),
        "passed": passed,
        "score": check.score,
        "max-score": check.max_score,
        "output": "" if passed else finding(result, check),
    }
