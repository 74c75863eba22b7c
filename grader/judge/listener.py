"""Who hears of a run while it goes on: the live displays, or nobody."""

from __future__ import annotations

from typing import Protocol

from grader.results import CheckResult, ExerciseResult

__all__ = ["Listener", "Silent"]


class Listener(Protocol):
    """Hears of the run as it goes on, for a live display."""

    def exercise_started(self, exercise: str, checks: int) -> None: ...

    def check_started(self, exercise: str, title: str) -> None: ...

    def check_ended(self, exercise: str, result: CheckResult) -> None: ...

    def exercise_ended(self, result: ExerciseResult) -> None: ...


class Silent:
    """A listener that does nothing."""

    def exercise_started(self, exercise: str, checks: int) -> None: ...

    def check_started(self, exercise: str, title: str) -> None: ...

    def check_ended(self, exercise: str, result: CheckResult) -> None: ...

    def exercise_ended(self, result: ExerciseResult) -> None: ...
