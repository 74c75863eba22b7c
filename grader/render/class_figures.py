"""A class in figures, as frozen data for the screens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.class_results import Unused
from grader.render.example import Example
from grader.results import Outcome

__all__ = [
    "Bin",
    "CheckFigures",
    "ClassFigures",
    "ExerciseFigures",
    "LearnerFigures",
    "MisconceptionFigures",
]


@dataclass(frozen=True)
class CheckFigures:
    """How many submissions passed one check, failed it, or did not reach it.

    unrecognised: how many failed it without a known misconception. subgoal: what the check stands under,
    in a few words. discrimination: how well it tells those with many points from those with few, see
    `grader.render.discrimination`; None if unknown.
    """

    check: str
    title: str
    max_score: int
    passed: int = 0
    failed: int = 0
    not_run: int = 0
    unrecognised: int = 0
    subgoal: str = ""
    discrimination: float | None = None


@dataclass(frozen=True)
class ExerciseFigures:
    """One exercise over the whole class: submissions by outcome, and its checks."""

    exercise: str
    title: str
    max_score: int
    outcomes: Mapping[Outcome, int]
    checks: tuple[CheckFigures, ...] = ()

    def of(self, outcome: Outcome) -> int:
        """Return how many submissions have this outcome."""
        return self.outcomes.get(outcome, 0)

    @property
    def passed(self) -> int:
        return self.of(Outcome.PASSED)

    @property
    def started(self) -> int:
        """How many submissions were judged, being more than the stub."""
        return self.passed + self.of(Outcome.FAILED)


@dataclass(frozen=True)
class MisconceptionFigures:
    """A misconception: how many learners have it, in which exercises, and one example."""

    code: str
    learners: int
    exercises: tuple[tuple[str, int], ...]
    example: Example | None = None


@dataclass(frozen=True, slots=True)
class LearnerFigures:
    """One submission in short.

    number: counts from 1, in the order of the class. doubts: files that a person should look at.
    final: the points in the end, in words, or "" when they are those that were graded.
    """

    number: int
    submission: str
    name: str
    score: int
    max_score: int
    outcomes: tuple[tuple[str, Outcome, int, int], ...]  # exercise, outcome, points, maximum
    flags: int = 0
    unused: int = 0
    late: bool = False
    ungraded: bool = False
    mistakes: tuple[str, ...] = ()  # misconception codes, each once
    note: str = ""
    doubts: int = 0
    final: str = ""

    @property
    def complete(self) -> bool:
        """Whether everything passed."""
        rows = self.outcomes
        return bool(rows) and all(outcome is Outcome.PASSED for _, outcome, _, _ in rows)


@dataclass(frozen=True)
class Bin:
    """How many learners have `low` to `high` points, both included."""

    low: int
    high: int
    learners: int


@dataclass(frozen=True)
class ClassFigures:
    """The class in figures.

    scores, median, mean: of graded submissions only; without any, median and mean are None.
    """

    seed: int
    exercises: tuple[ExerciseFigures, ...] = ()
    misconceptions: tuple[MisconceptionFigures, ...] = ()
    learners: tuple[LearnerFigures, ...] = ()
    scores: tuple[Bin, ...] = ()
    max_score: int = 0
    median: float | None = None
    mean: float | None = None
    unused: tuple[Unused, ...] = ()

    @property
    def ungraded(self) -> tuple[LearnerFigures, ...]:
        return tuple(one for one in self.learners if one.ungraded)

    @property
    def flagged(self) -> tuple[LearnerFigures, ...]:
        return tuple(one for one in self.learners if one.flags)

    @property
    def late(self) -> tuple[LearnerFigures, ...]:
        return tuple(one for one in self.learners if one.late)

    @property
    def complete(self) -> int:
        """How many passed everything."""
        return sum(one.complete for one in self.learners)
