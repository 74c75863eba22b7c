"""The trial: a random sample of mutants, and what counts as killed."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from grader.course.catalog import tracks
from grader.results import CheckResult, ExerciseResult, Outcome, Why
from tests.mutants.__main__ import Tally
from tests.mutants.making import Mutant, mutants_of_solution
from tests.mutants.survivors import Kept, explained, load
from tests.mutants.trial import Fate, Verdict, judged, tried

pytestmark = pytest.mark.proof

MUTANT = Mutant("ex1_add_maxsize", "run_pipeline", "deleted", "a", "b", 1, "")
PASSED = CheckResult("test_a", "A", 1, Outcome.PASSED, None)
FAILED = replace(PASSED, outcome=Outcome.FAILED, why=Why.EXPECTATION)
BLANK = ExerciseResult("ex1_add_maxsize", "Add maxsize", 1)


def test_a_sample_of_mutants_is_killed_or_explained() -> None:
    """Three mutants of each exercise: all are graded, and none passes unexplained.

    The same ones each time, since `nox -s mutants` tries all of them. Of the lesson only: the
    survivors of the practice set's references have not all been gone through.
    """
    seed = 20260
    draw = random.Random(seed)
    sample = [
        one for entry in tracks()["lesson"] for one in draw.sample(mutants_of_solution(entry.id), 3)
    ]
    kept = load()
    verdicts = list(tried(sample, (seed, seed + 1)))
    assert {one.mutant.name for one in verdicts} == {one.name for one in sample}
    for verdict in verdicts:
        survived = verdict.fate is Fate.SURVIVED
        assert verdict.fate is not Fate.UNGRADED, verdict
        assert survived == (explained(kept, verdict.mutant.name) is not None), verdict


def test_processes_side_by_side_say_the_same() -> None:
    """The verdicts do not depend on how many processes grade."""
    wanted = {
        "ex2 consumer comparison: attempt < attempts -> attempt <= attempts",
        "ex2 consumer comparison: attempt < attempts -> attempt != attempts",
    }
    exercise = "ex2_build_retry_loop"
    mutants = [one for one in mutants_of_solution(exercise) if one.name in wanted]
    alone = sorted((one.mutant.name, one.fate) for one in tried(mutants))
    beside = sorted((one.mutant.name, one.fate) for one in tried(mutants, jobs=2))
    assert beside == alone
    assert [fate for _, fate in alone] == [Fate.SURVIVED, Fate.KILLED]


@pytest.mark.parametrize(
    ("outcome", "checks", "fate"),
    [
        (Outcome.PASSED, (PASSED,), Fate.SURVIVED),
        (Outcome.FAILED, (PASSED, FAILED), Fate.KILLED),
        (Outcome.FAILED, (replace(FAILED, why=Why.TIMEOUT),), Fate.STOPPED),
        (Outcome.FAILED, (replace(FAILED, why=Why.MEMORY), FAILED), Fate.KILLED),
        (Outcome.FAILED, (PASSED,), Fate.UNGRADED),
        (Outcome.UNGRADED, (FAILED,), Fate.UNGRADED),
        (Outcome.MISSING, (), Fate.UNGRADED),
        (Outcome.NOT_STARTED, (), Fate.UNGRADED),
    ],
)
def test_what_counts_as_killed(
    outcome: Outcome, checks: tuple[CheckResult, ...], fate: Fate
) -> None:
    """Only a failed check kills; a limit alone is told apart, and what was not graded is an error."""
    assert judged(MUTANT, replace(BLANK, outcome=outcome, checks=checks)).fate is fate


def test_the_tally_counts_and_remarks() -> None:
    """Each fate has its column; whatever a person has to look at is said, and counted as wrong."""
    tally = Tally([Kept("a reason", ("ex1 run_pipeline deleted: a -> b",))])
    other = replace(MUTANT, after="c")
    for mutant, fate, seed in (
        (MUTANT, Fate.SURVIVED, 2),
        (other, Fate.SURVIVED, 2),
        (other, Fate.KILLED, 1),
        (other, Fate.KILLED, 2),
        (other, Fate.STOPPED, 1),
        (other, Fate.UNGRADED, 1),
    ):
        tally.add(Verdict(mutant, fate, "said", seed), 1)
    counts = {what: n for (row, what), n in tally.counts.items() if row == "all"}
    expected = {"made": 6, "killed": 3, "explained": 1, "unexplained": 1, "ungraded": 1}
    assert counts == expected
    assert tally.wrong == 2
    assert [remark.partition(" (")[0].partition(":")[0] for remark in tally.remarks] == [
        "unexplained",
        "killed with seed 2 only",
        "killed by a limit only",
        "ungraded",
    ]
    rows = [line.split() for line in tally.table().splitlines()]
    assert [row[0] for row in rows[1:]] == ["ex1_add_maxsize", "deleted", "all"]
    assert rows[-1][1:] == ["6", "3", "1", "1", "1"]
