"""Has mutants graded by the judge, one for each exercise at a time."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import zip_longest

from grader.results import ExerciseResult, Outcome, Why
from tests.corpus import EXERCISES
from tests.grading import grade_sources
from tests.mutants.making import Mutant

__all__ = ["Fate", "Verdict", "judged", "tried"]

_LIMITS = {Why.TIMEOUT, Why.BUSY_LOOP, Why.MEMORY, Why.OUTPUT}


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    STOPPED = "stopped"  # killed too, but by a limit on time, memory or output alone
    SURVIVED = "survived"
    UNGRADED = "ungraded"


@dataclass(frozen=True)
class Verdict:
    """The fate of a mutant, and what was said about it. `seed` is the one that settled it."""

    mutant: Mutant
    fate: Fate
    said: str
    seed: int


def tried(
    mutants: Sequence[Mutant], seeds: Sequence[int] = (1,), *, jobs: int = 1
) -> Iterator[Verdict]:
    """The verdicts on all mutants; those that survive the first seed are tried with the others.

    jobs: how many processes grade side by side; 1 grades in this one.
    """
    left = list(mutants)
    for seed in seeds:
        survivors = []
        for verdict in _with_seed(left, seed, jobs):
            if verdict.fate is Fate.SURVIVED and seed != seeds[-1]:
                survivors.append(verdict.mutant)
            else:
                yield verdict
        left = survivors


def _with_seed(mutants: Sequence[Mutant], seed: int, jobs: int) -> Iterator[Verdict]:
    grade = partial(_graded, seed=seed)
    if jobs == 1:
        for batch in _batches(mutants):
            yield from grade(batch)
        return
    # Fresh interpreters: a copy of this one might hold a lock of a thread that it does not have.
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        for verdicts in pool.map(grade, _batches(mutants)):
            yield from verdicts


def _batches(mutants: Sequence[Mutant]) -> list[list[Mutant]]:
    """One mutant of each exercise in a batch, for as long as they last."""
    piles = [[one for one in mutants if one.exercise == exercise] for exercise in EXERCISES]
    return [[one for one in batch if one] for batch in zip_longest(*piles)]


def _graded(batch: Sequence[Mutant], seed: int) -> list[Verdict]:
    results = grade_sources({one.exercise: one.source for one in batch}, seed)
    return [judged(one, results[one.exercise], seed) for one in batch]


def judged(mutant: Mutant, result: ExerciseResult, seed: int = 1) -> Verdict:
    """What a result means for a mutant."""
    if result.outcome is Outcome.PASSED:
        return Verdict(mutant, Fate.SURVIVED, "passed", seed)
    failure = result.first_failure
    if result.outcome is not Outcome.FAILED or failure is None:
        return Verdict(mutant, Fate.UNGRADED, f"{result.outcome}: {result.note}", seed)
    whys = {check.why for check in result.checks if check.outcome is Outcome.FAILED}
    fate = Fate.STOPPED if whys <= _LIMITS else Fate.KILLED
    return Verdict(mutant, fate, f"{failure.misconception or failure.why}", seed)
