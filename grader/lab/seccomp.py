"""Refuses every system call that an asyncio program has no use for (seccomp(2), Linux).

What is not on the list fails with EPERM, so that Python raises `PermissionError`; what is newer than
the list with ENOSYS, so that the C library falls back to what it used before. Files are the concern of
`grader.lab.landlock`; but it knows nothing of modes, owners and times, which no call on this list
can change. The filter binds the calling thread and all that it starts later: there must be no other.

The format of the program: `linux/filter.h`, `linux/seccomp.h`.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Iterable, Iterator

from grader.lab.libc import call
from grader.lab.syscalls import ARCHITECTURES, HIGHEST, number

__all__ = ["filter_program", "install"]

_ALLOWED = """
read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 sendfile copy_file_range
open openat openat2 creat close close_range dup dup2 dup3 lseek flock fsync fdatasync ftruncate
fadvise64 readahead stat lstat fstat newfstatat statx statfs fstatfs access faccessat faccessat2
readlink readlinkat getcwd getdents getdents64 chdir fchdir umask
pipe pipe2 eventfd eventfd2 timerfd_create timerfd_settime timerfd_gettime signalfd signalfd4
poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2
sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown getsockopt setsockopt getsockname
getpeername
brk mmap munmap mremap mprotect madvise msync mincore mlock mlock2 munlock membarrier pkey_alloc
pkey_free pkey_mprotect arch_prctl
futex futex_waitv futex_wake futex_wait futex_requeue set_robust_list set_tid_address rseq
sched_yield sched_getaffinity sched_getparam sched_getscheduler sched_get_priority_max
sched_get_priority_min
rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack
pause restart_syscall
setitimer getitimer alarm timer_create timer_settime timer_gettime timer_getoverrun timer_delete
clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times getrandom getcpu
getpid getppid gettid getpgrp getpgid getsid getuid geteuid getgid getegid getresuid getresgid
getgroups getpriority getrusage getrlimit setrlimit capget uname sysinfo wait4 waitid
exit exit_group
"""
ALLOWED = tuple(_ALLOWED.split())
OWN_PROCESS = ("kill", "tkill", "tgkill")  # the first argument names the process
OWN_LIMITS = ("prlimit64", "sched_setaffinity")  # the same, and 0 stands for oneself
NOT_THERE = ("clone3",)  # its flags lie in memory, where no filter can see: `clone` is used then

_THREAD = 0x10000  # CLONE_THREAD
_SOCKETS = 1, 1  # AF_UNIX, SOCK_STREAM: what asyncio wakes its loop with; no other can be addressed
_TYPE = 0xF  # of a socket's type: the rest are flags
_NAMES = (15, 16, 0x53564D41)  # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA
_SIGNALLING = {
    "fcntl": (8, 10, 15),  # F_SETOWN, F_SETSIG, F_SETOWN_EX: a signal to any process
    "ioctl": (0x8901, 0x8902, 0x5412),  # FIOSETOWN, SIOCSPGRP; TIOCSTI types into a terminal
}

_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_EQUAL, _GREATER, _ANY_BIT = 0x15, 0x25, 0x45
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_PR_SET_SECCOMP, _FILTER = 22, 2
_ARCHITECTURE, _ARGUMENTS = 4, 16  # offsets in `struct seccomp_data`

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, value


def install() -> None:
    """Put the filter on this thread, for good; it needs `no_new_privs`, or root.

    Raises OSError where the system or the machine has no such filter.
    """
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no list of system calls for {machine}")
    packed = b"".join(struct.pack("HBBI", *one) for one in filter_program(machine, os.getpid()))
    program = ctypes.create_string_buffer(packed, len(packed))
    header = struct.pack("HP", len(packed) // 8, ctypes.addressof(program))
    call("prctl", _PR_SET_SECCOMP, _FILTER, header)


def filter_program(machine: str, pid: int) -> list[Instruction]:
    """The filter for the process `pid`: a program for the kernel's packet filter."""
    refused, unknown = _ERROR | errno.EPERM, _ERROR | errno.ENOSYS
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, ARCHITECTURES[machine][1]),
        (_RETURN, 0, 0, _KILL),  # the calls of another machine have other numbers
        (_LOAD, 0, 0, 0),
        (_GREATER, 0, 1, HIGHEST),
        (_RETURN, 0, 0, unknown),
    ]
    for name in ALLOWED:
        program += _for_call(name, machine, [(_RETURN, 0, 0, _ALLOW)])
    for name in NOT_THERE:
        program += _for_call(name, machine, [(_RETURN, 0, 0, unknown)])
    for name, body in _conditions(pid):
        program += _for_call(name, machine, [*body, (_RETURN, 0, 0, refused)])
    return [*program, (_RETURN, 0, 0, refused)]


def _for_call(name: str, machine: str, body: list[Instruction]) -> list[Instruction]:
    """`body`, run for this call only, and not to be left but by returning."""
    value = number(name, machine)
    return [] if value is None else [(_EQUAL, 0, len(body), value), *body]


def _conditions(pid: int) -> Iterator[tuple[str, list[Instruction]]]:
    """The calls that are allowed with certain arguments: what returns when they are those."""
    for name in OWN_PROCESS:
        yield name, _one_of(0, (pid,))
    for name in OWN_LIMITS:
        yield name, _one_of(0, (0, pid))
    yield "prctl", _one_of(0, _NAMES)
    for name, commands in _SIGNALLING.items():
        yield name, _none_of(1, commands)
    yield "clone", [_argument(0), (_ANY_BIT, 0, 1, _THREAD), (_RETURN, 0, 0, _ALLOW)]
    family, kind = _SOCKETS
    yield (
        "socketpair",
        [
            _argument(0),
            (_EQUAL, 0, 4, family),
            _argument(1),
            (_AND, 0, 0, _TYPE),
            (_EQUAL, 0, 1, kind),
            (_RETURN, 0, 0, _ALLOW),
        ],
    )


def _argument(place: int) -> Instruction:
    # The lower half: all of these are 32 bits for the kernel too.
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * place)


def _one_of(place: int, values: Iterable[int]) -> list[Instruction]:
    """Allow the call if its argument is one of `values`."""
    body = [_argument(place)]
    for value in values:
        body += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW)]
    return body


def _none_of(place: int, values: Iterable[int]) -> list[Instruction]:
    """Allow the call unless its argument is one of `values`."""
    body = [_argument(place)]
    for value in values:
        body += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ERROR | errno.EPERM)]
    return [*body, (_RETURN, 0, 0, _ALLOW)]
