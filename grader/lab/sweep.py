"""Ends the processes that a submission leaves behind: orphans, and those of its spare user (Linux).

A process that outlives its parent is adopted by the nearest ancestor that is a subreaper
(PR_SET_CHILD_SUBREAPER). `adopt_orphans` makes that this process, even if the orphan has changed its
group and session.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections import deque
from collections.abc import Collection, Iterable

__all__ = ["NoSpareUser", "SpareUsers", "adopt_orphans", "children", "end_all_of", "end_orphans"]

_PR_SET_CHILD_SUBREAPER = 36
_MOST_ROUNDS = 200  # each round kills all present orphans, which outpaces any program that forks

_BLOCK = 256  # users reserved by one server
# The first uid and the number of blocks: above the range of accounts, containers and systemd (see its
# UIDS-GIDS.md), or within a container that maps 65,536 users.
_RANGES = ((1_900_000_000, 4_096), (40_000, 64))


def adopt_orphans() -> bool:
    """Make this process adopt all orphaned descendants; False where the system cannot."""
    try:
        from grader.lab.libc import call

        call("prctl", _PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (ImportError, OSError, AttributeError, TypeError):
        return False
    return True


def end_orphans(ours: Collection[int]) -> int:
    """End all children of this process that are not in `ours`, and their orphans in turn.

    Returns their number.
    """
    ended = 0
    for _ in range(_MOST_ROUNDS):
        orphans = [pid for pid in children() if pid not in ours]
        if not orphans:
            break
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in orphans:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        ended += len(orphans)
    return ended


def children() -> list[int]:
    """The pids of this process's children (proc(5), `children`); it must have only one thread."""
    pid = os.getpid()
    try:
        with open(f"/proc/{pid}/task/{pid}/children", "rb") as file:
            return [int(one) for one in file.read().split()]
    except OSError:
        return []


def end_all_of(uid: int) -> None:
    """End every process of this user; it must be a spare user."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            os.kill(-1, signal.SIGKILL)  # every process that this user may signal, except itself
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


class NoSpareUser(OSError):
    """No unused user is available."""


class SpareUsers:
    """User ids without an account, reserved for as long as this process lives."""

    def __init__(self) -> None:
        first, blocks = _range()
        # Start at random: locks in another network namespace are not visible.
        start = int.from_bytes(os.urandom(2), "little")
        self._lock, block = _claim((start + n) % blocks for n in range(blocks))
        self._free = deque(first + block * _BLOCK + n for n in range(_BLOCK))

    def take(self) -> int:
        """Take an unused user id; raises `NoSpareUser` if all are taken."""
        if not self._free:
            raise NoSpareUser("more processes than spare users")
        return self._free.popleft()

    def give_back(self, uid: int) -> None:
        """Return a user id once none of its processes runs any more."""
        self._free.append(uid)

    def close(self) -> None:
        """Release the reservation."""
        self._lock.close()


def _range() -> tuple[int, int]:
    for first, blocks in _RANGES:
        if _is_mapped(first) and _is_mapped(first + blocks * _BLOCK):
            return first, blocks
    raise NoSpareUser("this system has no spare users")


def _is_mapped(uid: int) -> bool:
    """Whether this user id is valid in this namespace (user_namespaces(7), `uid_map`)."""
    try:
        with open("/proc/self/uid_map", "rb") as file:
            rows = [tuple(map(int, row.split())) for row in file]
    except OSError:
        return True
    return any(first <= uid < first + count for first, _outside, count in rows)


def _claim(blocks: Iterable[int]) -> tuple[socket.socket, int]:
    """Lock the first of these blocks that no other server holds; returns the lock and the block.

    The lock is an abstract socket: it vanishes with its process, however that ends, and leaves no file.
    """
    for block in blocks:
        lock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            lock.bind(f"\0backpressure-grader-users-{block}")
        except OSError:
            lock.close()
            continue
        return lock, block
    raise NoSpareUser("other graders hold all spare users")
