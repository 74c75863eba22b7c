"""Refuses every system call that an asyncio program does not need (seccomp(2), Linux).

Calls not on the list fail with EPERM, so that Python raises `PermissionError`. Calls newer than the
list fail with ENOSYS, so that the C library falls back to older ones. `grader.lab.landlock` protects
files, but not their modes, owners, times and locks, and it does not hide the machine and its other
processes: no call on this list can change the former or reveal the latter. The filter applies to the
calling thread and everything that it starts later: there must be no other thread.

The format of the program: `linux/filter.h`, `linux/seccomp.h`.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import os
import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from grader.lab.libc import call
from grader.lab.syscalls import ARCHITECTURES, HIGHEST, number

__all__ = ["filter_program", "install", "prepare"]

_ALLOWED = """
read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 sendfile copy_file_range
open openat openat2 creat close close_range dup dup2 dup3 lseek fsync fdatasync ftruncate
stat lstat fstat newfstatat statx access faccessat faccessat2
readlink readlinkat getcwd getdents getdents64 chdir fchdir umask
pipe pipe2 eventfd eventfd2 timerfd_create timerfd_settime timerfd_gettime signalfd signalfd4
poll ppoll select pselect6 epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2
sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg shutdown getsockname getpeername
brk mmap munmap mremap mprotect msync mlock mlock2 munlock membarrier pkey_alloc
pkey_free pkey_mprotect arch_prctl
futex futex_waitv futex_wake futex_wait futex_requeue set_robust_list set_tid_address rseq
sched_yield sched_get_priority_max sched_get_priority_min
rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigtimedwait rt_sigsuspend sigaltstack
pause restart_syscall
setitimer getitimer alarm timer_settime timer_gettime timer_getoverrun timer_delete
nanosleep gettimeofday time times getrandom getcpu
getpid getppid gettid getpgrp getuid geteuid getgid getegid getresuid getresgid
getgroups getrusage getrlimit setrlimit wait4 waitid
exit exit_group
"""
ALLOWED = tuple(_ALLOWED.split())

# The first argument names a process, which has to be this one.
OWN_PROCESS = ("kill", "tkill", "tgkill")
# The same; 0 also means this process.
OWN_OR_ZERO = (
    "prlimit64",
    "sched_setaffinity",
    "sched_getparam",
    "sched_getscheduler",
    "getpgid",
    "getsid",
)
# The same, but ENOSYS otherwise: the C library also asks for other threads (`pthread_getattr_np`), and
# copes when the call is missing.
OWN_OR_NOT_THERE = ("sched_getaffinity",)
# The first argument is a clock, which may be the processor-time clock of another process.
CLOCKS = ("clock_gettime", "clock_getres", "clock_nanosleep", "timer_create")
NOT_THERE = ("clone3",)  # its flags are in memory, where filters cannot look; `clone` replaces it

_THREAD = 0x10000  # CLONE_THREAD
_SOCKETS = 1, 1  # AF_UNIX, SOCK_STREAM: asyncio wakes its loop with these; they have no address
_TYPE = 0xF  # the mask of a socket's type, without its flags
_NAMES = (15, 16, 0x53564D41)  # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA
# F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC. No locks or leases, which other processes
# can see or must wait for; no change notifications; no larger pipes.
_FCNTL = (0, 1, 2, 3, 4, 1030)
# TCGETS and TCGETS2 (`isatty`), TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX. Others would reveal
# the machine's network interfaces and their addresses through a socket.
_IOCTL = (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
_SOL_SOCKET = 1
# SO_REUSEADDR, SO_TYPE, SO_ERROR, SO_SNDBUF, SO_RCVBUF, SO_KEEPALIVE, SO_LINGER, SO_RCVTIMEO,
# SO_SNDTIMEO, SO_ACCEPTCONN, SO_PROTOCOL, SO_DOMAIN. Nothing that identifies the process at the other
# end, which is the grader.
_GETSOCKOPT = (2, 3, 4, 7, 8, 9, 13, 20, 21, 30, 38, 39)
_SETSOCKOPT = (2, 7, 8, 9, 13, 20, 21)
_PRIO_PROCESS = 0
_MERGEABLE = 12  # MADV_MERGEABLE: its timing reveals equal memory in another process

_LOAD, _AND, _RETURN, _JUMP = 0x20, 0x54, 0x06, 0x05
_EQUAL, _AT_LEAST, _ANY_BIT = 0x15, 0x35, 0x45
_FARTHEST = 255  # the most instructions that a conditional jump can skip
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_REFUSED, _UNKNOWN = _ERROR | errno.EPERM, _ERROR | errno.ENOSYS
_PR_SET_SECCOMP, _FILTER = 22, 2
_ARCHITECTURE, _ARGUMENTS = 4, 16  # offsets in `struct seccomp_data`
_ANY_PID = 0x7FFFFFFF  # a placeholder for the process's pid, which is below 1 << 22

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, value
Body = tuple[Instruction, ...]  # always ends in a return


def install() -> None:
    """Apply the filter to this thread for good. Needs `no_new_privs` or root.

    Raises OSError where the system or the machine does not support it.
    """
    packed, places = prepare()
    program = ctypes.create_string_buffer(packed, len(packed))
    for place in places:
        struct.pack_into("I", program, place, os.getpid())
    header = struct.pack("HP", len(packed) // 8, ctypes.addressof(program))
    call("prctl", _PR_SET_SECCOMP, _FILTER, header)


@functools.cache
def prepare() -> tuple[bytes, tuple[int, ...]]:
    """The filter for this machine as bytes for the kernel, and the offsets in it for the pid.

    Raises OSError for a machine whose system calls are not known.
    """
    machine = os.uname().machine
    if machine not in ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no list of system calls for {machine}")
    program = filter_program(machine, _ANY_PID)
    packed = b"".join(struct.pack("HBBI", *one) for one in program)
    places = tuple(8 * n + 4 for n, one in enumerate(program) if one[3] == _ANY_PID)
    return packed, places


def filter_program(machine: str, pid: int) -> list[Instruction]:
    """The filter for the process `pid`: a program for the kernel's packet filter."""
    return [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, ARCHITECTURES[machine][1]),
        (_RETURN, 0, 0, _KILL),  # other architectures number their calls differently
        (_LOAD, 0, 0, 0),
        *_decide(_ranges(machine, pid)),
    ]


def _ranges(machine: str, pid: int) -> list[tuple[int, Body]]:
    """What to do with each call: ranges of call numbers, each given by its first number."""
    bodies = dict(_bodies(pid))
    known = {number(name, machine): body for name, body in bodies.items()}
    refused = _returned(_REFUSED)
    numbers = [(value, known.get(value, refused)) for value in range(HIGHEST + 1)]
    every = [*numbers, (HIGHEST + 1, _returned(_UNKNOWN))]
    return [every[0], *(two for one, two in pairwise(every) if two[1] != one[1])]


def _decide(ranges: Sequence[tuple[int, Body]]) -> list[Instruction]:
    """Find a call's range by binary search: at installation the kernel tries the filter on every call."""
    if len(ranges) == 1:
        return list(ranges[0][1])
    half = len(ranges) // 2
    below, above = _decide(ranges[:half]), _decide(ranges[half:])
    first = ranges[half][0]
    if len(below) <= _FARTHEST:
        return [(_AT_LEAST, len(below), 0, first), *below, *above]
    return [(_AT_LEAST, 0, 1, first), (_JUMP, 0, 0, len(below)), *below, *above]


def _bodies(pid: int) -> Iterator[tuple[str, Body]]:
    """What to do with each call that is not refused outright."""
    for name in ALLOWED:
        yield name, _returned(_ALLOW)
    for name in NOT_THERE:
        yield name, _returned(_UNKNOWN)
    for name in OWN_PROCESS:
        yield name, _one_of(0, (pid,))
    for name in OWN_OR_ZERO:
        yield name, _one_of(0, (0, pid))
    for name in OWN_OR_NOT_THERE:
        yield name, _one_of(0, (0, pid), otherwise=_UNKNOWN)
    for name in CLOCKS:
        yield name, _own_clock()
    yield "prctl", _one_of(0, _NAMES)
    yield "fcntl", _one_of(1, _FCNTL)
    yield "ioctl", _one_of(1, _IOCTL)
    yield "getsockopt", (*_must_be(1, _SOL_SOCKET), *_one_of(2, _GETSOCKOPT))
    yield "setsockopt", (*_must_be(1, _SOL_SOCKET), *_one_of(2, _SETSOCKOPT))
    yield "getpriority", (*_must_be(0, _PRIO_PROCESS), *_one_of(1, (0, pid)))
    yield "madvise", (_argument(2), (_EQUAL, 1, 0, _MERGEABLE), *_allowed_else_refused())
    yield "clone", (_argument(0), (_ANY_BIT, 0, 1, _THREAD), *_allowed_else_refused())
    family, kind = _SOCKETS
    of_kind = (_argument(1), (_AND, 0, 0, _TYPE), (_EQUAL, 0, 1, kind))
    yield "socketpair", (*_must_be(0, family), *of_kind, *_allowed_else_refused())


def _returned(value: int) -> Body:
    return ((_RETURN, 0, 0, value),)


def _allowed_else_refused() -> Body:
    """Allow the call; a jump over the first instruction refuses it."""
    return (*_returned(_ALLOW), *_returned(_REFUSED))


def _argument(place: int) -> Instruction:
    # The lower half: the kernel also reads these arguments as 32 bits.
    return (_LOAD, 0, 0, _ARGUMENTS + 8 * place)


def _must_be(place: int, value: int) -> Body:
    """Refuse the call unless its argument is `value`; the instructions that follow decide the rest."""
    return (_argument(place), (_EQUAL, 1, 0, value), *_returned(_REFUSED))


def _one_of(place: int, values: Iterable[int], otherwise: int = _REFUSED) -> Body:
    """Allow the call if its argument is one of `values`; else return `otherwise`."""
    body = [_argument(place)]
    for value in values:
        body += [(_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ALLOW)]
    return (*body, (_RETURN, 0, 0, otherwise))


def _own_clock() -> Body:
    """Allow the system's clocks, and those of threads, which the kernel shows only to their process.

    A negative clock number encodes a process or a thread (`linux/posix-timers.h`); bit 2 is set for
    threads.
    """
    return (
        _argument(0),
        (_ANY_BIT, 0, 1, 1 << 31),
        (_ANY_BIT, 0, 1, 1 << 2),
        *_allowed_else_refused(),
    )
