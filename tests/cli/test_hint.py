"""`hint`: one more each time, for what fails now."""

from __future__ import annotations

from dataclasses import replace

from grader.results import ExerciseResult, Outcome
from tests.cli.conftest import Judge, Run, result_of, without_hints


def test_climbs(run: Run, fake: Judge) -> None:
    """Each call gives one hint more; after the last it says so, and shows that one again."""
    fake.outcomes = {2: Outcome.FAILED}
    said = [run("hint").out for _ in range(4)]
    assert "Hint 1 of 3: Look." in said[0]
    assert "Hint 2 of 3: Look closer." in said[1]
    assert "That was the last hint" in said[2]
    assert "Hint 3 of 3: Write `x = 1`." in said[3]
    assert "every hint" in said[3]


def test_goes_on_from_what_grade_showed(run: Run, fake: Judge) -> None:
    """The hint on the screen of `grade` is the first; JSON shows it to nobody."""
    fake.outcomes = {2: Outcome.FAILED}
    run("--json", "-")
    assert "Hint 1 of 3" in run("hint", "--seed", "4").out
    run("ex2")
    run("ex2")
    assert "Hint 2 of 3" in run("hint", "2").out


def test_a_recognised_mistake_has_its_own_ladder(run: Run, fake: Judge) -> None:
    """Hints are counted for a misconception, where there is one."""
    fake.outcomes = {2: Outcome.FAILED}
    run("hint")

    def judging(exercise: str, _seed: int) -> ExerciseResult:
        result = result_of(exercise, Outcome.FAILED)
        check = replace(result.checks[0], misconception="one-try-too-many")
        return replace(result, checks=(check,))

    fake.judging = judging
    assert "Hint 1 of 3" in run("hint", "ex2").out


def test_not_started(run: Run, fake: Judge) -> None:
    """Before the first step there is a hint for it."""
    fake.outcomes = {2: Outcome.NOT_STARTED}
    ran = run("hint")
    assert ran.code == 0
    assert "Not started yet" in ran.out
    assert "Hint 1 of 3" in ran.out


def test_nothing_to_hint_at(run: Run) -> None:
    """What passes needs no hint."""
    ran = run("hint", "ex1")
    assert (ran.code, ran.out) == (0, "It passes: there is nothing left to give a hint for.\n")


def test_missing(run: Run, fake: Judge) -> None:
    """A file that is not there can be put back."""
    fake.outcomes = {1: Outcome.MISSING}
    assert "python -m grader reset ex1" in run("hint").out


def test_ungraded(run: Run, fake: Judge) -> None:
    """A fault of the grader is said to be one, also here."""
    fake.outcomes = {1: Outcome.UNGRADED}
    assert run("hint", "1").code == 3


def test_no_hints(run: Run, fake: Judge) -> None:
    """A failure without hints says so, each time."""
    fake.judging = lambda exercise, _: without_hints(result_of(exercise, Outcome.FAILED))
    assert "There is no hint" in run("hint").out
    assert "There is no hint" in run("hint").out


def test_elsewhere(run: Run, fake: Judge) -> None:
    """With another folder nothing is counted: it is always the first."""
    fake.outcomes = {2: Outcome.FAILED}
    for _ in range(2):
        assert "Hint 1 of 3" in run("hint", "--from", "solutions").out


def test_the_last_hint_says_why_it_matters(run: Run, fake: Judge) -> None:
    """When a recognised mistake has no further hint, its reason stands below the last one."""

    def judging(exercise: str, _seed: int) -> ExerciseResult:
        result = result_of(exercise, Outcome.FAILED)
        check = replace(
            result.checks[0], misconception="one-try-too-many", matters="It costs a lot."
        )
        return replace(result, checks=(check,))

    fake.judging = judging
    said = [run("hint", "ex2").out for _ in range(4)]
    assert ["Why it matters: It costs a lot." in out for out in said] == [False, False, True, True]
