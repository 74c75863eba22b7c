"""The warm server: holds the imported lab and forks one child for each submission.

It never holds checks or solutions, and runs no loop and no thread, so that a child inherits only the
lab. Commands arrive on a socket, one byte each with arguments of 4 bytes:

    S group     start a child; sent with two descriptors: a socket for its requests and answers, and a
                pipe for the stack of a stopped program. Children of one group run as the same user.
                Answer: the child's pid, 4 bytes, with a pidfd if `pidfds` is set; -1 if the system
                has no room for another process
    E pid       end the child's process group and its orphans. Answer: its status as returned by
                `os.waitpid`, 4 bytes
    D pid       the same without an answer

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
    """Serve until the grader closes the socket.

    In a child it returns the function that does the child's work. Call it where no frame of the
    grader's is within reach.

    control: the number of the socket's descriptor.
    walls: the walls for each child (`grader.lab.confine`), names separated by commas.
    pidfds: not empty if the grader is in another pid namespace, so that it needs pidfds.
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
    """Carry out one command; returns whether more may follow, or in a child, the child's work."""
    command, fds, _flags, _address = socket.recv_fds(commands, 1, 2)
    if command == b"S":
        (group,) = _PID.unpack(commands.recv(_PID.size, socket.MSG_WAITALL))
        pid = _patiently(partial(household.fork, group))
        if pid == 0:
            # The grader waits for the oldest child first, so that gets the largest processor share.
            os.nice(3 * min(len(household), 4))
            commands.detach()  # closing it later might close a reused descriptor
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
    """Fork, waiting for other processes to make room if necessary; -1 if they do not."""
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
    """Renumber these descriptors from 3 on, put /dev/null on 0 to 2, and close all others."""
    high = [os.dup2(fd, place, inheritable=False) for place, fd in enumerate(fds, 100)]
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    kept = tuple(
        os.dup2(fd, place, inheritable=False) for place, fd in enumerate(high, _FIRST_KEPT)
    )
    os.closerange(_FIRST_KEPT + len(kept), 4096)
    return kept
