"""Looks for what submissions left on this machine: processes, marked files, shared memory (Linux)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from grader.course.catalog import find_root
from grader.lab.sweep import children
from grader.runner.watch import has_ended

__all__ = ["MARK", "end_living", "left_behind", "living", "newly_left"]

MARK = "grader-hostile"  # in the names of all files that they try to leave
SHARED = [Path(name) for name in ("/tmp", "/var/tmp", "/dev/shm", "/run", "/etc/cron.d")]  # noqa: S108
PATIENCE = 2.0  # seconds for a process that is just ending
A_WHILE = 10.0  # seconds after which shared memory of other tests on this machine has gone


def left_behind() -> list[str]:
    """Files with the mark, where everybody may leave them; and shared memory with an owner to spare."""
    found = [str(path) for folder in SHARED if folder.exists() for path in folder.glob(f"*{MARK}*")]
    found += [str(path) for path in find_root().glob(f"**/{MARK}*")]
    for kind in ("shm", "msg", "sem"):
        table = Path("/proc/sysvipc", kind)
        rows = table.read_text().splitlines()[1:] if table.exists() else []
        found += [f"{kind}: {row}" for row in rows]
    return found


def newly_left(before: Collection[str]) -> list[str]:
    """What is left behind now, was not there before, and stays."""
    end = time.monotonic() + A_WHILE
    while (left := sorted(set(left_behind()) - set(before))) and time.monotonic() < end:
        time.sleep(0.2)
    return left


def living() -> list[int]:
    """The processes that were left to us, who adopt orphans (`grader.lab.sweep`)."""
    end = time.monotonic() + PATIENCE
    while (left := [pid for pid in children() if not has_ended(pid)]) and time.monotonic() < end:
        time.sleep(0.01)
    return left


def end_living() -> Iterator[str]:
    """End what was left to us; yields what each process was."""
    for pid in living():
        with suppress(OSError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
            yield f"process {pid}: {words.decode(errors='replace')[:100]}"
            os.kill(pid, signal.SIGKILL)
