"""Lets a process read what Python needs, and nothing else; no writing, no network (Landlock, Linux).

Landlock binds the calling thread and all that it starts later: there must be no other. What it can
do depends on the version of its interface (ABI): files from 1 on, the network from 4, signals and
sockets of other processes from 6, sockets that have a path from 9. A version that is newer than
these is asked for what they can do.

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
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16, 9: 17}  # so many rights since that version
_NET_RIGHTS = 0b11  # bind, connect
_SCOPES = 0b11  # abstract sockets, signals
_WRITE, _READ, _LIST = 1 << 1, 1 << 2, 1 << 3
# From 7 on what is refused is logged: LOG_SAME_EXEC_OFF and LOG_SUBDOMAINS_OFF leave that away, for
# a submission must not fill the machine's log.
_QUIET = 1 << 0 | 1 << 2


def version() -> int:
    """The version of Landlock's interface; raises OSError where there is none."""
    return call("syscall", _CREATE, None, 0, _ASK_VERSION)


def prepare(readable: Iterable[str], writable: Iterable[str] = ()) -> int:
    """Rules by which one may only read `readable` (files, or folders with all they hold) and `writable`.

    What is not there is left out. Returns a descriptor for `enforce`, in this process or in one
    that it forks; raises OSError where there is no Landlock.
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
    """From now on keep to these rules; closes their descriptor. Needs `no_new_privs`, or root."""
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
