"""What the learner's loop knows at one moment: frozen data, from which the screen is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from grader.practice.events import Progress
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["Filter", "Panel", "State", "Step"]


class Panel(StrEnum):
    """What the screen is about."""

    REPORT = "report"
    ALL = "all"
    LIST = "list"
    TIMELINE = "timeline"
    SOLUTION = "solution"
    HELP = "help"


class Filter(StrEnum):
    """Which exercises the list shows."""

    ALL = "all"
    DONE = "done"
    PENDING = "pending"


@dataclass(frozen=True)
class Step:
    """One exercise of the course, as it came out last; an outcome of None means never graded."""

    exercise: str
    title: str
    outcome: Outcome | None = None
    score: int = 0
    max_score: int = 0

    @property
    def done(self) -> bool:
        return self.outcome is Outcome.PASSED


@dataclass(frozen=True)
class State:
    """One moment.

    run: the number of the latest run; running: what it grades, nothing when it has ended;
    ticks: the moments it has lasted so far; outdated: how often in a row it had to start over.
    result, at: the verdict on the current exercise, None before there is one, and when it came;
    all_results: those of the last run over the whole course. hints: how many are shown; again: the
    last of them was asked for once more. cursor, shown: the place in the list, and what it shows.
    scroll: lines scrolled off; page, lines: how many fit, and how many there are.
    """

    course: tuple[Step, ...]
    current: str
    run: int = 0
    running: tuple[str, ...] = ()
    progress: Progress | None = None
    ticks: int = 0
    outdated: int = 0
    result: ExerciseResult | None = None
    at: str = ""
    trouble: str = ""
    all_results: tuple[ExerciseResult, ...] = ()
    hints: int = 0
    again: bool = False
    panel: Panel = Panel.REPORT
    cursor: int = 0
    shown: Filter = Filter.ALL
    asking: bool = False
    says: str = ""
    scroll: int = 0
    page: int = 1
    lines: int = 0
    to_hint: bool = False

    @property
    def step(self) -> Step:
        """The current exercise."""
        return next(step for step in self.course if step.exercise == self.current)

    @property
    def done(self) -> int:
        """How many exercises pass."""
        return sum(step.done for step in self.course)

    @property
    def passed(self) -> bool:
        """Whether the verdict on the current exercise is that it passes."""
        return self.result is not None and self.result.outcome is Outcome.PASSED

    @property
    def stuck_at(self) -> CheckResult | None:
        """The check to help with; of an exercise that was not begun, the first."""
        result = self.result
        if result is None or result.outcome not in (Outcome.FAILED, Outcome.NOT_STARTED):
            return None
        return result.first_failure or next(iter(result.checks), None)

    @property
    def listed(self) -> tuple[Step, ...]:
        """The exercises that the list shows."""
        wanted = {Filter.ALL: (True, False), Filter.DONE: (True,), Filter.PENDING: (False,)}
        return tuple(step for step in self.course if step.done in wanted[self.shown])

    @property
    def following(self) -> Step | None:
        """The next exercise that does not pass yet, after the current one and round again."""
        here = self.course.index(self.step)
        round_again = (*self.course[here + 1 :], *self.course[:here])
        return next((step for step in round_again if not step.done), None)
