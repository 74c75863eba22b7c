"""A cluster of processes on this machine, and the command that grades a class on it."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.course.catalog import exercises, find_root
from tests.classroom.support import Command, hand_in, left_over, sample, solution
from tests.scale import counted
from tests.scale.counted import LOG, TELLS

__all__ = ["Dask", "OnCluster", "filled", "until"]

PATIENCE = 120.0  # real seconds, for what takes a few
POLL = 0.02
DASK = ("-m", "dask")
NO_LOGS = "DASK_DISTRIBUTED__ADMIN__LOW_LEVEL_LOG_LENGTH"  # as docs/many-machines.md recommends
PRELOAD = find_root() / "tests" / "scale" / "counted.py"


def until(what: str, done: object) -> None:
    """Wait until a function returns something true; fails after `PATIENCE`."""
    assert callable(done)
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(POLL)


@dataclass
class Dask:
    """A scheduler and workers, each a process of its own session; `stop` ends them all.

    marked: their folder for temporary files, by which what they start can be found. preload: what makes
    the workers those of a test.
    """

    folder: Path
    marked: Path
    preload: Path | None = PRELOAD
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    scheduler: subprocess.Popen[bytes] | None = None
    address: str = ""

    @property
    def log(self) -> Path:
        return self.folder / "graded.log"

    def start(self, workers: int = 3) -> Dask:
        """Start a scheduler, then so many workers that grade one submission at a time."""
        file = self.folder / "scheduler.json"
        file.unlink(missing_ok=True)
        more = ("--scheduler-file", str(file), "--host", "127.0.0.1", "--port", "0")
        self.scheduler = self._process((*DASK, "scheduler", *more, "--no-dashboard"), {})
        until("the scheduler has an address", lambda: file.exists() and file.read_text())
        self.address = str(json.loads(file.read_text(encoding="utf-8"))["address"])
        for _ in range(workers):
            self.worker()
        if workers:
            self.wait_for(workers)
        return self

    def worker(self, **tells: object) -> subprocess.Popen[bytes]:
        """Start a worker. tells: how it is another machine, see `tests.scale.counted`."""
        more = (self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        preload = ("--preload", str(self.preload)) if self.preload else ()
        process = self._process((*DASK, "worker", *more, *preload), tells)
        self.workers.append(process)
        return process

    def bare_worker(self) -> None:
        """Start a worker that does not find the course, as on a machine where it is not installed."""
        more = (self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        self._process((*DASK, "worker", *more), {}, bare=True)

    def wait_for(self, workers: int) -> None:
        """Wait until so many workers are there."""
        log = self.folder / "worker.log"
        until(
            "workers are there",
            lambda: (
                log.exists()
                and log.read_text("utf-8", "replace").count("Registered to:") >= workers
            ),
        )

    def typed(self, line: str) -> None:
        """Start what somebody types, which begins with `python -m dask`."""
        _, *words = shlex.split(line)
        self._process(words, {})

    def _process(
        self, words: Sequence[str], tells: Mapping[str, object], *, bare: bool = False
    ) -> subprocess.Popen[bytes]:
        with (self.folder / f"{words[2]}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *words],
                cwd=self.marked if bare else find_root(),
                env={
                    **os.environ,
                    "TMPDIR": str(self.marked),
                    "PYTHONPATH": "" if bare else str(find_root()),
                    LOG: str(self.log),
                    TELLS: json.dumps(tells),
                    NO_LOGS: "0",
                },
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def graded(self) -> list[tuple[str, int]]:
        """Whom the workers were asked to grade, and the process of the cluster's worker."""
        if not self.log.exists():
            return []
        rows = (line.split() for line in self.log.read_text(encoding="utf-8").splitlines())
        return [(name, int(pid)) for name, pid in rows]

    def times(self) -> Counter[str]:
        """How often each was graded."""
        return Counter(name for name, _ in self.graded())

    def grading(self) -> list[str]:
        """The processes of the workers that grade."""
        return [one for one in left_over(self.marked, 0) if counted.__name__ in one]

    def at_work(self, count: int = 1) -> subprocess.Popen[bytes]:
        """Return a worker that is in the middle of a batch, when so many submissions were begun."""
        until(f"{count} submissions are begun", lambda: len(self.graded()) >= count)
        _, pid = self.graded()[-1]
        return next(one for one in self.workers if one.pid == pid)

    def stop(self) -> None:
        """End all processes."""
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class OnCluster(Command):
    """`class --dask`, or in one piece without it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        self.address = ""

    def words(self, *more: str) -> list[str]:
        dask = ("--dask", self.address) if self.address else ()
        return super().words(*dask, *more)


def filled(command: Command, count: int, poison: Iterable[int] = ()) -> Mapping[str, bytes]:
    """Hand in so many submissions, each with its name in it; those numbers kill their worker."""
    work, handed = sample(count), {}
    for number in range(count):
        one = work[number % len(work)]
        name = f"learner-{number:03}"
        text = one.path.read_bytes() + f"\n# id: {name}\n".encode()
        exercise = one.exercise
        if number in set(poison):
            exercise = exercises()[0].id
            text = solution(1).encode() + f"\n# id: {name}\n# poison: die\n".encode()
        hand_in(command.submissions, name, {exercise: text})
        handed[name] = text
    return handed
