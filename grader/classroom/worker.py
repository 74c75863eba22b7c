"""A worker process: grades submissions one after another, as they come over a pipe.

Requests and answers are one JSON line each. A request holds the seed and the modules; an answer, the
verdicts (see `grader.records`) or the grader's fault. A line `{"beat": …}` in between is a heartbeat:
a check has ended, and the worker is alive. The worker ends when the pipe closes.
"""

from __future__ import annotations

import gc
import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from grader.classroom.request import module_from
from grader.course.catalog import exercises
from grader.errors import GraderError, HostBusy
from grader.judge import Silent, grade_modules
from grader.judge.long_session import RunChecks, keep_open
from grader.records import exercise_record
from grader.results import CheckResult, ExerciseResult, Observation
from grader.runner.hosts import Host, open_host
from grader.runner.sandbox import Sandbox

__all__ = ["main"]

AHEAD = 1  # exercises to prefetch: more would take more memory
BEAT = 1.0  # seconds between heartbeats; most submissions need none
MOST_GROWTH = 96 << 20  # bytes of memory beyond the first submissions' before a worker is replaced
SETTLED = 5  # submissions after which a worker's memory use is settled
LARGEST_TRACE = 1 << 20  # bytes of JSON of a trace that is kept for drawing
LAST_RESORT = 5.0  # seconds to end cleanly once the pipe has closed


def main() -> None:
    """Grade requests from standard input until it closes; the settings are the only argument."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # even if the parent ignores it
    settings = json.loads(sys.argv[1])
    answers = _Answers()
    requests = _Requests()
    host = open_host(fork=settings["fork"], sandbox=_sandbox(settings["sandbox"]))
    try:
        keep_open(exercises(), lambda run, faults: _serve(requests, answers, host, run, faults))
    except KeyboardInterrupt:
        pass  # the parent has gone
    except GraderError as error:
        answers.put({"fault": str(error)})
    finally:
        host.close()


def _sandbox(data: Mapping[str, Any] | None) -> Sandbox | None:
    return None if data is None else Sandbox(tuple(data["walls"]), data["bwrap"])


def _serve(
    requests: _Requests, answers: _Answers, host: Host, run: RunChecks, faults: Mapping[str, str]
) -> None:
    answers.put({"ready": os.getpid(), "broken": [name for name, fault in faults.items() if fault]})
    gc.collect()
    gc.freeze()  # what is imported by now stays
    gc.set_threshold(20_000)
    floor, count = 0, 0
    while (request := requests.take()) is not None:
        answer = _graded(request, answers, host, run)
        count += 1
        if count <= SETTLED:
            floor = _memory()
        answers.put(answer | {"grown": _memory() - floor > MOST_GROWTH})


def _graded(
    request: Mapping[str, Any], answers: _Answers, host: Host, run: RunChecks
) -> dict[str, Any]:
    modules = [module_from(row) for row in request["modules"]]
    try:
        report = grade_modules(
            modules,
            host,
            seed=request["seed"],
            listener=_Heartbeat(answers),
            flagged=True,
            ahead=AHEAD,
            run_checks=run,
        )
    except HostBusy as error:
        return {"fault": str(error), "busy": True}
    except GraderError as error:
        return {"fault": str(error)}
    results = [replace(_with_one_trace(one), seed=request["seed"]) for one in report.exercises]
    return {"exercises": [exercise_record(one) for one in results]}


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


class _Heartbeat(Silent):
    """Sends a heartbeat when a check ends, at most every `BEAT` seconds."""

    def __init__(self, answers: _Answers) -> None:
        self._answers = answers
        self._last = time.monotonic()

    def check_ended(self, exercise: str, _result: CheckResult) -> None:
        now = time.monotonic()
        if now - self._last >= BEAT:
            self._last = now
            self._answers.put({"beat": exercise})


class _Answers:
    """The pipe to the parent; everything else that this process prints goes to standard error."""

    def __init__(self) -> None:
        self._file = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)

    def put(self, data: Mapping[str, Any]) -> None:
        try:
            self._file.write(json.dumps(data).encode() + b"\n")
            self._file.flush()
        except BrokenPipeError:
            raise KeyboardInterrupt from None  # the parent has gone


class _Requests:
    """The pipe from the parent, read by a thread so that its end is noticed while checks run."""

    def __init__(self) -> None:
        self._requests: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._idle = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def take(self) -> dict[str, Any] | None:
        """Return the next request, or None when there will be no more."""
        self._idle.set()
        request = self._requests.get()
        self._idle.clear()
        return request

    def _read(self) -> None:
        for line in sys.stdin.buffer:
            self._requests.put(json.loads(line))
        self._requests.put(None)
        if not self._idle.is_set():
            _interrupt()
        time.sleep(LAST_RESORT)
        os._exit(1)  # submissions' processes end with their host, which notices this


def _interrupt() -> None:
    """Interrupt the main thread like Ctrl-C, on which pytest, asyncio and our code exit cleanly."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        signal.raise_signal(signal.SIGINT)


if __name__ == "__main__":
    main()
