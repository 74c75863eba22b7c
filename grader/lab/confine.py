"""Confines this process for good: limits, its own user, Landlock, seccomp, in this order (Linux).

Nothing here can be undone, and nothing is skipped silently: a requested wall that cannot be put up
raises OSError, and the process must then not run anybody's code.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
import sysconfig
from dataclasses import dataclass, replace

from grader.lab import landlock, seccomp
from grader.lab.libc import call
from grader.lab.libraries import keep_listings, needed_files

__all__ = ["WALLS", "Walls", "confine", "only_root_enters", "prepared"]

WALLS = ("limits", "user", "landlock", "seccomp", "notices")

# Far beyond what a correct solution needs: a backstop behind all other limits.
CPU_SECONDS = 120
OPEN_FILES = 256
THREADS = 192  # for a spare user, which runs one exercise and nothing else
MORE_THREADS = 160  # for all submissions of a shared user, on top of its present threads
STACK = 8 << 20  # bytes, also for each thread

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_KEEPCAPS, _PR_SET_NO_NEW_PRIVS = 1, 4, 8, 38
_CAPABILITIES = 0x20080522  # the version of the structures of capset(2)
_READ_ANYTHING = 1 << 2  # CAP_DAC_READ_SEARCH


@dataclass(frozen=True)
class Walls:
    """The walls to put up, by their names in `WALLS`.

    uid: the user to become; None keeps the present one.
    rulesets: the descriptor of Landlock's rules, once they are `prepared`.
    threads: the most processes and threads that the user may have.
    """

    names: frozenset[str]
    uid: int | None = None
    rulesets: tuple[int, ...] = ()
    threads: int = THREADS

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def of_user(self, uid: int) -> Walls:
        """The same walls for a process of another user."""
        return replace(self, uid=uid)


def prepared(walls: Walls) -> Walls:
    """Prepare what is the same for every process, before forking; returns the prepared walls.

    From then on no other process of the same user can inspect this one. Raises OSError where a wall
    cannot be put up.
    """
    import resource  # noqa: F401 - loaded here, and not in each process anew

    call("prctl", _PR_SET_DUMPABLE, 0)
    only_root_enters()
    if "limits" in walls and "user" not in walls.names:
        walls = replace(walls, threads=_threads_of(os.getuid()) + MORE_THREADS)
    if "landlock" in walls:
        walls = replace(walls, rulesets=(landlock.prepare(*needed_files()),))
        keep_listings()
    if "seccomp" in walls:
        seccomp.prepare()
    return walls


def confine(walls: Walls) -> None:
    """Put the walls up around this process, which must be single-threaded.

    Raises OSError when a wall cannot be put up.
    """
    if unknown := walls.names - set(WALLS):
        raise OSError(f"no such wall: {', '.join(sorted(unknown))}")
    if not walls.rulesets:
        walls = prepared(walls)  # while this process can still read everything
    search = "landlock" in walls and only_root_enters()
    os.environ.clear()
    if "limits" in walls:
        _limit(walls.threads)
    _become(walls.uid, search=search)
    call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL)  # after `_become`: a change of user resets it
    call("prctl", _PR_SET_DUMPABLE, 0)  # likewise
    call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for ruleset in walls.rulesets:
        landlock.enforce(ruleset)
    if "seccomp" in walls:
        _forget_the_machine()
        seccomp.install()


def _forget_the_machine() -> None:
    """Make `os.uname` return only the machine's type: seccomp refuses the real call.

    `uuid` and `platform` call it when they are imported.
    """
    nameless = os.uname_result(("Linux", "localhost", "", "", os.uname().machine))
    os.uname = lambda: nameless
    if (known := sys.modules.get("platform")) is not None:
        known._uname_cache = None  # type: ignore[attr-defined]  # what it knows from before


def _threads_of(uid: int) -> int:
    """The number of a user's processes and threads, as RLIMIT_NPROC counts them (proc(5), `status`)."""
    count = 0
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/status", encoding="utf-8", errors="replace") as file:
                rows = dict(line.partition(":")[::2] for line in file)
        except OSError:  # it has ended
            continue
        # Not the owner of the /proc folder: that is root when the process is not dumpable.
        if int(rows["Uid"].split()[0]) == uid:
            count += int(rows["Threads"])
    return count


def _limit(threads: int) -> None:
    import resource

    limits = [
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_STACK, STACK),
        (resource.RLIMIT_MSGQUEUE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
        # Counts all of the user's processes; it stops this process from starting more, not others.
        (resource.RLIMIT_NPROC, threads),
    ]
    for limit, value in limits:
        hard = resource.getrlimit(limit)[1]
        lowest = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(limit, (lowest, lowest))


@functools.cache
def only_root_enters() -> bool:
    """Whether Python's own files are where only root may look, as in /root."""
    folder = sysconfig.get_paths()["stdlib"]
    while (parent := os.path.dirname(folder)) != folder:
        if not os.stat(folder).st_mode & 0o001:
            return True
        folder = parent
    return False


def _become(uid: int | None, *, search: bool) -> None:
    """Become this user, in no group but its own, without root's capabilities.

    search: keep the capability to read any file; Landlock still restricts it.
    """
    held = _held_capabilities()
    if uid is not None:
        call("prctl", _PR_SET_KEEPCAPS, 1, 0, 0, 0)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    _keep_capabilities(held & _READ_ANYTHING if search else 0)


def _held_capabilities() -> int:
    import ctypes

    data = ctypes.create_string_buffer(24)
    call("capget", _header(), data)
    return int.from_bytes(data.raw[4:8], "little")  # the first 32 permitted ones


def _keep_capabilities(kept: int) -> None:
    low = kept.to_bytes(4, "little")
    call("capset", _header(), low + low + bytes(4) + bytes(12))


def _header() -> bytes:
    return _CAPABILITIES.to_bytes(4, "little") + bytes(4)
