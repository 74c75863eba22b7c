"""Verdicts for tests of the learner's loop."""

from __future__ import annotations

from grader.practice.state import Step
from grader.results import CheckResult, ExerciseResult, Outcome, Why

__all__ = ["COURSE", "HINTS", "verdict"]

COURSE = (Step("ex1_a", "A"), Step("ex2_b", "B"), Step("ex3_c", "C"))
HINTS = ("Look.", "Look closer.", "Write `x = 1`.")


def verdict(
    exercise: str,
    outcome: Outcome = Outcome.FAILED,
    *,
    check: str = "test_it",
    source: str = "pass\n",
    hints: tuple[str, ...] = HINTS,
) -> ExerciseResult:
    """A verdict with two checks, of which the second one passes or fails with the exercise."""
    failed, passed = outcome is Outcome.FAILED, outcome is Outcome.PASSED
    second = CheckResult(
        check,
        "Does it.",
        2,
        outcome if passed or failed else Outcome.NOT_RUN,
        None if passed else Why.EXPECTATION if failed else Why.DEPENDENCY,
        "Item 3 was lost." if failed else "",
        hints=hints,
        line=1 if failed else None,
    )
    begun = Outcome.PASSED if passed or failed else Outcome.NOT_RUN
    first = CheckResult(
        "test_starts",
        "Starts.",
        1,
        begun,
        None if passed or failed else Why.DEPENDENCY,
        hints=hints,
    )
    path = f"exercises/{exercise}.py"
    checks = (first, second)
    return ExerciseResult(exercise, exercise, 3, outcome, checks, path, source, seed=7)
