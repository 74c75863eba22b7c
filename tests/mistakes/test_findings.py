"""A recognised mistake brings its words along, and is found once."""

from __future__ import annotations

import pytest

from grader.course.mistakes import catalogue
from grader.results import ExerciseResult, Outcome, Why
from tests.corpus import EXERCISES, ROOT
from tests.grading import grade_sources


def graded(exercise: int, slug: str) -> ExerciseResult:
    """The verdict on one wrong submission of the corpus."""
    [name] = [one for one in EXERCISES if one.startswith(f"ex{exercise}_")]
    source = (ROOT / name / "wrong" / f"{slug}.py").read_text(encoding="utf-8")
    return grade_sources({name: source}, seed=3)[name]


def test_hints_and_reason_come_from_the_catalogue() -> None:
    """A failure with a misconception has that one's hints, and says why it matters."""
    failure = graded(2, "one_try_too_many").first_failure
    assert failure is not None
    assert failure.misconception == "one-try-too-many"
    known = catalogue()["one-try-too-many"].prose
    assert known is not None
    assert (failure.hints, failure.matters) == (known.hints, known.matters)


def test_a_failure_without_a_name_keeps_the_checks_own_hints() -> None:
    """Where no mistake is recognised, the check's hints help, and no reason is made up."""
    failure = grade_sources({"ex2_build_retry_loop": "import asyncio\n"})["ex2_build_retry_loop"]
    assert failure.first_failure is not None
    assert failure.first_failure.misconception is None
    assert failure.first_failure.hints
    assert failure.first_failure.matters == ""


@pytest.mark.parametrize(
    ("exercise", "slug", "consequence"),
    [
        (4, "only_the_jitter_is_slept", "test_no_jitter_is_exact"),
        (4, "quarter_whatever_jitter_says", "test_no_jitter_is_exact"),
        (2, "put_back_into_the_queue", "test_does_not_wait"),
    ],
)
def test_what_follows_from_a_mistake_is_no_further_one(
    exercise: int, slug: str, consequence: str
) -> None:
    """One cause, one finding: the other check earns nothing, and points to the first."""
    result = graded(exercise, slug)
    check = next(one for one in result.checks if one.check == consequence)
    assert (check.outcome, check.why) == (Outcome.NOT_RUN, Why.DEPENDENCY)
    assert result.first_failure is not None
    assert result.first_failure.title in check.message
    assert len({one.misconception for one in result.checks if one.misconception}) == 1
