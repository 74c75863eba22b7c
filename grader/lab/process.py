"""A learner's process without a warm server: takes the same requests and answers over pipes.

On Linux the started interpreter forks it, then only waits for its end and sweeps up its orphans.
Elsewhere it is the started interpreter itself.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import struct
from collections.abc import Callable
from typing import NoReturn

from grader.lab.child import become_child
from grader.lab.guard import own_session
from grader.lab.household import Household

__all__ = ["main"]

_PID = struct.Struct("<i")
_GRACE = 1_000  # milliseconds to exit by itself, once its requests are closed


def main(announce: str = "", walls: str = "") -> Callable[[], None]:
    """Serve requests from standard input; the stack of a stopped program goes to standard error.

    Returns a function that does so. Call it where no frame of the grader's is within reach.

    announce: a descriptor for the pid of the process that serves, 4 bytes; empty if this one serves.
    walls: as for `grader.lab.server.main`.
    """
    own_session()
    requests, answers, fault = os.dup(0), os.dup(1), os.dup(2)
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    if not announce:
        return become_child(requests, answers, fault)
    os.close(nothing)
    return _supervise(int(announce), requests, answers, fault, Household(walls))


def _supervise(
    announce: int, requests: int, answers: int, fault: int, household: Household
) -> Callable[[], None]:
    """Fork; returns only in the child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to handle
    told, wakeup = os.pipe()
    os.set_blocking(wakeup, False)
    signal.set_wakeup_fd(wakeup)
    for number in (signal.SIGTERM, signal.SIGCHLD):  # a request to end, and the child's end
        signal.signal(number, lambda *_signal: None)
    pid = household.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        for fd in (announce, told, wakeup):
            os.close(fd)
        own_session()
        for number in (signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        return become_child(requests, answers, fault, household.walls)
    os.write(announce, _PID.pack(pid))
    for fd in (announce, answers, fault):
        os.close(fd)
    _wait(pid, told, requests)
    return _leave_like(household.end(pid))


def _wait(pid: int, told: int, requests: int) -> None:
    """Wait until the process has ended, the grader asks for its end, or the grader itself is gone."""
    watched = select.poll()
    watched.register(told, select.POLLIN)
    watched.register(requests, 0)  # reports only that the other end is closed
    patience: int | None = None
    while ready := {fd for fd, _event in watched.poll(patience)}:
        if told in ready and (signal.SIGTERM in os.read(told, 64) or _has_ended(pid)):
            return
        if requests in ready:
            watched.unregister(requests)
            patience = _GRACE


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _leave_like(status: int) -> NoReturn:
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        with contextlib.suppress(OSError):  # SIGKILL has no handler to reset
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)
