"""Virtual time: a clock that only the lab moves, in place of the `time` module's clocks."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from threading import get_ident

from grader.lab.patches import Patches

__all__ = ["VirtualClock", "install"]

# A fixed date, so that wall-clock times are the same in every run.
EPOCH = 1_750_000_000.0
# The wall clocks among those of `time.clock_gettime`.
_CALENDARS = {getattr(time, name, None) for name in ("CLOCK_REALTIME", "CLOCK_TAI")}
LONGEST_SLEEP = 9.2e9  # seconds; as in the real `time.sleep`


class VirtualClock:
    """Seconds since the start of the scenario, exact to the nanosecond."""

    def __init__(self) -> None:
        self.now = 0.0

    def move_to(self, when: float) -> None:
        """Move forward to `when` (seconds); the clock never goes back."""
        self.now = max(self.now, round(when, 9))

    def reset(self) -> None:
        """Start the next scenario at 0."""
        self.now = 0.0


def install(
    patches: Patches,
    clock: VirtualClock,
    slept: Callable[[float], None],
    thread_slept: Callable[[float], None],
) -> None:
    """Make the `time` module read `clock`.

    `time.sleep(seconds)` moves the clock at once and calls `slept`: in a coroutine it blocks the whole
    event loop, and the trace says so. In another thread it calls `thread_slept`, which blocks that
    thread only.
    """
    home = get_ident()

    def sleep(seconds: float, /) -> None:
        _check_sleep(seconds)
        if get_ident() != home:
            thread_slept(seconds)
            return
        slept(seconds)
        clock.move_to(clock.now + seconds)

    for name, function in {**_readings(clock), "sleep": sleep}.items():
        if hasattr(time, name):  # not every system has every clock
            patches.set(time, name, function)


def _readings(clock: VirtualClock) -> dict[str, Callable[..., float]]:
    """Replacements for the `time` functions that read a clock, by name."""

    def seconds() -> float:
        return clock.now

    def nanoseconds() -> int:
        return round(clock.now * 1e9)

    def wall() -> float:
        return EPOCH + clock.now

    def wall_nanoseconds() -> int:
        return round(EPOCH) * 1_000_000_000 + nanoseconds()  # a float has too few digits

    def read(which: int, /) -> float:
        return wall() if which in _CALENDARS else seconds()

    def read_nanoseconds(which: int, /) -> int:
        return wall_nanoseconds() if which in _CALENDARS else nanoseconds()

    return {
        "monotonic": seconds,
        "perf_counter": seconds,
        "monotonic_ns": nanoseconds,
        "perf_counter_ns": nanoseconds,
        "time": wall,
        "time_ns": wall_nanoseconds,
        "clock_gettime": read,
        "clock_gettime_ns": read_nanoseconds,
    }


def _check_sleep(seconds: float) -> None:
    """Raise what the real `time.sleep` raises."""
    if math.isnan(seconds):
        raise ValueError("Invalid value NaN (not a number)")
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if seconds > LONGEST_SLEEP:
        raise OverflowError("timestamp too large to convert to C _PyTime_t")
