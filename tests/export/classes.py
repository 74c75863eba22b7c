"""Verdicts on small classes, for exporters to write."""

from __future__ import annotations

from collections.abc import Iterable

from grader.class_results import ClassReport, Sender, SubmissionResult
from grader.results import CheckResult, ExerciseResult, Outcome, Why

IDS = ("ex1_add_maxsize", "ex2_build_retry_loop")


def submission(
    name: str, *senders: Sender, score: int = 10, ungraded: bool = False
) -> SubmissionResult:
    """A submission that earned `score` of 20 points, ten for each of two exercises."""
    exercises = []
    for exercise in IDS:
        passed = min(score, 10)
        score -= passed
        checks = (
            CheckResult("test_a", "A", passed, Outcome.PASSED, None),
            CheckResult("test_b", "B", 10 - passed, Outcome.FAILED, Why.EXPECTATION),
        )
        outcome = Outcome.UNGRADED if ungraded else Outcome.FAILED
        exercises.append(ExerciseResult(exercise, exercise, 10, outcome, checks))
    return SubmissionResult(name, tuple(exercises), senders)


def report(submissions: Iterable[SubmissionResult]) -> ClassReport:
    """A class of them."""
    return ClassReport(7, IDS, tuple(submissions))
