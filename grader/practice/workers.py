"""Keeps a warm worker, and a spare one for when a run is cancelled.

A separate process leaves this one free for keys and saves, whatever the learner's code does, and
makes cancelling simple: end the worker. A worker exits by itself, with all that it started, when
its pipe closes, so none is left behind even if this process is killed.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import IO, Self

from grader import wire
from grader.practice.events import Advanced, Graded, Troubled

__all__ = ["Workers"]

Post = Callable[[Advanced | Graded | Troubled], None]

PATIENCE = 3.0  # seconds for a worker to exit by itself after its pipe is closed

_OWN_GROUP = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)  # Windows: no Ctrl-C for workers


@dataclass(eq=False)
class _Worker:
    """A worker process, and the run it works on; None while it is idle."""

    process: subprocess.Popen[bytes]
    run: int | None = None


class Workers:
    """The workers of one `watch`; a context manager that ends them all.

    command: starts a worker that speaks the protocol of `grader.wire`; post: called with
    the events of runs, from any thread.
    """

    def __init__(self, command: Sequence[str], post: Post) -> None:
        self._command = command
        self._post = post
        self._lock = threading.Lock()
        self._current: _Worker | None = None
        self._spare: _Worker | None = None
        self._retired: list[_Worker] = []
        self._closed = False

    def __enter__(self) -> Self:
        with self._lock:
            self._current = self._start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def grade(self, run: int, exercises: Iterable[str]) -> None:
        """Start a run; cancels one in progress."""
        self.cancel()
        with self._lock:
            worker = self._current or self._spare or self._start()
            if worker is self._spare:
                self._spare = None
            self._current, worker.run = worker, run
            _send(worker, wire.request_line(wire.Request(run, list(exercises))))

    def cancel(self) -> None:
        """Cancel the run in progress, if any, by ending its worker."""
        with self._lock:
            worker = self._current
            if worker is None or worker.run is None:
                return
            self._current = None
            self._retire(worker)

    def close(self) -> None:
        """End all workers and wait until they have exited."""
        with self._lock:
            self._closed = True
            for worker in (self._current, self._spare):
                if worker is not None:
                    self._retire(worker)
            self._current = self._spare = None
            retired = list(self._retired)
        for worker in retired:
            _wait(worker)

    # -- one worker -----------------------------------------------------------------------------

    def _start(self) -> _Worker:
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # keeps Ctrl-C and Ctrl-Z from it
            creationflags=_OWN_GROUP,
        )
        worker = _Worker(process)
        threading.Thread(target=self._read, args=(worker,), name="worker", daemon=True).start()
        return worker

    def _retire(self, worker: _Worker) -> None:
        """Close a worker's pipe, and kill it if it does not exit."""
        self._retired = [one for one in self._retired if one.process.poll() is None]
        self._retired.append(worker)
        with contextlib.suppress(OSError):
            _pipe(worker.process.stdin).close()
        threading.Thread(target=_wait, args=(worker,), name="end of worker", daemon=True).start()

    def _read(self, worker: _Worker) -> None:
        """Forward a worker's events until it exits."""
        pipe = _pipe(worker.process.stdout)
        with pipe:
            for line in pipe:
                try:
                    answer = wire.answer_in(line)
                except ValueError:
                    break
                if isinstance(answer, wire.Ready):
                    self._on_ready()
                elif isinstance(answer, wire.Graded):
                    self._forward(worker, Graded(answer.run, answer.results))
                else:
                    self._forward(worker, answer)
        self._on_exit(worker)

    def _on_ready(self) -> None:
        """Start a spare worker, now that one is warm."""
        with self._lock:
            if self._spare is None and not self._closed:
                self._spare = self._start()

    def _forward(self, worker: _Worker, event: Advanced | Graded | Troubled) -> None:
        with self._lock:
            if worker is not self._current:
                return  # from a cancelled run
            if event.run == 0:  # it cannot grade at all
                event = replace(event, run=worker.run or 0)
            if not isinstance(event, Advanced):
                worker.run = None
            if isinstance(event, Troubled):  # replaced: a new worker does not have the fault
                self._current = None
                self._retire(worker)
        if event.run:
            self._post(event)

    def _on_exit(self, worker: _Worker) -> None:
        """Handle a worker's exit; unless we ended it, report that its run has no verdicts."""
        with self._lock:
            run = worker.run if worker is self._current else None
            if worker is self._current:
                self._current = None
            if worker is self._spare:
                self._spare = None
            if worker not in self._retired:
                self._retire(worker)
        if run is not None:
            code = worker.process.wait()
            self._post(Troubled(run, f"The process that grades has ended (exit code {code})."))


def _send(worker: _Worker, line: bytes) -> None:
    pipe = _pipe(worker.process.stdin)
    with contextlib.suppress(OSError, ValueError):  # it has exited, which `_read` notices
        pipe.write(line)
        pipe.flush()


def _wait(worker: _Worker) -> None:
    """Wait until a worker exits; kill it after `PATIENCE`."""
    try:
        worker.process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        worker.process.kill()
        worker.process.wait()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "a worker is started with pipes"
    return pipe
