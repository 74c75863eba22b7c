"""The warm server: holds the imported lab, and forks one child for each submission.

It never holds checks or solutions, and runs no loop and no thread, so that a child inherits nothing
but the lab. Commands come over a socket, a byte each:

    S and a group, with two descriptors (a socket for the child's requests and answers, a pipe for the
        stack of a program that has to be stopped); answered by the child's pid, 4 bytes, and where it
        was asked for with a descriptor of that process; or by -1 where the system has no room for
        more. The children of one group, 4 bytes, run as the same user
    E pid, which ends the child's process group, and whatever it left elsewhere; answered by its
        status as `os.waitpid` gives it, 4 bytes
    D pid, the same without an answer

When the socket closes, every child is ended.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import signal
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from grader.lab.child import EXIT_LAB, become_child
from grader.lab.guard import own_group, own_session
from grader.lab.household import Household

__all__ = ["keep_only", "main"]

_PID = struct.Struct("<i")
_FIRST_KEPT = 3
BUSY = -1
_WAITS = (0.01, 0.03, 0.1, 0.3, 1.0, 1.0, 1.0, 1.0)  # seconds between tries to fork


def main(control: str, walls: str = "", pidfds: str = "") -> Callable[[], None] | None:
    """Serve until the grader closes the socket with the descriptor `control`, a number.

    In a child it returns what the child does, to be called where no frame of ours is in reach.

    walls: what to put up around each child (`grader.lab.confine`), names with commas between.
    pidfds: not empty where pids do not mean the same to the grader as here.
    """
    own_session()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to handle
    household = Household(walls)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)  # children are short-lived and limited in memory
    work: Callable[[], None] | bool = True
    with socket.socket(fileno=int(control)) as commands:
        try:
            with contextlib.suppress(ConnectionError):
                while work is True:
                    work = _serve(commands, household, tell=_tell_process if pidfds else _tell)
        finally:
            if isinstance(work, bool):
                household.end_all()
    return None if isinstance(work, bool) else work


def _tell(commands: socket.socket, pid: int) -> None:
    commands.sendall(_PID.pack(pid))


def _tell_process(commands: socket.socket, pid: int) -> None:
    process = os.pidfd_open(pid)
    socket.send_fds(commands, [_PID.pack(pid)], [process])
    os.close(process)


def _serve(
    commands: socket.socket,
    household: Household,
    tell: Callable[[socket.socket, int], None],
) -> Callable[[], None] | bool:
    """Carry out one command; False when there will be no more, a child's work in a child."""
    command, fds, _flags, _address = socket.recv_fds(commands, 1, 2)
    if command == b"S":
        (group,) = _PID.unpack(commands.recv(_PID.size, socket.MSG_WAITALL))
        pid = _patiently(partial(household.fork, group))
        if pid == 0:
            # The first is waited for first: it gets the largest share of a busy processor.
            os.nice(3 * min(len(household), 4))
            commands.detach()  # its number may be another's by then
            return _child(household, *fds)
        for fd in fds:
            os.close(fd)
        (_tell if pid == BUSY else tell)(commands, pid)
    elif command in (b"E", b"D"):
        (pid,) = _PID.unpack(commands.recv(_PID.size, socket.MSG_WAITALL))
        status = household.end(pid)
        if command == b"E":
            _tell(commands, status)
    return bool(command)


def _patiently(fork: Callable[[], int]) -> int:
    """Fork, also where that has to wait until others leave room; -1 where they do not."""
    for wait in _WAITS:
        try:
            return fork()
        except (BlockingIOError, MemoryError):  # EAGAIN: the user has too many processes
            time.sleep(wait)
        except OSError as error:
            if error.errno != errno.ENOMEM:
                raise
            time.sleep(wait)
    return BUSY


def _child(household: Household, channel: int, fault: int) -> Callable[[], None]:
    try:
        walls = household.walls
        if walls is None:
            own_group()
        else:
            own_session()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        channel, fault, *rulesets = keep_only(channel, fault, *(walls.rulesets if walls else ()))
        if walls is not None:
            walls = replace(walls, rulesets=tuple(rulesets))
        return become_child(channel, channel, fault, walls)
    except BaseException:
        os._exit(EXIT_LAB)


def keep_only(*fds: int) -> tuple[int, ...]:
    """Keep these descriptors, as 3 and following, with nothing on 0 to 2; close all others."""
    high = [os.dup2(fd, place, inheritable=False) for place, fd in enumerate(fds, 100)]
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    kept = tuple(
        os.dup2(fd, place, inheritable=False) for place, fd in enumerate(high, _FIRST_KEPT)
    )
    os.closerange(_FIRST_KEPT + len(kept), 4096)
    return kept
