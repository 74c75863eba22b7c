"""Hosts, which start learners' processes: from a warm server that forks, or as fresh interpreters.

Both speak the same protocol (`grader.lab.child`). A host starts at once and can be used before the
event loop runs, so that its start-up overlaps with the grader's own imports. It is the first thing
that the grader starts, so this module imports as little as it can.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from grader.errors import GraderFault, HostBusy
from grader.runner.connection import A_WHILE, NO_ROOM, NO_SERVER, PID, Connection
from grader.runner.interpreter import EmptyFolder, command, environment, walls

if TYPE_CHECKING:
    from grader.runner.sandbox import Sandbox

__all__ = ["ForkHost", "Host", "abandon_all", "open_host"]

BUSY = -1  # as in `grader.lab.server`
_PATIENCE = 60.0  # real seconds for the server's answer: far more than any delay on a busy machine


class Host(Protocol):
    """Starts learners' processes."""

    def spawn(self, group: int = 0) -> Connection:
        """Start a process, ready to load a submission.

        group: processes of one group run one submission, as the same user where possible.
        """

    def reap(self, pid: int) -> int:
        """End the process group of `pid`; returns its leader's exit code."""

    def discard(self, pid: int) -> None:
        """End the process group of `pid`, without waiting for it."""

    def dismiss(self) -> None:
        """End all remaining processes, without waiting; then call only `close`."""

    def close(self) -> None:
        """End all remaining processes, and wait until they have ended."""

    def abandon(self) -> None:
        """End all remaining processes, from any thread; the host starts no more."""


def open_host(*, fork: bool, sandbox: Sandbox | None = None) -> Host:
    """Open a host: the warm server if the system can fork and `fork` is true, else the plain one.

    sandbox: how to confine its processes; None: only as every process is.
    """
    # Bubblewrap wraps one process with all its children, which is the server.
    fork = fork or (sandbox is not None and sandbox.bwrap)
    host: Host
    if fork and hasattr(os, "fork"):
        host = ForkHost(sandbox)
    else:
        from grader.runner.plain import PlainHost  # noqa: PLC0415 - most systems can fork

        host = PlainHost(sandbox)
    _open.add(host)
    return host


def abandon_all() -> None:
    """End every learner's process, from any thread, when this process is about to end itself.

    Callers that still wait for an answer get none.
    """
    for host in list(_open):
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            host.abandon()


_open: weakref.WeakSet[Host] = weakref.WeakSet()


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
        # In bubblewrap the server has its own pids; maps our pids to them.
        self._inner: dict[int, int] | None = {} if sandbox is not None and sandbox.bwrap else None
        self._control, theirs = socket.socketpair()
        self._control.settimeout(_PATIENCE)
        with theirs:
            start = command("server", str(theirs.fileno()), *walls(sandbox))
            if self._inner is not None:
                from grader.runner.bubblewrap import surround  # noqa: PLC0415 - seldom needed

                start = surround([*start, "pidfds"], self._folder.path)
            self._server = subprocess.Popen(
                start,
                env=environment(),
                cwd=self._folder.path,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def spawn(self, group: int = 0) -> Connection:
        """Request a child; the answer (its pid) is read when it is needed."""
        ours, theirs = socket.socketpair()
        fault, fault_theirs = os.pipe()
        try:
            request = b"S" + PID.pack(group)
            socket.send_fds(self._control, [request], [theirs.fileno(), fault_theirs])
        except OSError as error:
            ours.close()
            os.close(fault)
            raise GraderFault(NO_SERVER) from error
        finally:
            theirs.close()
            os.close(fault_theirs)
        channel = ours.detach()
        pid = _Pid(self._settle)
        self._starting.append(pid)
        return Connection(self, pid, channel, channel, fault)

    def _settle(self) -> None:
        """Read the pids of all requested children, which come in order."""
        while self._starting:
            self._starting[0].value = self._answer() if self._inner is None else self._outer()
            del self._starting[0]

    def _outer(self) -> int:
        """Return a child's pid as this process sees it, from its descriptor (proc(5), `fdinfo`)."""
        try:
            data, fds, _flags, _address = socket.recv_fds(self._control, PID.size, 1)
        except OSError as error:
            raise GraderFault(f"{NO_SERVER} ({error})") from error
        if len(data) == PID.size and PID.unpack(data)[0] == BUSY:
            raise HostBusy(NO_ROOM)
        if len(data) < PID.size or not fds or self._inner is None:
            raise GraderFault(NO_SERVER)
        with open(f"/proc/self/fdinfo/{fds[0]}", encoding="ascii") as file:
            rows = dict(line.split(":", 1) for line in file)
        os.close(fds[0])
        pid = int(rows["Pid"])
        self._inner[pid] = PID.unpack(data)[0]
        return pid

    def reap(self, pid: int) -> int:
        self._settle()
        try:
            number = pid if self._inner is None else self._inner.pop(pid)
            self._control.sendall(b"E" + PID.pack(number))
        except OSError as error:
            raise GraderFault(NO_SERVER) from error
        return os.waitstatus_to_exitcode(self._answer())

    def discard(self, pid: int) -> None:
        with contextlib.suppress(OSError, GraderFault):  # then it ends with the server
            self._settle()
            number = pid if self._inner is None else self._inner.pop(pid)
            self._control.sendall(b"D" + PID.pack(number))

    def _answer(self) -> int:
        try:
            data = self._control.recv(PID.size, socket.MSG_WAITALL)
        except OSError as error:
            raise GraderFault(f"{NO_SERVER} ({error})") from error
        if len(data) < PID.size:
            raise GraderFault(NO_SERVER)
        value: int = PID.unpack(data)[0]
        if value == BUSY:
            raise HostBusy(NO_ROOM)
        return value

    def dismiss(self) -> None:
        self._control.close()

    def close(self) -> None:
        self.dismiss()
        try:
            self._server.wait(A_WHILE)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait()
        self._folder.remove()

    def abandon(self) -> None:
        """Make the server end all its children and itself."""
        # Shut down, not close: another thread may be reading.
        self._control.shutdown(socket.SHUT_RDWR)
        self._server.wait(2)
        self._folder.remove()
