"""Connects to one learner's process: where to write and read, and how to end it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.runner.hosts import Host

__all__ = ["A_WHILE", "NO_ROOM", "NO_SERVER", "PID", "Connection"]

PID = struct.Struct("<i")  # a pid, as the lab's programs send it
A_WHILE = 10.0  # real seconds for a process of ours to end when told to
NO_ROOM = "This machine has no room for another process. End what is not needed, then try again."
NO_SERVER = "The process that runs submissions does not answer. Run the command again."


class Connection:
    """A connection to one learner's process: its descriptors, and how to end it.

    requests, answers: descriptors to write requests to and read answers from.
    fault: the descriptor of what `faulthandler` wrote, read after the process has ended.
    """

    def __init__(
        self, host: Host, pid: Callable[[], int], requests: int, answers: int, fault: int
    ) -> None:
        self._host = host
        self._pid = pid
        self.requests = requests
        self.answers = answers
        self._fault = fault
        self._status: int | None = None
        self._ended = False

    @property
    def pid(self) -> int:
        """The process's pid; waits while the process is being started."""
        return self._pid()

    def interrupt(self) -> None:
        """Ask the process to write its stack and end."""
        number = getattr(signal, "SIGPROF", None)
        if number is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, number)

    def end(self) -> int:
        """End the process and its group; returns its exit code (negative for a signal)."""
        if self._status is None:
            self._status = self._host.reap(self.pid)
            self._ended = True
        return self._status

    def _discard(self) -> None:
        if not self._ended:
            self._ended = True
            self._host.discard(self.pid)

    def ends_itself(self) -> bool:
        """Return True if the process ends by itself within 0.4 s, now that its connection is closed."""
        from grader.runner.watch import has_ended  # noqa: PLC0415 - hardly ever needed

        for _ in range(20):
            if has_ended(self.pid):
                return True
            time.sleep(0.02)
        return False

    def hang_up(self) -> None:
        """End the process and the connection, even if a grandchild keeps the connection open."""
        self._discard()
        answers = os.dup(self.answers)
        try:
            line = socket.socket(fileno=answers)
        except OSError:  # a pipe
            os.close(answers)
            return
        with line, contextlib.suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    def fault_text(self) -> str:
        """Return what was written about the end of the process; call only after `end`."""
        with contextlib.suppress(OSError):
            if hasattr(os, "set_blocking"):  # on Windows from Python 3.12 on
                os.set_blocking(self._fault, False)
            return os.read(self._fault, 1 << 16).decode("utf-8", "replace")
        return ""

    def close(self) -> None:
        """End the process and close the descriptors."""
        self._discard()
        for fd in {self.requests, self.answers, self._fault}:
            with contextlib.suppress(OSError):
                os.close(fd)
