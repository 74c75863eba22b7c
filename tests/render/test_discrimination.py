"""How well a check tells learners apart: the point-biserial correlation, added up in one pass."""

from __future__ import annotations

from math import sqrt
from statistics import StatisticsError, correlation, fmean, pstdev

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.class_results import ClassReport, SubmissionResult
from grader.render.class_tally import class_figures
from grader.render.discrimination import Discrimination
from grader.results import CheckResult, ExerciseResult, Outcome, Why

learners = st.lists(st.tuples(st.booleans(), st.integers(0, 10**6)), max_size=40)


def added(rows: list[tuple[bool, int]]) -> float | None:
    """What the sums say."""
    found = Discrimination()
    for passed, elsewhere in rows:
        found.add(passed=passed, elsewhere=elsewhere)
    return found.value


@given(learners)
def test_equals_the_correlation(rows: list[tuple[bool, int]]) -> None:
    """Of passing, as 1 and 0, and the points elsewhere; there is none where one of them is constant."""
    try:
        expected = correlation(
            [float(passed) for passed, _ in rows], [points for _, points in rows]
        )
    except StatisticsError:
        assert added(rows) is None
        return
    found = added(rows)
    assert found == pytest.approx(expected, abs=1e-6)
    assert found is not None
    assert -1 - 1e-9 <= found <= 1 + 1e-9


@given(learners)
def test_equals_the_formula(rows: list[tuple[bool, int]]) -> None:
    """As it stands in the books: (M1 - M0) / s * sqrt(p q)."""
    found = added(rows)
    if found is None:
        return
    high, low = ([points for passed, points in rows if passed is one] for one in (True, False))
    share = len(high) / len(rows)
    spread = pstdev([points for _, points in rows])
    expected = (fmean(high) - fmean(low)) / spread * sqrt(share * (1 - share))
    assert found == pytest.approx(expected, abs=1e-6)


def test_is_of_the_points_elsewhere() -> None:
    """The check's own points are left out, and so is whoever could not be graded."""

    def one(name: str, first: bool, other: int, *, ungraded: bool = False) -> SubmissionResult:
        checks = (
            CheckResult("a", "A", 5, Outcome.PASSED, None)
            if first
            else CheckResult("a", "A", 5, Outcome.FAILED, Why.EXPECTATION),
        )
        more = tuple(CheckResult(f"b{n}", "B", 1, Outcome.PASSED, None) for n in range(other))
        results = (
            ExerciseResult("ex1", "One", 5, Outcome.FAILED, checks),
            ExerciseResult("ex2", "Two", 9, Outcome.UNGRADED if ungraded else Outcome.FAILED, more),
        )
        return SubmissionResult(name, results)

    rows = [(True, 3), (False, 1), (True, 2), (False, 2)]
    submissions = [one(str(place), *row) for place, row in enumerate(rows)]
    submissions.append(one("x", True, 0, ungraded=True))
    figures = class_figures(ClassReport(1, ("ex1", "ex2"), submissions))
    assert figures.exercises[0].checks[0].discrimination == pytest.approx(added(rows))
