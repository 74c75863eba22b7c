"""Tasks and timers that keep one order in every run."""

from __future__ import annotations

import asyncio
from typing import Any

from grader.lab.recorder import Recorder

__all__ = ["LabTask", "Timer"]


class LabTask(asyncio.Task[Any]):
    """A task that hashes by its number, so that sets of tasks keep one order in every run.

    names: the names of all tasks, by number; kept true when this one is given another.
    """

    def __init__(self, coro: Any, *, lab_id: int, names: list[str], **options: Any) -> None:
        self.lab_id = lab_id  # first: registering the task hashes it
        self._names = names
        super().__init__(coro, **options)

    def set_name(self, value: object) -> None:
        """As asyncio's. Its `create_task` names a factory's task afterwards, 3.13 also by None."""
        if value is not None:
            super().set_name(value)
            self._names[self.lab_id] = self.get_name()

    def __hash__(self) -> int:
        return self.lab_id

    def __eq__(self, other: object) -> bool:
        return self is other


class Timer(asyncio.TimerHandle):
    """A timer that keeps its place among equal times, and tells the recorder when it fires."""

    __slots__ = ("_lab_delay", "_lab_line", "_lab_number", "_lab_task", "_lab_watch")
    _lab_number: int
    _lab_watch: Recorder | None
    _lab_task: int
    _lab_line: int | None
    _lab_delay: float

    def __lt__(self, other: Any) -> bool:
        mine: float = self._when  # type: ignore[attr-defined]  # `when()` costs as much again
        theirs: float = other._when
        number: int = other._lab_number
        return mine < theirs or (mine == theirs and self._lab_number < number)

    def _run(self) -> None:
        if self._lab_watch is not None:
            self._lab_watch.add_for(self._lab_task, "timer", self._lab_line, self._lab_delay)
        super()._run()
