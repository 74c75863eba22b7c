"""No wrong submission passes, no right one fails, and each mistake is named, over the whole corpus."""

from __future__ import annotations

import random
import sys

import pytest

from grader.results import Outcome
from tests.accuracy import first_finding
from tests.corpus import Labelled, load
from tests.grading import grade_corpus

CORPUS = [one for one in load() if one.label in ("right", "wrong")]
PARTS = 6
SEED = 20260  # `nox -s accuracy` tries many
MINE = sys.version_info.minor % PARTS  # under each Python another part


def test_verdicts_over_the_corpus() -> None:
    """Every right submission passes, every wrong one draws its own mistake first, none is ungraded."""
    seed = SEED + MINE
    false_accepts: list[str] = []
    false_rejects: list[str] = []
    ungraded: list[str] = []
    otherwise: list[str] = []
    for one, result in grade_corpus(CORPUS[MINE::PARTS], seed):
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
        f"seed {seed}: {len(false_accepts)} false accepts, {len(false_rejects)} false rejects, "
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
