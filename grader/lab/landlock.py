"""Lets a process read what Python needs, and nothing else; no writing, no network (Landlock, Linux).

Landlock binds the calling thread and all that it starts later: there must be no other. What it can
do depends on the version of its interface (ABI): files from 1 on, the network from 4, signals and
sockets of other processes from 6.

Source: the kernel's `Documentation/userspace-api/landlock.rst` and `linux/landlock.h`.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterable

from grader.lab.libc import call

__all__ = ["restrict", "version"]

_CREATE, _ADD_RULE, _RESTRICT = 444, 445, 446  # the same numbers on every machine
_ASK_VERSION, _BENEATH = 1, 1
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}  # so many rights since that version
_NET_RIGHTS = 0b11  # bind, connect
_SCOPES = 0b11  # abstract sockets, signals
_WRITE, _READ, _LIST = 1 << 1, 1 << 2, 1 << 3


def version() -> int:
    """The version of Landlock's interface; raises OSError where there is none."""
    return call("syscall", _CREATE, None, 0, _ASK_VERSION)


def restrict(readable: Iterable[str], writable: Iterable[str] = ()) -> int:
    """From now on only read `readable` (files, or folders with all they hold) and `writable`.

    What is not there is left out. Needs `no_new_privs`, or root. Returns the version of Landlock's
    interface; raises OSError where there is none.
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
        call("syscall", _RESTRICT, ruleset, 0)
    finally:
        os.close(ruleset)
    return abi


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
