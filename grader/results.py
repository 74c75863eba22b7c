"""Verdicts, as frozen data: what was judged, how it came out, and why.

Nothing passes by default: an outcome that nobody set is `NOT_RUN` or `UNGRADED`.
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
    "Observation",
    "Outcome",
    "Sight",
    "Why",
]

SCHEMA = 1


class Outcome(StrEnum):
    """How a check or an exercise came out."""

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
    """What a check saw, for the screens; nothing of it decides a verdict.

    `trace` is a trace as plain data (see `grader.trace`), or None where nothing ran.
    """

    trace: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Sight:
    """Evidence: one moment of a trace at which something shows, and what is to be said of it there.

    at, around: virtual seconds; the stretch of time that is needed to understand it. task: in whose
    doings, None for the queue's. kind: sights of one kind are alike; "" for one that only says what
    the check's message says. wrong: something went wrong here.
    begins: it is about what begins at that moment, not about what ends.
    """

    at: float
    task: int | None
    text: str
    kind: str
    wrong: bool = True
    around: tuple[float, float] | None = None
    begins: bool = False


@dataclass(frozen=True)
class CheckResult:
    """The verdict on one check. `line` is 1-based, in the learner's file; `wall_ms` is real time.

    `caret`: where in that line an error arose, by columns in bytes; the second is exclusive.
    `sights`: where it shows, for the timeline.

    `matters` says why a recognised mistake matters in production, where one was recognised.
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

    @property
    def score(self) -> int:
        """Points earned: all or none."""
        return self.max_score if self.outcome is Outcome.PASSED else 0

    @property
    def about(self) -> str:
        """What a hint is about: the recognised mistake, or else the check."""
        return self.misconception or self.check

    @property
    def hint(self) -> str | None:
        """The first and gentlest hint, for a check that failed."""
        return self.hints[0] if self.hints and self.outcome is Outcome.FAILED else None


@dataclass(frozen=True)
class ExerciseResult:
    """The verdict on one exercise, with the verdicts on its checks in the order of the file.

    `path` is the learner's file as shown to people; `note` says what to do about an outcome
    that has no failing check (a missing file, a fault of the grader). `seed` is the one it was
    judged with, where exercises of one run have different ones. `flags` are things worth a human
    look, which never change a score. `learned` is what an exercise that passes has taught, and why
    it matters.
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
    """The verdicts of one run. `seed` repeats it."""

    seed: int
    exercises: tuple[ExerciseResult, ...] = ()
    wall_ms: float = 0.0

    @property
    def score(self) -> int:
        return sum(exercise.score for exercise in self.exercises)

    @property
    def max_score(self) -> int:
        return sum(exercise.max_score for exercise in self.exercises)

    @property
    def passed(self) -> bool:
        """True when something was graded and all of it passed."""
        return bool(self.exercises) and all(
            exercise.outcome is Outcome.PASSED for exercise in self.exercises
        )

    @property
    def first_open(self) -> ExerciseResult | None:
        """The first exercise that the learner can work on, or else the first that is not done."""
        undone = [result for result in self.exercises if result.outcome is not Outcome.PASSED]
        theirs = (result for result in undone if result.outcome is not Outcome.UNGRADED)
        return next(theirs, undone[0] if undone else None)

    @property
    def ungraded(self) -> bool:
        """True when the grader itself failed somewhere."""
        return any(exercise.outcome is Outcome.UNGRADED for exercise in self.exercises)
