"""No wrong submission passes, no right one fails, and each mistake is named: on a sample of the corpus.

Under each Python a sample of its own; `nox -s accuracy` grades all of the corpus, with many seeds.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict

import pytest

from grader.course.catalog import tracks
from grader.results import Outcome
from tests.accuracy import first_finding
from tests.corpus import EXERCISES, Labelled, load
from tests.grading import grade_corpus

CORPUS = [one for one in load() if one.label in ("right", "wrong")]
SAMPLE = {"right": 1, "wrong": 3}  # of each exercise
SEED = 20260 + sys.version_info.minor  # draws the sample, too


def _sample() -> list[Labelled]:
    draw = random.Random(SEED)
    piles = [
        ([one for one in CORPUS if (one.exercise, one.label) == (exercise, label)], count)
        for exercise in EXERCISES
        for label, count in SAMPLE.items()
    ]
    return [one for pile, count in piles for one in draw.sample(pile, count)]


def test_verdicts_over_the_corpus() -> None:
    """Every right submission passes, every wrong one draws its own mistake first, none is ungraded."""
    false_accepts: list[str] = []
    false_rejects: list[str] = []
    ungraded: list[str] = []
    otherwise: list[str] = []
    for one, result in grade_corpus(_sample(), SEED):
        passed = result.outcome is Outcome.PASSED
        if result.outcome is Outcome.UNGRADED:
            ungraded.append(f"{one.id}: {result.note}")
        elif one.label == "right" and not passed:
            failure = result.first_failure
            false_rejects.append(f"{one.id}: {failure.message if failure else result.note}")
        elif one.label == "wrong" and passed:
            false_accepts.append(one.id)
        elif one.label == "wrong" and first_finding(result) != one.misconception:
            otherwise.append(f"{one.id}: {first_finding(result)}, not {one.misconception}")
    print(
        f"seed {SEED}: {len(false_accepts)} false accepts, {len(false_rejects)} false rejects, "
        f"{len(ungraded)} ungraded, {len(otherwise)} named otherwise"
    )
    assert not false_accepts + false_rejects + ungraded + otherwise


@pytest.mark.once
def test_every_failure_speaks(subtests: pytest.Subtests) -> None:
    """A failed check of a wrong submission has a message and three hints, and no check's code."""
    sample: list[Labelled] = random.Random(1).sample([o for o in CORPUS if o.label == "wrong"], 15)
    for one, result in grade_corpus(sample, 2):
        with subtests.test(one.id):
            failure = result.first_failure
            assert failure is not None
            assert failure.message
            assert len(failure.hints) >= 3
            assert "assert" not in failure.message
            assert "grader/" not in failure.message


@pytest.mark.once
def test_points_hardly_depend_on_luck() -> None:
    """With other seeds a wrong submission passes as many checks, or one more or less."""
    draw = random.Random(SEED)
    lesson = [entry.id for entry in tracks()["lesson"]]
    piles = [[o for o in CORPUS if (o.exercise, o.label) == (name, "wrong")] for name in lesson]
    sample = [one for pile in piles for one in draw.sample(pile, 3)]
    passed: defaultdict[str, set[int]] = defaultdict(set)
    for seed in (1, 2, 3):
        for one, result in grade_corpus(sample, seed):
            passed[one.id].add(sum(check.outcome is Outcome.PASSED for check in result.checks))
    assert not {name: counts for name, counts in passed.items() if max(counts) - min(counts) > 1}
