"""Tasks and timers with the same order in every run."""

from __future__ import annotations

import asyncio
import math
from typing import Any

from grader.lab.hidden import hide, opaque, seal
from grader.lab.plain import cut

__all__ = [
    "LabTask",
    "Timer",
    "delay_of",
    "is_in_place",
    "is_pending",
    "number_of",
    "owner_of",
    "place_timer",
    "watch_timer",
]


class LabTask(asyncio.Task[Any]):
    """A task that hashes by its number, so that sets of tasks have the same order in every run.

    names: the names of all tasks, by number; updated when this task is renamed.
    """

    __slots__ = ("_lab_names", "_lab_number")

    def __init__(self, coro: Any, *, number: int, names: list[str], **options: Any) -> None:
        _set_number(self, number)  # first: registering the task hashes it
        _set_names(self, names)
        super().__init__(coro, **options)

    def set_name(self, value: object) -> None:
        """As asyncio's, but ignores None, which 3.13's `create_task` passes for an unnamed task."""
        if value is not None:
            super().set_name(value)
            _names_of(self)[number_of(self)] = cut(self.get_name())

    def __hash__(self) -> int:
        number: int = number_of(self)
        return number

    def __eq__(self, other: object) -> bool:
        return self is other


number_of, _set_number = hide(LabTask, "_lab_number")
"""The number of a `LabTask` in the record's table of tasks."""
_names_of, _set_names = hide(LabTask, "_lab_names")
seal(LabTask)


class Timer(asyncio.TimerHandle):
    """A timer that keeps its place among timers of equal time, and reports when it fires."""

    __slots__ = ("_lab_place", "_lab_watch")

    def _run(self) -> None:
        fired = _watch_of(self)
        if fired is not None:
            fired()
        _run_handle(self)


_run_handle = asyncio.TimerHandle._run
_place_of, _set_place = hide(Timer, "_lab_place")
_watch_of, watch_timer = hide(Timer, "_lab_watch")
"""Set the function that is called when a timer fires, or None."""
seal(Timer)


def _earlier() -> Any:
    """`Timer.__lt__`."""
    place = _place_of

    def earlier(self: Any, other: Any) -> bool:
        mine: float = self._when  # calling `when()` would double the cost
        theirs: float = other._when
        return bool(mine < theirs or (mine == theirs and place(self) < place(other)))

    return opaque(earlier)


def place_timer(timer: Timer, number: int) -> None:
    """Give a new timer its place; a timer made in any other way has none (see `is_in_place`)."""
    _set_place(timer, (number, timer.when()))
    watch_timer(timer, None)


def owner_of(timer: Timer) -> int:
    """The number of the task that asked for a timer; 0 for the lab's own."""
    watch = _watch_of(timer)
    number: int = watch.args[0] if watch is not None else 0
    return number


def delay_of(timer: Timer) -> float:
    """For how many seconds the learner's code set a timer; infinity for the lab's own."""
    watch = _watch_of(timer)
    seconds: float = watch.args[2] if watch is not None else math.inf
    return seconds


def is_pending(timer: Timer) -> bool:
    """Whether a timer that the learner's code asked for is still to fire."""
    return _watch_of(timer) is not None and not timer.cancelled()


def is_in_place(timer: Any) -> bool:
    """Whether a timer was made by the lab and still has its original time."""
    try:
        when: float = _place_of(timer)[1]
    except (AttributeError, TypeError):
        return False
    return bool(when == timer._when)


Timer.__lt__ = _earlier()  # type: ignore[method-assign]
