"""A worker: grades what it is asked to, one request after another, in one pytest session kept open.

Requests come over standard input, answers go to the original standard output, in the protocol of
`grader.wire`. A worker ends with whoever started it: when its pipe closes, by itself if it is idle,
else at once, in the middle of a run, with all processes that it started.
"""

from __future__ import annotations

import contextlib
import gc
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import NoReturn

from grader.course.catalog import exercises
from grader.errors import GraderError, HostBusy
from grader.judge.listener import Listener, Silent
from grader.judge.long_session import RunChecks, keep_open
from grader.results import CheckResult
from grader.runner import hosts
from grader.wire import (
    Advanced,
    Answer,
    Graded,
    Progress,
    Ready,
    Request,
    Troubled,
    answer_line,
    request_in,
)

__all__ = ["Grade", "Pipe", "serve"]

PARTING = 2.0  # seconds for an idle worker to end by itself
GARBAGE = 20_000  # objects between two collections: a trace alone has thousands


Grade = Callable[[Request, RunChecks, Listener], Graded]
"""Grades what a request asks for; may raise any exception."""


class Pipe:
    """The pipe to whoever started this process, which ends when it closes.

    requests, answers: file descriptors; by default the standard ones. Whatever else this process
    prints then goes to standard error.
    """

    def __init__(self, requests: int = 0, answers: int | None = None) -> None:
        self._requests: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
        self._answers = _claim_output() if answers is None else answers
        self._idle = threading.Event()
        self._ending = threading.Lock()
        threading.Thread(target=self._read, args=(requests,), name="requests", daemon=True).start()

    def requests(self) -> Iterator[Request]:
        """Yield the requests as they come, until there will be no more."""
        while request := self._take():
            yield request

    def say(self, answer: Answer) -> None:
        """Send an answer; ends this process when nobody can read it."""
        left = memoryview(answer_line(answer))
        try:
            while left:
                left = left[os.write(self._answers, left) :]
        except OSError:
            self._end()

    def start(self, something: Callable[[], None]) -> None:
        """Start something that ends with this process, unless it is ending already."""
        with self._ending:
            something()

    def _take(self) -> Request | None:
        self._idle.set()
        request = self._requests.get()
        self._idle.clear()
        return request

    def _read(self, requests: int) -> None:
        """Queue requests as they come, so that the end is noticed while checks run."""
        pending = b""
        with contextlib.suppress(OSError, ValueError):
            while more := os.read(requests, 1 << 16):
                *lines, pending = (pending + more).split(b"\n")
                for line in lines:
                    self._requests.put(request_in(line))
        self._requests.put(None)
        if self._idle.is_set():
            time.sleep(PARTING)
        self._end()

    def _end(self) -> NoReturn:
        self._ending.acquire()  # and never released, so that nothing more is started
        hosts.abandon_all()
        os._exit(0)


def _claim_output() -> int:
    """Return a descriptor for the answers; standard output leads to standard error from now on."""
    answers = os.dup(1)
    os.dup2(2, 1)
    return answers


def serve(
    grade: Grade,
    pipe: Pipe,
    *,
    beat: float = 0.0,
    afterwards: Callable[[], None] = lambda: None,
) -> None:
    """Answer requests until the pipe closes.

    beat: least seconds between two signs of progress. afterwards: called after each answer.
    """

    def examine(run: RunChecks, faults: Mapping[str, str]) -> None:
        gc.collect()
        gc.freeze()  # what is imported by now stays
        gc.set_threshold(GARBAGE)
        pipe.say(Ready(tuple(exercise for exercise, fault in faults.items() if fault)))
        for request in pipe.requests():
            pipe.say(_answer(grade, request, run, _Beat(pipe, request.run, beat)))
            pipe.start(afterwards)

    try:
        keep_open(exercises(), examine)
    except GraderError as error:
        pipe.say(Troubled(0, str(error)))


def _answer(grade: Grade, request: Request, run: RunChecks, beat: _Beat) -> Answer:
    try:
        return grade(request, run, beat)
    except HostBusy as error:
        return Troubled(request.run, str(error), busy=True)
    except GraderError as error:
        return Troubled(request.run, str(error))
    except Exception as error:  # noqa: BLE001 - any exception is the grader's own fault
        return Troubled(request.run, f"The grader failed: {type(error).__name__}: {error}")


class _Beat(Silent):
    """A listener that sends a run's progress, at most every so many seconds."""

    def __init__(self, pipe: Pipe, run: int, seconds: float) -> None:
        self._pipe = pipe
        self._run = run
        self._seconds = seconds
        self._last = time.monotonic()
        self._checks = 0
        self._done = 0

    def exercise_started(self, exercise: str, checks: int) -> None:  # noqa: ARG002 - of the protocol
        self._checks += checks

    def check_started(self, exercise: str, title: str) -> None:
        now = time.monotonic()
        if now - self._last >= self._seconds:
            self._last = now
            progress = Progress(exercise, title, self._done, self._checks)
            self._pipe.say(Advanced(self._run, progress))

    def check_ended(self, exercise: str, result: CheckResult) -> None:  # noqa: ARG002 - likewise
        self._done += 1
