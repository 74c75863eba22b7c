"""Watches a learner's process from outside: does it use too much processor time, or stand still?

The process counts its own processor time (`grader.lab.guard`) and ends by itself; this is for what
gets around that, and for programs that wait in real time without using any. Only what the system
says about the process counts, never how long it took: a process that is ready to run and gets no
turn, because the machine is busy, is left alone.

What all processes of a submission use together is limited as well (`Usage`): many requests that stay
below the limit of one would otherwise hold up a class for a quarter of an hour.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from enum import Enum, auto

__all__ = ["Health", "Spent", "Usage", "Watch", "has_ended"]

STANDSTILL = 2.0  # seconds asleep without using the processor, look after look
LOOK = 0.3  # seconds between looks, or somewhat more
SLACK = 0.7  # processor seconds beyond the limit before we step in
WALL = 120.0  # real seconds, where the system tells nothing else
MOST_THREADS = 80  # of a process; the largest pool of asyncio's own has 32
MOST_MEMORY = 512 << 20  # bytes of all processes of a submission; a right one's have some 100 MB

# What an exercise may use in all, in requests that take longer than a look; right ones have none.
MOST_CPU = 8.0  # processor seconds
MOST_ASLEEP = 6.0  # real seconds in which it did nothing but wait
# The same for all exercises of a submission together: five that spin by mistake use 22 seconds.
MOST_CPU_IN_ALL = 24.0
MOST_ASLEEP_IN_ALL = 12.0


class Health(Enum):
    """What a look at the process says."""

    FINE = auto()
    SPINS = auto()
    STANDS = auto()
    SPENT = auto()  # the time of all its requests together is up
    CROWDS = auto()  # more threads than anybody needs
    SWELLS = auto()  # more memory than all its processes may have
    ENDED = auto()  # though something of its own may still hold the line to us


@dataclass(frozen=True)
class _Sample:
    """How a process is: processor time so far, in seconds; threads; bytes of memory."""

    used: float
    asleep: bool
    ended: bool
    threads: int
    memory: int


def _sample(pid: int) -> _Sample | None:
    """What Linux tells of a process (proc(5), `stat`); None elsewhere or when it is gone."""
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
    """True when the process has ended, or nobody can tell."""
    sample = _sample(pid)
    return sample is None or sample.ended


@dataclass
class Spent:
    """The time that was used so far, as far as it was worth a look.

    asleep: real seconds in which somebody waited for a process that only waited itself.
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
    memory: bytes of each process when it was last looked at, by its number.
    """

    in_all: Spent = field(default_factory=Spent)
    spent: Spent = field(default_factory=Spent)
    memory: dict[int, int] = field(default_factory=dict)

    def add(self, cpu: float, asleep: float) -> None:
        """Note time that was used."""
        for spent in (self.spent, self.in_all):
            spent.add(cpu, asleep)

    @property
    def is_spent(self) -> bool:
        """Whether the exercise, or the whole submission, has used up its time."""
        mine, all_ = self.spent, self.in_all
        return (
            mine.cpu > MOST_CPU
            or mine.asleep > MOST_ASLEEP
            or all_.cpu > MOST_CPU_IN_ALL
            or all_.asleep > MOST_ASLEEP_IN_ALL
        )

    def look_at(self, pid: int) -> None:
        """Note how much memory a process has."""
        sample = _sample(pid)
        if sample is not None:
            self.memory[pid] = sample.memory

    def forget(self, pid: int) -> None:
        """A process has ended."""
        self.memory.pop(pid, None)

    @property
    def is_too_large(self) -> bool:
        """Whether the processes hold too much memory together."""
        return sum(self.memory.values()) > MOST_MEMORY


class Watch:
    """Looks at one process during one request that may use `limit` seconds of processor time.

    usage: what its submission has used in all; each look adds to it.
    """

    def __init__(self, pid: int, limit: float, usage: Usage | None = None) -> None:
        self._pid = pid
        self._limit = limit
        self._usage = usage or Usage()
        self._first = _sample(pid)
        self._last = self._first
        self._began = self._still_since = self._looked = time.monotonic()

    def look(self) -> Health:
        """Called every now and then until the answer is there."""
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
        # Of a longer time between two looks nobody knows how it was spent.
        asleep = min(now - self._looked, LOOK) if sample.asleep else 0.0
        self._usage.add(sample.used - self._last.used, asleep)
        self._usage.memory[self._pid] = sample.memory
        self._last, self._looked = sample, now
