"""Lets a process read only what Python needs; no writing, no network (Landlock, Linux).

Landlock restricts the calling thread and everything that it starts later: there must be no other
thread. What it can restrict depends on the version of its interface (ABI): files since 1, the network
since 4, signals and sockets of other processes since 6, sockets that have a path since 9. On newer
versions only these are used.

Source: the kernel's `Documentation/userspace-api/landlock.rst` and `linux/landlock.h`.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterable

from grader.lab.libc import call

__all__ = ["enforce", "prepare", "version"]

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446  # the same numbers on every machine
_ASK_VERSION, _BENEATH = 1, 1
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16, 9: 17}  # the number of rights since each version
_NET_RIGHTS = 0b11  # bind, connect
_SCOPES = 0b11  # abstract sockets, signals
_WRITE, _READ, _LIST = 1 << 1, 1 << 2, 1 << 3
# Since 7 refusals are logged. LOG_SAME_EXEC_OFF and LOG_SUBDOMAINS_OFF turn that off: a submission
# must not fill the machine's log.
_QUIET = 1 << 0 | 1 << 2


def version() -> int:
    """The version of Landlock's interface; raises OSError where Landlock is missing."""
    return call("syscall", _CREATE, None, 0, _ASK_VERSION)


def prepare(readable: Iterable[str], writable: Iterable[str] = ()) -> int:
    """Make rules that allow reading `readable` and `writable`, and writing `writable` only.

    readable, writable: files, or folders with all they contain; missing ones are skipped.

    Returns a descriptor for `enforce`, in this process or in one that it forks. Raises OSError where
    Landlock is missing.
    """
    abi = version()
    rights = max(bits for since, bits in _FILE_RIGHTS.items() if since <= abi)
    handled = struct.pack(
        "QQQ", (1 << rights) - 1, _NET_RIGHTS if abi >= 4 else 0, _SCOPES if abi >= 6 else 0
    )
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = call("syscall", _CREATE, handled, size, 0)
    try:
        for path in readable:
            _allow(ruleset, path, _READ | _LIST)
        for path in writable:
            _allow(ruleset, path, _READ | _WRITE)
    except BaseException:
        os.close(ruleset)
        raise
    return ruleset


def enforce(ruleset: int) -> None:
    """Apply the rules for good and close their descriptor. Needs `no_new_privs` or root."""
    try:
        call("syscall", _RESTRICT, ruleset, _QUIET if version() >= 7 else 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            rights &= ~_LIST
        call("syscall", _ADD_RULE, ruleset, _BENEATH, struct.pack("=Qi", rights, fd), 0)
    finally:
        os.close(fd)
