"""The interface for following a run while it goes on, for live displays."""

from __future__ import annotations

from typing import Protocol

from grader.results import CheckResult, ExerciseResult

__all__ = ["Listener", "Silent"]


class Listener(Protocol):
    """Is notified of a run's progress, for a live display."""

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
