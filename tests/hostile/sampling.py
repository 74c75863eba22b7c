"""Samples the memory of the processes below this one: the grader's and the submissions' (Linux)."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Peaks", "watched"]

EVERY = 0.2  # seconds
_WORKER = b"grader.classroom.worker"


@dataclass
class Peaks:
    """The most memory that one process held, in bytes (VmHWM), by what it is: main, worker, learner."""

    bytes: dict[str, int] = field(default_factory=lambda: {"main": 0, "worker": 0, "learner": 0})
    processes: int = 0  # the most that lived at one time

    @property
    def judge(self) -> int:
        return max(self.bytes["main"], self.bytes["worker"])

    def look(self, main: int) -> None:
        """Take in all processes below this one."""
        below = _below(os.getpid())
        self.processes = max(self.processes, len(below))
        for pid in below:
            with suppress(OSError):
                role = _role(pid, main)
                self.bytes[role] = max(self.bytes[role], _peak(pid))


def watched(process: subprocess.Popen[bytes], patience: float) -> Peaks:
    """Wait for the command's end, and sample meanwhile; it is killed after `patience` seconds."""
    peaks = Peaks()
    end = time.monotonic() + patience
    while process.poll() is None:
        peaks.look(process.pid)
        if time.monotonic() > end:
            process.kill()
        time.sleep(EVERY)
    return peaks


def _role(pid: int, main: int) -> str:
    if pid == main:
        return "main"
    words = Path(f"/proc/{pid}/cmdline").read_bytes()
    return "worker" if _WORKER in words else "learner"


def _peak(pid: int) -> int:
    """0 for a process that has just ended."""
    for line in Path(f"/proc/{pid}/status").read_text(errors="replace").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _below(root: int) -> list[int]:
    """All processes that descend from `root`, without it."""
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 - names are all that is wanted, five times a second
        if name.isdigit():
            with suppress(OSError):
                # The name, in parentheses, may hold anything.
                after = Path(f"/proc/{name}/stat").read_bytes().rpartition(b")")[2]
                children.setdefault(int(after.split()[1]), []).append(int(name))
    found, todo = [], [root]
    while todo:
        below = children.get(todo.pop(), [])
        found += below
        todo += below
    return found
