"""The state of the `watch` loop, as frozen data; the screen is drawn from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from grader.practice.events import Progress
from grader.results import CheckResult, ExerciseResult, Outcome

__all__ = ["Filter", "Panel", "State", "Step"]


class Panel(StrEnum):
    """What the screen shows."""

    REPORT = "report"
    ALL = "all"
    LIST = "list"
    TIMELINE = "timeline"
    SOLUTION = "solution"
    LESSON = "lesson"
    HELP = "help"


class Filter(StrEnum):
    """Which exercises the list shows."""

    ALL = "all"
    DONE = "done"
    PENDING = "pending"


@dataclass(frozen=True)
class Step:
    """An exercise and its last result; outcome is None if it was never graded.

    track: the part of the course that it belongs to.
    """

    exercise: str
    title: str
    outcome: Outcome | None = None
    score: int = 0
    max_score: int = 0
    track: str = ""

    @property
    def done(self) -> bool:
        return self.outcome is Outcome.PASSED


@dataclass(frozen=True)
class State:
    """The loop's state at one moment.

    run: number of the latest run; running: the exercises it grades, empty once it has ended;
    ticks: redraw intervals it has lasted; outdated: how often in a row it had to start over.
    result, at: the current exercise's verdict, None before the first, and its time of day;
    all_results: results of the last run over the whole course. hints: how many are shown; again:
    the last hint was asked for once more. mended: checks as they failed in the verdict before, which pass
    now. alike: verdicts in a row on the same problem. welcome: this is the first start, and nothing is
    begun. cursor, shown: position and filter of the list.
    scroll: lines scrolled off; page: lines that fit; lines: lines in all.
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
    mended: tuple[CheckResult, ...] = ()
    alike: int = 0
    welcome: bool = False
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
        """Number of exercises that pass."""
        return sum(step.done for step in self.course)

    @property
    def passed(self) -> bool:
        """Whether the current exercise passes."""
        return self.result is not None and self.result.outcome is Outcome.PASSED

    @property
    def welcomes(self) -> bool:
        """Whether the welcome stands in the place of the verdict."""
        untouched = self.result is not None and self.result.outcome is Outcome.NOT_STARTED
        return self.welcome and untouched and not self.trouble

    @property
    def stuck_at(self) -> CheckResult | None:
        """The check to give hints on: the first failure, or the first check if not started yet.

        None without a verdict, after a pass, and if the exercise could not be judged.
        """
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
        """The next exercise that does not pass yet, wrapping around; None if there is no other."""
        here = self.course.index(self.step)
        round_again = (*self.course[here + 1 :], *self.course[:here])
        return next((step for step in round_again if not step.done), None)
