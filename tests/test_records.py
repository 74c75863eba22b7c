"""Verdicts survive the way through plain data."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.class_results import Sender, SubmissionResult, Unused
from grader.records import (
    exercise_from_record,
    exercise_record,
    submission_from_record,
    submission_record,
)
from grader.results import CheckResult, ExerciseResult, Observation, Outcome, Why

WORDS = st.text(max_size=8)
CHECKS = st.builds(
    CheckResult,
    WORDS,
    WORDS,
    st.integers(0, 9),
    st.sampled_from(Outcome),
    st.none() | st.sampled_from(Why),
    WORDS,
    st.none() | WORDS,
    st.lists(WORDS, max_size=3).map(tuple),
    st.none() | st.integers(1, 99),
    st.floats(0, 9),
    st.builds(Observation, st.none() | st.dictionaries(WORDS, WORDS, max_size=2)),
    WORDS,
)
EXERCISES = st.builds(
    ExerciseResult,
    WORDS,
    WORDS,
    st.integers(0, 9),
    st.sampled_from(Outcome),
    st.lists(CHECKS, max_size=2).map(tuple),
    WORDS,
    WORDS,
    WORDS,
    st.floats(0, 9),
    st.none() | st.integers(0, 9),
    st.lists(WORDS, max_size=2).map(tuple),
)
SUBMISSIONS = st.builds(
    SubmissionResult,
    WORDS,
    st.lists(EXERCISES, max_size=2).map(tuple),
    st.lists(st.builds(Sender, WORDS, WORDS, WORDS, WORDS, WORDS), max_size=2).map(tuple),
    st.booleans(),
    WORDS,
    st.lists(st.builds(Unused, WORDS, WORDS), max_size=2).map(tuple),
)


@given(SUBMISSIONS)
def test_a_submission_comes_back_as_it_was(result: SubmissionResult) -> None:
    """Nothing is lost on the way through JSON, not even what no comparison looks at."""
    data = json.loads(json.dumps(submission_record(result)))
    back = submission_from_record(data)
    assert back == result
    assert submission_record(back) == data


def test_traces_can_be_left_out() -> None:
    """Without traces the verdicts are the same, and nothing of what was seen is left."""
    check = CheckResult("c", "t", 1, observation=Observation({"format": 1}))
    result = ExerciseResult("ex1", "t", 1, checks=(check,))
    data = exercise_record(result, traces=False)
    assert data["checks"][0]["trace"] is None
    assert exercise_from_record(data) == result


@pytest.mark.parametrize("data", [{}, {"exercise": 1}, {"submission": "a", "exercises": 3}])
def test_other_data_is_refused(data: dict[str, Any]) -> None:
    """What is no verdict raises, and never passes."""
    with pytest.raises(ValueError, match="not a"):
        exercise_from_record(data)
    with pytest.raises(ValueError, match="not a"):
        submission_from_record(data)
