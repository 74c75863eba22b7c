"""Verdicts as frozen data: what was judged, the outcome, and why.

Nothing passes by default: an outcome that was never set is `NOT_RUN` or `UNGRADED`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = [
    "CheckResult",
    "ExerciseResult",
    "GradeReport",
    "Level",
    "Observation",
    "Outcome",
    "Sight",
    "Why",
]

SCHEMA = 1


class Outcome(StrEnum):
    """The outcome of a check or an exercise."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not_run"  # checks only
    NOT_STARTED = "not_started"  # exercises only, like those below
    MISSING = "missing"
    UNGRADED = "ungraded"


class Why(StrEnum):
    """Why a check did not pass."""

    EXPECTATION = "expectation"
    ERROR = "error"
    DEADLOCK = "deadlock"
    LIVELOCK = "livelock"
    BUSY_LOOP = "busy_loop"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    OUTPUT = "output"
    EXIT = "exit"
    IMPORT = "import"
    SIGNATURE = "signature"
    DEPENDENCY = "dependency"
    UNGRADED = "ungraded"


@dataclass(frozen=True)
class Observation:
    """What a check observed, for display only; it never decides a verdict.

    trace: a trace as plain data (see `grader.trace`), or None if nothing ran.
    scenario: tells the scenario of that trace from others, where somebody asked for it; else "".
    """

    trace: Mapping[str, Any] | None = None
    scenario: str = ""


@dataclass(frozen=True)
class Sight:
    """Evidence: one moment of a trace, and the comment to show there.

    at: the moment, in virtual seconds.
    task: the task that it concerns; None for the queue.
    text: the comment.
    kind: groups similar sights; "" for one that only repeats the check's message.
    wrong: whether something went wrong here.
    around: the time span to show for context, in virtual seconds.
    begins: whether it concerns what begins at that moment, rather than what ends.
    """

    at: float
    task: int | None
    text: str
    kind: str
    wrong: bool = True
    around: tuple[float, float] | None = None
    begins: bool = False


@dataclass(frozen=True)
class Level:
    """A service level: what was asked of a run and what was reached, each in a few words.

    where: the scenario's name, for a table. name: what is measured.
    """

    where: str
    name: str
    asked: str
    reached: str
    met: bool


@dataclass(frozen=True)
class CheckResult:
    """The verdict on one check.

    line: the 1-based line in the learner's file.
    caret: where in that line an error arose: first and last column in bytes, the last exclusive.
    wall_ms: real time, in milliseconds.
    sights: the evidence, for the timeline.
    matters: why the recognised mistake matters in production; "" if none was recognised.
    levels: the service levels that the check measured.
    subgoal: what it stands under, in a few words, with other checks; "" if it has none.
    pictured: whether its run shows the lesson of the exercise: the one to draw after a pass.
    """

    check: str
    title: str
    max_score: int
    outcome: Outcome = Outcome.NOT_RUN
    why: Why | None = Why.UNGRADED
    message: str = ""
    misconception: str | None = None
    hints: tuple[str, ...] = ()
    line: int | None = None
    wall_ms: float = 0.0
    observation: Observation = field(default=Observation(), compare=False, repr=False)
    matters: str = ""
    caret: tuple[int, int] | None = None
    sights: tuple[Sight, ...] = ()
    levels: tuple[Level, ...] = ()
    subgoal: str = ""
    pictured: bool = False

    @property
    def score(self) -> int:
        """Points earned: all or nothing."""
        return self.max_score if self.outcome is Outcome.PASSED else 0

    @property
    def about(self) -> str:
        """The subject of its hints: the recognised mistake, or else the check."""
        return self.misconception or self.check

    @property
    def hint(self) -> str | None:
        """The first and gentlest hint of a failed check, or None."""
        return self.hints[0] if self.hints and self.outcome is Outcome.FAILED else None


@dataclass(frozen=True)
class ExerciseResult:
    """The verdict on one exercise, with the verdicts on its checks in the order of the file.

    path: the learner's file, as displayed.
    note: what to do about an outcome that has no failing check (a missing file, a fault of the grader).
    wall_ms: real time, in milliseconds.
    seed: the seed it was judged with, if the exercises of a run have different ones.
    flags: points for a human to review; they never change a score.
    learned: what a passed exercise has taught, and why it matters.
    """

    exercise: str
    title: str
    max_score: int
    outcome: Outcome = Outcome.UNGRADED
    checks: tuple[CheckResult, ...] = ()
    path: str = ""
    source: str = field(default="", compare=False, repr=False)
    note: str = ""
    wall_ms: float = 0.0
    seed: int | None = field(default=None, compare=False)
    flags: tuple[str, ...] = ()
    learned: str = ""

    @property
    def score(self) -> int:
        """The points of the passed checks; 0 for an exercise that was not started."""
        if self.outcome in (Outcome.PASSED, Outcome.FAILED):
            return sum(check.score for check in self.checks)
        return 0

    @property
    def first_failure(self) -> CheckResult | None:
        """The first failed check: where the learner should look."""
        return next((c for c in self.checks if c.outcome is Outcome.FAILED), None)


@dataclass(frozen=True)
class GradeReport:
    """The verdicts of one run; the same `seed` reproduces it.

    unchanged: the exercises, by id, that were not run again, since nothing has changed since they passed.
    """

    seed: int
    exercises: tuple[ExerciseResult, ...] = ()
    wall_ms: float = 0.0
    unchanged: tuple[str, ...] = ()

    @property
    def score(self) -> int:
        return sum(exercise.score for exercise in self.exercises)

    @property
    def max_score(self) -> int:
        return sum(exercise.max_score for exercise in self.exercises)

    @property
    def passed(self) -> bool:
        """True when at least one exercise was graded and all passed."""
        return bool(self.exercises) and all(
            exercise.outcome is Outcome.PASSED for exercise in self.exercises
        )

    @property
    def first_open(self) -> ExerciseResult | None:
        """The first unpassed exercise that is not `UNGRADED`, or else the first unpassed one, or None."""
        undone = [result for result in self.exercises if result.outcome is not Outcome.PASSED]
        theirs = (result for result in undone if result.outcome is not Outcome.UNGRADED)
        return next(theirs, undone[0] if undone else None)

    @property
    def ungraded(self) -> bool:
        """True when the grader itself failed somewhere."""
        return any(exercise.outcome is Outcome.UNGRADED for exercise in self.exercises)
