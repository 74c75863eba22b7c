"""Finds and ends what a submission leaves behind: orphans, and whatever runs as its spare user (Linux).

A process that outlives its parent belongs to the next ancestor that adopts orphans
(PR_SET_CHILD_SUBREAPER): with `adopt_orphans` that is us, however far it has gone away from its
group and its session.
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
_MOST_ROUNDS = 200  # each ends all orphans there are: a program that forks faster gets tired first

_BLOCK = 256  # users that one server holds
# The first user and the number of blocks: above what accounts, containers and systemd use (its
# UIDS-GIDS.md), or within a container that maps 65,536 users.
_RANGES = ((1_900_000_000, 4_096), (40_000, 64))


def adopt_orphans() -> bool:
    """Make this process the new parent of all orphans below it; False where the system cannot."""
    try:
        from grader.lab.libc import call

        call("prctl", _PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (ImportError, OSError, AttributeError, TypeError):
        return False
    return True


def end_orphans(ours: Collection[int]) -> int:
    """End all children of this process that are not `ours`, and their orphans in turn.

    Returns how many there were.
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
    """The children of this process (proc(5), `children`), which has one thread."""
    pid = os.getpid()
    try:
        with open(f"/proc/{pid}/task/{pid}/children", "rb") as file:
            return [int(one) for one in file.read().split()]
    except OSError:
        return []


def end_all_of(uid: int) -> None:
    """End every process of this user, which must be nobody else's."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            os.kill(-1, signal.SIGKILL)  # all that this user may reach; not itself
        finally:
            os._exit(0)
    os.waitpid(pid, 0)


class NoSpareUser(OSError):
    """There is no user to be had whom nobody else uses."""


class SpareUsers:
    """Numbers of users that have no account, held by this process as long as it lives."""

    def __init__(self) -> None:
        first, blocks = _range()
        # Not all from the first: where the locks of others are out of sight, chance has to do.
        start = int.from_bytes(os.urandom(2), "little")
        self._lock, block = _claim((start + n) % blocks for n in range(blocks))
        self._free = deque(first + block * _BLOCK + n for n in range(_BLOCK))

    def take(self) -> int:
        """A user for a new process."""
        if not self._free:
            raise NoSpareUser("more processes than spare users")
        return self._free.popleft()

    def give_back(self, uid: int) -> None:
        """Of this user nothing runs any more."""
        self._free.append(uid)

    def close(self) -> None:
        """Let others have them."""
        self._lock.close()


def _range() -> tuple[int, int]:
    for first, blocks in _RANGES:
        if _is_mapped(first) and _is_mapped(first + blocks * _BLOCK):
            return first, blocks
    raise NoSpareUser("this system has no spare users")


def _is_mapped(uid: int) -> bool:
    """Whether this user exists here (user_namespaces(7), `uid_map`)."""
    try:
        with open("/proc/self/uid_map", "rb") as file:
            rows = [tuple(map(int, row.split())) for row in file]
    except OSError:
        return True
    return any(first <= uid < first + count for first, _outside, count in rows)


def _claim(blocks: Iterable[int]) -> tuple[socket.socket, int]:
    """The first of these blocks that no other server holds, and the lock on it.

    An abstract socket: it goes with its holder, however that ends, and leaves no file.
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
