"""Where learners' processes come from: a warm server that forks, or a fresh interpreter each.

Both speak the same protocol (`grader.lab.child`). A host starts at once and may be used before the
event loop runs, so that its start-up overlaps with the grader's own imports. It is the first thing that
the grader does: this module imports as little as it can.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Protocol

from grader.errors import GraderFault

__all__ = ["Connection", "ForkHost", "Host", "PlainHost", "open_host"]

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
_PID = struct.Struct("<i")
_PATIENCE = 60.0  # real seconds for the server's answer: far beyond any busy machine's delay
_NO_SERVER = "The process that runs submissions does not answer. Run the command again."


class Connection:
    """One learner's process: descriptors to talk over, and how to end it.

    requests, answers: descriptors to write requests to and read answers from.
    fault: what `faulthandler` wrote, to be read when the process has ended.
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
        """The process's number; waits for it while the process is being started."""
        return self._pid()

    def interrupt(self) -> None:
        """Ask the process to write its stack and end."""
        number = getattr(signal, "SIGPROF", None)
        if number is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, number)

    def end(self) -> int:
        """End the process and its whole group; returns its exit code (negative: a signal's)."""
        if self._status is None:
            self._status = self._host.reap(self.pid)
            self._ended = True
        return self._status

    def _discard(self) -> None:
        if not self._ended:
            self._ended = True
            self._host.discard(self.pid)

    def ends_itself(self) -> bool:
        """True when the process ends without our help, now that its line is closed."""
        from grader.runner.watch import has_ended  # noqa: PLC0415 - hardly ever needed

        for _ in range(20):
            if has_ended(self.pid):
                return True
            time.sleep(0.02)
        return False

    def hang_up(self) -> None:
        """End the process, and the line to it even where a grandchild holds on to it."""
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
        """What was written about the end of the process; only after `end`."""
        with contextlib.suppress(OSError):
            os.set_blocking(self._fault, False)
            return os.read(self._fault, 1 << 16).decode("utf-8", "replace")
        return ""

    def close(self) -> None:
        """End the process, and give the descriptors back."""
        self._discard()
        for fd in {self.requests, self.answers, self._fault}:
            with contextlib.suppress(OSError):
                os.close(fd)


class Host(Protocol):
    """Something that starts learners' processes."""

    def spawn(self) -> Connection:
        """A new process, ready to load a submission."""

    def reap(self, pid: int) -> int:
        """End the process group of `pid`; returns the exit code of its leader."""

    def discard(self, pid: int) -> None:
        """End the process group of `pid`, without waiting until it has ended."""

    def dismiss(self) -> None:
        """End every process that is left, without waiting; only `close` comes after it."""

    def close(self) -> None:
        """End every process that is left, and wait until they have ended."""


def open_host(*, fork: bool) -> Host:
    """A host: the warm server where the system can fork and `fork` is true, else the plain one."""
    return ForkHost() if fork and hasattr(os, "fork") else PlainHost()


def _interpreter(code: str) -> list[str]:
    # No site packages (-S) and none of the user's (-s): a submission has the standard library only.
    # No current folder in the path (-P). UTF-8 everywhere, and room to tell a stub from a program.
    return [sys.executable, "-s", "-S", "-P", "-X", "utf8", "-c", code, _ROOT]


_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from grader.lab.{module} import main; main({args})"
)


def _environment() -> dict[str, str]:
    """The little that Python needs, and a fixed order of sets; no variable of the user's."""
    kept = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LANG", "PYTHONPYCACHEPREFIX")
    # One arena: with one for each thread, a few threads would use up the limit on address space.
    fixed = {"PYTHONHASHSEED": "0", "MALLOC_ARENA_MAX": "1"}
    return {k: v for k, v in os.environ.items() if k in kept} | fixed


class _Folder:
    """An empty folder for learners' processes to run in."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="grader-", ignore_cleanup_errors=True)
        self.path = self._folder.name

    def remove(self) -> None:
        self._folder.cleanup()


class _Pid:
    """A pid that is known once the server has answered."""

    def __init__(self, settle: Callable[[], None]) -> None:
        self._settle = settle
        self.value: int | None = None

    def __call__(self) -> int:
        if self.value is None:
            self._settle()
        assert self.value is not None
        return self.value


class ForkHost:
    """Forks learners' processes from a warm server (POSIX)."""

    def __init__(self) -> None:
        self._folder = _Folder()
        self._starting: list[_Pid] = []
        self._control, theirs = socket.socketpair()
        self._control.settimeout(_PATIENCE)
        with theirs:
            self._server = subprocess.Popen(
                _interpreter(_START.format(module="server", args=theirs.fileno())),
                env=_environment(),
                cwd=self._folder.path,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def spawn(self) -> Connection:
        """Ask for a child; the answer (its pid) is read when it is needed."""
        ours, theirs = socket.socketpair()
        fault, fault_theirs = os.pipe()
        try:
            socket.send_fds(self._control, [b"S"], [theirs.fileno(), fault_theirs])
        except OSError as error:
            ours.close()
            os.close(fault)
            raise GraderFault(_NO_SERVER) from error
        finally:
            theirs.close()
            os.close(fault_theirs)
        channel = ours.detach()
        pid = _Pid(self._settle)
        self._starting.append(pid)
        return Connection(self, pid, channel, channel, fault)

    def _settle(self) -> None:
        """Read the pids of all children that were asked for: they come in order."""
        while self._starting:
            self._starting[0].value = self._answer()
            del self._starting[0]

    def reap(self, pid: int) -> int:
        self._settle()
        try:
            self._control.sendall(b"E" + _PID.pack(pid))
        except OSError as error:
            raise GraderFault(_NO_SERVER) from error
        return os.waitstatus_to_exitcode(self._answer())

    def discard(self, pid: int) -> None:
        with contextlib.suppress(OSError, GraderFault):  # then it ends with the server
            self._settle()
            self._control.sendall(b"D" + _PID.pack(pid))

    def _answer(self) -> int:
        try:
            data = self._control.recv(_PID.size, socket.MSG_WAITALL)
        except OSError as error:
            raise GraderFault(f"{_NO_SERVER} ({error})") from error
        if len(data) < _PID.size:
            raise GraderFault(_NO_SERVER)
        value: int = _PID.unpack(data)[0]
        return value

    def dismiss(self) -> None:
        self._control.close()

    def close(self) -> None:
        self.dismiss()
        try:
            self._server.wait(10)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._folder.remove()


class PlainHost:
    """Starts a fresh interpreter for every process: slower, and works on every system."""

    def __init__(self) -> None:
        self._folder = _Folder()
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    def spawn(self) -> Connection:
        process = subprocess.Popen(
            _interpreter(_START.format(module="process", args="")),
            env=_environment(),
            cwd=self._folder.path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._running[process.pid] = process
        pipes = [p for p in (process.stdin, process.stdout, process.stderr) if p is not None]
        fds = [os.dup(pipe.fileno()) for pipe in pipes]
        for pipe in pipes:
            pipe.close()
        return Connection(self, lambda: process.pid, *fds)

    def reap(self, pid: int) -> int:
        process = self._running.pop(pid)
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        process.kill()
        return process.wait()

    def discard(self, pid: int) -> None:
        self.reap(pid)

    def dismiss(self) -> None:
        for pid in list(self._running):
            self.reap(pid)

    def close(self) -> None:
        self.dismiss()
        self._folder.remove()
