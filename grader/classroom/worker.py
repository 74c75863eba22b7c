"""The worker of class mode: grades one learner's modules at a time, with memory kept within bounds."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from grader.classroom.provenance import moment
from grader.classroom.request import module_from
from grader.judge import grade_modules
from grader.judge.listener import Listener, Silent
from grader.judge.long_session import RunChecks
from grader.judge.serving import Pipe, serve
from grader.results import CheckResult, ExerciseResult, Observation
from grader.runner.hosts import Host, open_host
from grader.runner.sandbox import Sandbox
from grader.wire import Graded, Request

__all__ = ["main"]

AHEAD = 1  # exercises to prefetch: more would take more memory
BEAT = 1.0  # seconds between signs of life; most submissions need none
MOST_GROWTH = 96 << 20  # bytes of memory beyond the first submissions' before a worker is replaced
SETTLED = 5  # submissions after which a worker's memory use is settled
LARGEST_TRACE = 1 << 20  # bytes of JSON of a trace that is kept for drawing


def main() -> None:
    """Grade requests from standard input until it closes; the settings are the only argument."""
    settings = json.loads(sys.argv[1])
    host = open_host(fork=settings["fork"], sandbox=_sandbox(settings["sandbox"]))
    try:
        serve(_Grading(host), Pipe(), beat=BEAT)
    finally:
        host.close()


def _sandbox(data: Mapping[str, Any] | None) -> Sandbox | None:
    return None if data is None else Sandbox(tuple(data["walls"]), data["bwrap"])


class _Grading:
    """Grades the modules of requests, and knows how this process has grown by that."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._floor = 0
        self._count = 0

    def __call__(self, request: Request, run: RunChecks, listener: Listener) -> Graded:
        timed = _Timed(listener)
        report = grade_modules(
            [module_from(row) for row in request.job["modules"]],
            self._host,
            seed=request.job["seed"],
            listener=timed,
            flagged=True,
            ahead=AHEAD,
            run_checks=run,
        )
        results = [replace(_with_one_trace(one), seed=report.seed) for one in report.exercises]
        return Graded(request.run, tuple(results), self._has_grown(), timed.times)

    def _has_grown(self) -> bool:
        self._count += 1
        if self._count <= SETTLED:
            self._floor = _memory()
        return _memory() - self._floor > MOST_GROWTH


class _Timed(Silent):
    """Notes when the checks of each exercise ran, and passes on that they do."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self.times: dict[str, tuple[str, str]] = {}

    def exercise_started(self, exercise: str, checks: int) -> None:
        self._listener.exercise_started(exercise, checks)

    def check_started(self, exercise: str, title: str) -> None:
        now = moment()
        self.times.setdefault(exercise, (now, now))
        self._listener.check_started(exercise, title)

    def check_ended(self, exercise: str, result: CheckResult) -> None:
        now = moment()
        began, _ = self.times.get(exercise, (now, now))
        self.times[exercise] = began, now
        self._listener.check_ended(exercise, result)


def _with_one_trace(result: ExerciseResult) -> ExerciseResult:
    """Return the result with one trace at most: that of the failure shown first."""
    shown = result.first_failure
    checks = [
        check
        if check is shown and _has_small_trace(check)
        else replace(check, observation=Observation())
        for check in result.checks
    ]
    return replace(result, checks=tuple(checks))


def _has_small_trace(check: CheckResult) -> bool:
    trace = check.observation.trace
    return trace is None or len(json.dumps(trace)) <= LARGEST_TRACE


def _memory() -> int:
    """Return the bytes of memory that this process holds; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123 - one small read, often
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


if __name__ == "__main__":
    main()
