"""Watches a learner's process from outside, for too much processor time or a standstill.

The process counts its own processor time (`grader.lab.guard`) and ends by itself; this catches what
gets around that, and programs that wait in real time without using any. Only the system's figures
about the process count, never elapsed time: a process that is ready to run but gets no turn on a
busy machine is left alone.

The total of all processes of a submission is limited too (`Usage`): many requests that stay below
the limit of one would otherwise hold up a class for a quarter of an hour.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from enum import Enum, auto

__all__ = ["Health", "Spent", "Usage", "Watch", "has_ended"]

STANDSTILL = 2.0  # seconds asleep without processor time, at every look
LOOK = 0.3  # seconds between looks, or a little more
SLACK = 0.7  # processor seconds beyond the limit before we step in
WALL = 120.0  # real seconds, where the system has no figures
MOST_THREADS = 80  # per process; asyncio's own largest pool has 32
MOST_MEMORY = 512 << 20  # bytes of all processes of a submission; a correct one has some 100 MB

# Per exercise, in requests that take longer than a look; correct submissions have none.
MOST_CPU = 8.0  # processor seconds
MOST_ASLEEP = 6.0  # real seconds spent only waiting
# Per submission, all exercises together: five that spin by mistake use 22 seconds.
MOST_CPU_IN_ALL = 24.0
MOST_ASLEEP_IN_ALL = 12.0


class Health(Enum):
    """The result of a look at a process."""

    FINE = auto()
    SPINS = auto()
    STANDS = auto()
    SPENT = auto()  # all its requests together have used up their time
    CROWDS = auto()  # too many threads
    SWELLS = auto()  # its processes together hold too much memory
    ENDED = auto()  # a child may still keep the connection open


@dataclass(frozen=True)
class _Sample:
    """A process's state. used: processor seconds so far; memory: in bytes."""

    used: float
    asleep: bool
    ended: bool
    threads: int
    memory: int


def _sample(pid: int) -> _Sample | None:
    """Read a process's state from Linux (proc(5), `stat`); None elsewhere or when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
    except OSError:
        return None
    ticks = int(fields[11]) + int(fields[12])
    used = ticks / os.sysconf("SC_CLK_TCK")
    return _Sample(
        used,
        asleep=fields[0] in b"SDT",
        ended=fields[0] in b"ZX",
        threads=int(fields[17]),
        memory=int(fields[21]) * os.sysconf("SC_PAGE_SIZE"),
    )


def has_ended(pid: int) -> bool:
    """Return True when the process has ended, or its state is unknown."""
    sample = _sample(pid)
    return sample is None or sample.ended


@dataclass
class Spent:
    """Time used so far, in requests long enough to be looked at.

    cpu: processor seconds. asleep: real seconds spent waiting for a process that only waited.
    """

    cpu: float = 0.0
    asleep: float = 0.0

    def add(self, cpu: float, asleep: float) -> None:
        self.cpu += cpu
        self.asleep += asleep


@dataclass
class Usage:
    """What the processes of one exercise have used so far.

    in_all: the time of all exercises of the submission.
    memory: bytes of each process at its last look, by pid.
    """

    in_all: Spent = field(default_factory=Spent)
    spent: Spent = field(default_factory=Spent)
    memory: dict[int, int] = field(default_factory=dict)

    def add(self, cpu: float, asleep: float) -> None:
        """Add time that was used, in seconds."""
        for spent in (self.spent, self.in_all):
            spent.add(cpu, asleep)

    @property
    def is_spent(self) -> bool:
        """True when the exercise or the whole submission has used up its time."""
        mine, all_ = self.spent, self.in_all
        return (
            mine.cpu > MOST_CPU
            or mine.asleep > MOST_ASLEEP
            or all_.cpu > MOST_CPU_IN_ALL
            or all_.asleep > MOST_ASLEEP_IN_ALL
        )

    def look_at(self, pid: int) -> None:
        """Record a process's memory."""
        sample = _sample(pid)
        if sample is not None:
            self.memory[pid] = sample.memory

    def forget(self, pid: int) -> None:
        """Drop the memory of a process that has ended."""
        self.memory.pop(pid, None)

    @property
    def is_too_large(self) -> bool:
        """True when the processes together hold too much memory."""
        return sum(self.memory.values()) > MOST_MEMORY


class Watch:
    """Watches one process during one request, which may use `limit` seconds of processor time.

    usage: what its submission has used in total; each look adds to it.
    """

    def __init__(self, pid: int, limit: float, usage: Usage | None = None) -> None:
        self._pid = pid
        self._limit = limit
        self._usage = usage or Usage()
        self._first = _sample(pid)
        self._last = self._first
        self._began = self._still_since = self._looked = time.monotonic()

    def look(self) -> Health:
        """Return the process's health; call repeatedly until the answer arrives."""
        now = time.monotonic()
        sample = _sample(self._pid)
        if sample is None or self._first is None or self._last is None:
            return Health.STANDS if now - self._began > WALL else Health.FINE
        if sample.ended:
            return Health.ENDED
        moved = sample.used > self._last.used or not sample.asleep
        self._add(sample, now)
        if moved:
            self._still_since = now
        if sample.threads > MOST_THREADS:
            return Health.CROWDS
        if self._usage.is_too_large:
            return Health.SWELLS
        if sample.used - self._first.used > self._limit + SLACK:
            return Health.SPINS
        if now - self._still_since > STANDSTILL:
            return Health.STANDS
        return Health.SPENT if self._usage.is_spent else Health.FINE

    def _add(self, sample: _Sample, now: float) -> None:
        assert self._last is not None
        # At most `LOOK`: how a longer time between two looks was spent is unknown.
        asleep = min(now - self._looked, LOOK) if sample.asleep else 0.0
        self._usage.add(sample.used - self._last.used, asleep)
        self._usage.memory[self._pid] = sample.memory
        self._last, self._looked = sample, now
