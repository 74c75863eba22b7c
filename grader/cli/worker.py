"""The worker of `watch`: warm before it is asked, gone when its pipe closes.

Requests come over standard input, answers go to the original standard output, in the protocol of
`grader.practice.wire`.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
from argparse import Namespace
from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from grader.cli.grading import open_grading, sandbox_for, wanted_folder
from grader.course import catalog
from grader.errors import GraderError
from grader.practice.events import Progress
from grader.practice.wire import (
    Request,
    advanced_line,
    graded_line,
    ready_line,
    request_in,
    troubled_line,
)
from grader.results import CheckResult, ExerciseResult
from grader.runner import early, hosts

__all__ = ["command", "main", "serve"]

_ending = threading.Lock()

_START = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from grader.cli.worker import main; main(sys.argv[1:])"
)


def command(options: Namespace) -> list[str]:
    """Return the command that starts a worker with these options: folder, seed, fork and trust."""
    folder = "" if options.folder is None else str(options.folder)
    seed = "" if options.seed is None else str(options.seed)
    fork = "fork" if options.fork else ""
    trust = "trust" if options.trust else ""
    return [sys.executable, "-c", _START, str(catalog.find_root()), folder, seed, fork, trust]


def main(words: Sequence[str]) -> None:
    """Serve requests until the pipe closes; then exit, with all processes that were started."""
    folder, seed, fork, trust = words
    options = Namespace(
        folder=Path(folder) if folder else None,
        seed=int(seed) if seed else None,
        fork=bool(fork),
        trust=bool(trust),
    )
    serve(0, _claim_output(), options)


def serve(requests: int, answers: int, options: Namespace) -> None:
    """Read requests from one file descriptor and write the answers to the other."""
    asked: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, asked), daemon=True).start()
    with early.keeping():
        _warm_up(options)
        _send(answers, ready_line())
        while request := asked.get():
            _send(answers, _answer(answers, *request, options))
            with _ending:  # held for ever by `_end`, so that no host starts after it
                _start_host(options)


def _claim_output() -> int:
    """Return a descriptor for the answers, and redirect standard output to `os.devnull`."""
    answers = os.dup(1)
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.close(nothing)
    return answers


def _listen(requests: int, asked: queue.SimpleQueue[Request | None]) -> None:
    """Queue requests as they come; end this process when the pipe closes."""
    pending = b""
    with contextlib.suppress(OSError, ValueError):
        while more := os.read(requests, 1 << 16):
            *lines, pending = (pending + more).split(b"\n")
            for line in lines:
                asked.put(request_in(line))
    asked.put(None)
    _end()


def _end() -> NoReturn:
    """Exit at once, even in the middle of a run, and end every learner's process."""
    _ending.acquire()
    hosts.abandon_all()
    os._exit(0)


def _warm_up(options: Namespace) -> None:
    """Import everything that grading needs while the host is starting."""
    _start_host(options)
    import_module("grader.judge.session")
    for entry in catalog.exercises():
        # A broken checks module is reported when the exercise is graded.
        with contextlib.suppress(Exception):
            import_module(entry.module)


def _start_host(options: Namespace) -> None:
    """Start a host of the kind that the next run needs."""
    with contextlib.suppress(GraderError):  # a missing folder is reported when it is graded
        sandbox = sandbox_for(wanted_folder(options.folder), trust=options.trust)
        early.start_early(fork=options.fork, sandbox=sandbox)


def _answer(answers: int, run: int, exercises: Sequence[str], options: Namespace) -> bytes:
    try:
        with open_grading(exercises, options) as grading:
            # Untouched stubs are judged too: hints and timelines say what is to do in them.
            report = replace(grading, stubs=True).run(_ProgressSender(answers, run))
        return graded_line(run, report.exercises)
    except GraderError as error:
        return troubled_line(run, str(error))
    except Exception as error:  # noqa: BLE001 - any exception is the grader's own fault
        return troubled_line(run, f"The grader failed: {type(error).__name__}: {error}")


class _ProgressSender:
    """A `judge.Listener` that sends a run's progress to `watch`."""

    def __init__(self, answers: int, run: int) -> None:
        self._answers = answers
        self._run = run
        self._checks = 0
        self._done = 0

    def exercise_started(self, exercise: str, checks: int) -> None:  # noqa: ARG002 - of the protocol
        """Add its checks to those of the run."""
        self._checks += checks

    def check_started(self, exercise: str, title: str) -> None:
        """Send which check is running."""
        progress = Progress(exercise, title, self._done, self._checks)
        _send(self._answers, advanced_line(self._run, progress))

    def check_ended(self, exercise: str, result: CheckResult) -> None:  # noqa: ARG002 - likewise
        """Count a finished check."""
        self._done += 1

    def exercise_ended(self, result: ExerciseResult) -> None:
        """Do nothing: all verdicts are sent together."""


def _send(answers: int, line: bytes) -> None:
    left = memoryview(line)
    try:
        while left:
            left = left[os.write(answers, left) :]
    except OSError:  # the reader is gone
        _end()
