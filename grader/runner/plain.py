"""The host for systems that cannot fork, or without a server: a fresh interpreter each time."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from grader.errors import GraderFault, HostBusy
from grader.runner.connection import A_WHILE, NO_ROOM, NO_SERVER, PID, Connection
from grader.runner.interpreter import EmptyFolder, command, environment, walls

if TYPE_CHECKING:
    from grader.runner.sandbox import Sandbox

__all__ = ["PlainHost"]

_SUPERVISED = sys.platform == "linux" and hasattr(os, "fork")  # where orphans can be adopted


class PlainHost:
    """Starts a fresh interpreter for every process: slower, but works on every system.

    On Linux that interpreter forks once, and the parent then ends everything that the child leaves.
    """

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        self._folder = EmptyFolder()
        self._walls = walls(sandbox)
        self._running: list[_Interpreter] = []
        self._abandoned = threading.Event()

    def spawn(self, group: int = 0) -> Connection:  # noqa: ARG002 - each has a user of its own
        if self._abandoned.is_set():
            raise GraderFault(NO_SERVER)
        try:
            interpreter = _Interpreter(self._folder.path, self._walls)
        except BlockingIOError:  # the user has too many processes
            raise HostBusy(NO_ROOM) from None
        self._running.append(interpreter)
        if self._abandoned.is_set():  # by another thread meanwhile
            interpreter.end()
        return Connection(self, interpreter.pid, *interpreter.pipes())

    def reap(self, pid: int) -> int:
        place = next(n for n, interpreter in enumerate(self._running) if interpreter.pid() == pid)
        return self._running.pop(place).end()

    def discard(self, pid: int) -> None:
        self.reap(pid)

    def dismiss(self) -> None:
        while self._running:
            self._running.pop().end()

    def close(self) -> None:
        self.dismiss()
        self._folder.remove()

    def abandon(self) -> None:
        """End all processes and start no more."""
        self._abandoned.set()
        for interpreter in list(self._running):
            interpreter.end()
        self._folder.remove()


class _Interpreter:
    """A fresh interpreter, and the pid of the process that serves: its own or its child's."""

    def __init__(self, folder: str, walls: Sequence[str]) -> None:
        self._pid_pipe: int | None = None
        self._pid: int | None = None
        fds: list[int] = []
        if _SUPERVISED:
            self._pid_pipe, theirs = os.pipe()
            fds = [theirs]
        try:
            self._process = subprocess.Popen(
                command("process", *map(str, fds), *walls),
                env=environment(),
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=fds,
            )
        finally:
            for fd in fds:
                os.close(fd)

    def pipes(self) -> list[int]:
        """Return the descriptors of requests, answers and fault; the caller must close them."""
        process = self._process
        pipes = [p for p in (process.stdin, process.stdout, process.stderr) if p is not None]
        fds = [os.dup(pipe.fileno()) for pipe in pipes]
        for pipe in pipes:
            pipe.close()
        return fds

    def pid(self) -> int:
        """Return the pid of the process that serves; waits until it is known."""
        if self._pid is None:
            self._pid = self._process.pid
            if self._pid_pipe is not None:
                data = os.read(self._pid_pipe, PID.size)
                os.close(self._pid_pipe)
                if len(data) == PID.size:  # else it ended before it sent its pid
                    self._pid = PID.unpack(data)[0]
        return self._pid

    def end(self) -> int:
        """End the process and its group; returns its exit code."""
        if self._pid_pipe is None:
            self._end_group(self._process.pid)
            self._process.kill()
            return self._process.wait()
        self._process.terminate()  # it then ends what is left of its child, and itself
        try:
            return self._process.wait(A_WHILE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
        finally:
            self._end_group(self.pid())

    def _end_group(self, leader: int) -> None:
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(leader, signal.SIGKILL)
