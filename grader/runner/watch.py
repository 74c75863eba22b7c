"""Watches a learner's process from outside: does it use too much processor time, or stand still?

The process counts its own processor time (`grader.lab.guard`) and ends by itself; this is for what
gets around that, and for programs that wait in real time without using any. Only what the system
says about the process counts, never how long it took: a process that is ready to run and gets no
turn, because the machine is busy, is left alone.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from enum import Enum, auto

__all__ = ["Health", "Watch", "has_ended"]

STANDSTILL = 2.0  # seconds asleep without using the processor, look after look
SLACK = 0.7  # processor seconds beyond the limit before we step in
WALL = 120.0  # real seconds, where the system tells nothing else


class Health(Enum):
    """What a look at the process says."""

    FINE = auto()
    SPINS = auto()
    STANDS = auto()
    ENDED = auto()  # though something of its own may still hold the line to us


@dataclass(frozen=True)
class _Sample:
    """Processor time used so far, in seconds, and whether the process sleeps or has ended."""

    used: float
    asleep: bool
    ended: bool


def _sample(pid: int) -> _Sample | None:
    """What Linux tells of a process (proc(5), `stat`); None elsewhere or when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    ticks = int(fields[11]) + int(fields[12])
    used = ticks / os.sysconf("SC_CLK_TCK")
    return _Sample(used, asleep=fields[0] in b"SDT", ended=fields[0] in b"ZX")


def has_ended(pid: int) -> bool:
    """True when the process has ended, or nobody can tell."""
    sample = _sample(pid)
    return sample is None or sample.ended


class Watch:
    """Looks at one process during one request that may use `limit` seconds of processor time."""

    def __init__(self, pid: int, limit: float) -> None:
        self._pid = pid
        self._limit = limit
        self._first = _sample(pid)
        self._last = self._first
        self._began = self._still_since = time.monotonic()

    def look(self) -> Health:
        """Called every now and then until the answer is there."""
        now = time.monotonic()
        sample = _sample(self._pid)
        if sample is None or self._first is None or self._last is None:
            return Health.STANDS if now - self._began > WALL else Health.FINE
        if sample.ended:
            return Health.ENDED
        moved = sample.used > self._last.used or not sample.asleep
        self._last = sample
        if moved:
            self._still_since = now
        if sample.used - self._first.used > self._limit + SLACK:
            return Health.SPINS
        return Health.STANDS if now - self._still_since > STANDSTILL else Health.FINE
