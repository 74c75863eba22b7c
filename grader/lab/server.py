"""The warm server: holds the imported lab, and forks one child for each submission.

It never holds checks or solutions, and runs no loop and no thread, so that a child inherits nothing
but the lab. Commands come over a socket, a byte each:

    S with two descriptors (a socket for the child's requests and answers, a pipe for the stack of a
        program that has to be stopped); answered by the child's pid, 4 bytes
    E pid, which ends the child's process group; answered by its status as `os.waitpid` gives it,
        4 bytes
    D pid, the same without an answer

When the socket closes, every child is ended.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import struct
import sys

from grader.lab.child import EXIT_LAB, become_child
from grader.lab.guard import own_group, own_session

__all__ = ["main"]

_PID = struct.Struct("<i")


def main(control: int) -> None:
    """Serve until the grader closes the socket with the descriptor `control`."""
    own_session()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to handle
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)  # children are short-lived and limited in memory
    children: set[int] = set()
    with socket.socket(fileno=control) as commands:
        try:
            with contextlib.suppress(ConnectionError):
                while _serve(commands, children):
                    pass
        finally:
            for pid in children:
                _end(pid)


def _serve(commands: socket.socket, children: set[int]) -> bool:
    command, fds, _flags, _address = socket.recv_fds(commands, 1, 2)
    if command == b"S":
        pid = os.fork()
        if pid == 0:
            # The first is waited for first: it gets the largest share of a busy processor.
            os.nice(2 * min(len(children), 5))
            _child(*fds)
        for fd in fds:
            os.close(fd)
        children.add(pid)
        commands.sendall(_PID.pack(pid))
    elif command in (b"E", b"D"):
        (pid,) = _PID.unpack(commands.recv(_PID.size, socket.MSG_WAITALL))
        children.discard(pid)
        status = _end(pid)
        if command == b"E":
            commands.sendall(_PID.pack(status))
    return bool(command)


def _end(pid: int) -> int:
    # A child that was just forked may not lead its group yet.
    for end in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            end(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


def _child(channel: int, fault: int) -> None:
    try:
        own_group()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        channel, fault = _only(channel, fault)
        become_child(channel, channel, fault)
    finally:
        os._exit(EXIT_LAB)


def _only(channel: int, fault: int) -> tuple[int, int]:
    """Keep these two descriptors, as 3 and 4, with nothing on 0 to 2; close all others."""
    high = [os.dup2(fd, place, inheritable=False) for place, fd in ((100, channel), (101, fault))]
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    for place, fd in zip((3, 4), high, strict=True):
        os.dup2(fd, place, inheritable=False)
    os.closerange(5, 4096)
    return 3, 4


if __name__ == "__main__":
    main(int(sys.argv[1]))
