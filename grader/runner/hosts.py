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
import threading
import time
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from grader.errors import GraderFault
from grader.runner.interpreter import EmptyFolder, command, environment

if TYPE_CHECKING:
    from grader.runner.sandbox import Sandbox

__all__ = ["Connection", "ForkHost", "Host", "PlainHost", "abandon_all", "open_host"]

_PID = struct.Struct("<i")
_PATIENCE = 60.0  # real seconds for the server's answer: far beyond any busy machine's delay
_SUPERVISED = sys.platform == "linux" and hasattr(os, "fork")  # where orphans can be adopted
_A_WHILE = 10.0  # real seconds for a process of ours that was told to end
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
            if hasattr(os, "set_blocking"):  # on Windows from Python 3.12 on
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


def open_host(*, fork: bool, sandbox: Sandbox | None = None) -> Host:
    """A host: the warm server where the system can fork and `fork` is true, else the plain one.

    sandbox: what to shut its processes into; None: nothing but what every process gets.
    """
    # Bubblewrap surrounds one process with all its children: the server.
    fork = fork or (sandbox is not None and sandbox.bwrap)
    kind = ForkHost if fork and hasattr(os, "fork") else PlainHost
    return kind(sandbox)


def abandon_all() -> None:
    """End every learner's process, from any thread; for a process that is about to end itself.

    Whoever still waits for an answer of theirs gets none.
    """
    for host in list(_open):
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            host.abandon()


_open: weakref.WeakSet[ForkHost | PlainHost] = weakref.WeakSet()


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

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        self._folder = EmptyFolder()
        self._starting: list[_Pid] = []
        # Behind bubblewrap the server counts processes anew; its number for each of ours.
        self._inner: dict[int, int] | None = {} if sandbox is not None and sandbox.bwrap else None
        self._control, theirs = socket.socketpair()
        self._control.settimeout(_PATIENCE)
        with theirs:
            start = command("server", str(theirs.fileno()), *_walls(sandbox))
            if self._inner is not None:
                from grader.runner.bubblewrap import surround  # noqa: PLC0415 - seldom wanted

                start = surround([*start, "pidfds"], self._folder.path)
            self._server = subprocess.Popen(
                start,
                env=environment(),
                cwd=self._folder.path,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        _open.add(self)

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
            self._starting[0].value = self._answer() if self._inner is None else self._outer()
            del self._starting[0]

    def _outer(self) -> int:
        """A pid as this process counts, by a descriptor of the process (proc(5), `fdinfo`)."""
        try:
            data, fds, _flags, _address = socket.recv_fds(self._control, _PID.size, 1)
        except OSError as error:
            raise GraderFault(f"{_NO_SERVER} ({error})") from error
        if len(data) < _PID.size or not fds or self._inner is None:
            raise GraderFault(_NO_SERVER)
        with open(f"/proc/self/fdinfo/{fds[0]}", encoding="ascii") as file:
            rows = dict(line.split(":", 1) for line in file)
        os.close(fds[0])
        pid = int(rows["Pid"])
        self._inner[pid] = _PID.unpack(data)[0]
        return pid

    def reap(self, pid: int) -> int:
        self._settle()
        try:
            number = pid if self._inner is None else self._inner.pop(pid)
            self._control.sendall(b"E" + _PID.pack(number))
        except OSError as error:
            raise GraderFault(_NO_SERVER) from error
        return os.waitstatus_to_exitcode(self._answer())

    def discard(self, pid: int) -> None:
        with contextlib.suppress(OSError, GraderFault):  # then it ends with the server
            self._settle()
            number = pid if self._inner is None else self._inner.pop(pid)
            self._control.sendall(b"D" + _PID.pack(number))

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
            self._server.wait(_A_WHILE)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._folder.remove()

    def abandon(self) -> None:
        """Have the server end all its children and itself."""
        # Closing would not do: another thread may be reading.
        self._control.shutdown(socket.SHUT_RDWR)
        self._server.wait(2)
        self._folder.remove()


class PlainHost:
    """Starts a fresh interpreter for every process: slower, and works on every system.

    On Linux that interpreter forks once, and the first one then sweeps up behind the second.
    """

    def __init__(self, sandbox: Sandbox | None = None) -> None:
        self._folder = EmptyFolder()
        self._walls = _walls(sandbox)
        self._running: list[_Fresh] = []
        self._abandoned = threading.Event()
        _open.add(self)

    def spawn(self) -> Connection:
        if self._abandoned.is_set():
            raise GraderFault(_NO_SERVER)
        fresh = _Fresh(self._folder.path, self._walls)
        self._running.append(fresh)
        if self._abandoned.is_set():  # meanwhile
            fresh.end()
        return Connection(self, fresh.pid, *fresh.pipes())

    def reap(self, pid: int) -> int:
        place = next(n for n, fresh in enumerate(self._running) if fresh.pid() == pid)
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
        """End all processes, and start no more."""
        self._abandoned.set()
        for fresh in list(self._running):
            fresh.end()
        self._folder.remove()


class _Fresh:
    """A fresh interpreter, and the number of the process that serves: its own, or its child's."""

    def __init__(self, folder: str, walls: Sequence[str]) -> None:
        self._announced: int | None = None
        self._pid: int | None = None
        fds: list[int] = []
        if _SUPERVISED:
            self._announced, theirs = os.pipe()
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
        """The descriptors of requests, answers and fault, which are the caller's from then on."""
        process = self._process
        pipes = [p for p in (process.stdin, process.stdout, process.stderr) if p is not None]
        fds = [os.dup(pipe.fileno()) for pipe in pipes]
        for pipe in pipes:
            pipe.close()
        return fds

    def pid(self) -> int:
        """The number of the process that serves; waits until it is known."""
        if self._pid is None:
            self._pid = self._process.pid
            if self._announced is not None:
                data = os.read(self._announced, _PID.size)
                os.close(self._announced)
                if len(data) == _PID.size:  # else it ended before it began
                    self._pid = _PID.unpack(data)[0]
        return self._pid

    def end(self) -> int:
        """End the process with its group; returns its exit code."""
        if self._announced is None:
            self._end_group(self._process.pid)
            self._process.kill()
            return self._process.wait()
        self._process.terminate()  # which it answers by sweeping up and ending
        try:
            return self._process.wait(_A_WHILE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
        finally:
            self._end_group(self.pid())

    def _end_group(self, leader: int) -> None:
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(leader, signal.SIGKILL)


def _walls(sandbox: Sandbox | None) -> tuple[str, ...]:
    """The walls as an argument of the lab's programs."""
    return (",".join(sandbox.walls),) if sandbox is not None else ()
