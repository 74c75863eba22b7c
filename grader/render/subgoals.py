"""Groups checks by what they stand under, a heading for each."""

from __future__ import annotations

from collections.abc import Iterable

from grader.course.points import points
from grader.render.layout import Hanging
from grader.render.words import prose
from grader.results import CheckResult, Outcome

__all__ = ["by_subgoal", "subgoal_line"]


def by_subgoal(checks: Iterable[CheckResult]) -> list[tuple[str, tuple[CheckResult, ...]]]:
    """Return the checks by subgoal, both in the order of their first checks; "" for those without one."""
    groups: dict[str, tuple[CheckResult, ...]] = {}
    for check in checks:
        groups[check.subgoal] = (*groups.get(check.subgoal, ()), check)
    return [*groups.items()]


def subgoal_line(exercise: str, subgoal: str, checks: Iterable[CheckResult]) -> Hanging:
    """Return the line above the checks of a subgoal: its words, how many of them pass, where to read.

    The checks have numbers of their own, so the line says which points of the contract they are about.
    """
    known = [*checks]
    passed = sum(check.outcome is Outcome.PASSED for check in known)
    style = "passed" if passed == len(known) else "label"
    words = prose(subgoal, style).append(f"  {passed} of {len(known)}", "aside")
    read = points(exercise).get(subgoal)
    words.append(f"  (contract: {read})" if read else "", "aside")
    return Hanging("", words, 1)
