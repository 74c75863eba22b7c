"""The filter of system calls, run here by an interpreter of the kernel's little language."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import socket
import struct
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.lab import seccomp
from grader.lab.syscalls import ARCHITECTURES, HIGHEST, number

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="a filter for Linux")

PID = 4321
ALLOW, EPERM, ENOSYS = 0x7FFF0000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
KILL = 0x80000000
MACHINES = list(ARCHITECTURES)


@cache
def program_for(machine: str) -> list[seccomp.Instruction]:
    """The filter of this machine for one process."""
    return seccomp.filter_program(machine, PID)


def verdict(machine: str, call: int, *arguments: int, audit: int | None = None) -> int:
    """What the filter returns for this call, by the rules of classic BPF."""
    data = {0: call, 4: ARCHITECTURES[machine][1] if audit is None else audit}
    for place in range(6):
        value = arguments[place] if place < len(arguments) else 0
        data[16 + 8 * place] = value & 0xFFFFFFFF
    program = program_for(machine)
    place, register = 0, 0
    while True:
        code, yes, no, value = program[place]
        place += 1
        if code == 0x20:
            register = data[value]
        elif code == 0x54:
            register &= value
        elif code == 0x05:
            place += value
        elif code == 0x06:
            return value
        else:
            holds = {0x15: register == value, 0x35: register >= value, 0x45: register & value != 0}
            place += yes if holds[code] else no


def by_name(machine: str, name: str, *arguments: int) -> int:
    """The same for a call by its name; one that the machine has."""
    call = number(name, machine)
    assert call is not None
    return verdict(machine, call, *arguments)


@pytest.mark.parametrize("machine", MACHINES)
def test_what_python_needs_is_allowed(machine: str) -> None:
    """Every call of the list passes, whatever its arguments."""
    for name in seccomp.ALLOWED:
        if number(name, machine) is not None:
            assert by_name(machine, name, 7, 7, 7) == ALLOW, name


@cache
def known(machine: str) -> set[int | None]:
    """The numbers of all calls that are not always refused."""
    return {number(name, machine) for name, _body in seccomp._bodies(PID)}


@pytest.mark.parametrize("machine", MACHINES)
@given(st.integers(0, (1 << 32) - 1), st.lists(st.integers(0, (1 << 64) - 1), max_size=6))
def test_nothing_else_is(machine: str, call: int, arguments: list[int]) -> None:
    """A call that is not on the list is refused, or is not there when it is newer than the list."""
    if call not in known(machine):
        expected = ENOSYS if call > HIGHEST else EPERM
        assert verdict(machine, call, *arguments) == expected


@pytest.mark.parametrize("machine", MACHINES)
def test_the_calls_of_other_machines_end_the_process(machine: str) -> None:
    """The same number means another call there; on x86_64 those of x32 are not there at all."""
    assert verdict(machine, 1, audit=0x40000003) == KILL
    assert verdict(machine, 0x40000000 | 39) == ENOSYS


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("kill", (PID, 9), ALLOW),
        ("kill", (PID - 1, 0), EPERM),
        ("kill", (0, 9), EPERM),
        ("kill", ((1 << 64) - 1, 9), EPERM),
        ("tgkill", (PID, PID + 1, 9), ALLOW),
        ("tgkill", (PID - 1, PID - 1, 9), EPERM),
        ("prlimit64", (0, 7), ALLOW),
        ("prlimit64", (PID - 1, 7), EPERM),
        ("sched_setaffinity", (PID,), ALLOW),
        ("sched_setaffinity", (1,), EPERM),
        ("clone", (0x3D0F00,), ALLOW),  # as the C library starts a thread
        ("clone", (0x1200011,), EPERM),  # as it forks
        ("clone", (0x4111,), EPERM),  # vfork
        ("clone3", (), ENOSYS),
        ("socketpair", (1, 1), ALLOW),
        ("socketpair", (1, 0x80801), ALLOW),  # SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK
        ("socketpair", (1, 2), EPERM),
        ("socketpair", (2, 1), EPERM),
        ("prctl", (15,), ALLOW),
        ("prctl", (1, 0), EPERM),
        ("fcntl", (3, 4), ALLOW),
        ("fcntl", (3, 1030), ALLOW),  # F_DUPFD_CLOEXEC
        ("fcntl", (3, 8), EPERM),  # F_SETOWN
        ("fcntl", (3, 5), EPERM),  # F_GETLK tells who holds a lock
        ("fcntl", (3, 6), EPERM),  # F_SETLK
        ("fcntl", (3, 1024), EPERM),  # F_SETLEASE
        ("fcntl", (3, 1026), EPERM),  # F_NOTIFY
        ("fcntl", (3, 1031), EPERM),  # F_SETPIPE_SZ
        ("ioctl", (0, 0x5401), ALLOW),  # TCGETS
        ("ioctl", (0, 0x5421), ALLOW),  # FIONBIO
        ("ioctl", (0, 0x5412), EPERM),  # TIOCSTI
        ("ioctl", (0, 0x8912), EPERM),  # SIOCGIFCONF
        ("ioctl", (0, 0x8927), EPERM),  # SIOCGIFHWADDR
        ("getsockopt", (3, 1, 4), ALLOW),  # SO_ERROR
        ("getsockopt", (3, 1, 17), EPERM),  # SO_PEERCRED
        ("getsockopt", (3, 1, 31), EPERM),  # SO_PEERSEC
        ("getsockopt", (3, 1, 59), EPERM),  # SO_PEERGROUPS
        ("getsockopt", (3, 1, 77), EPERM),  # SO_PEERPIDFD
        ("getsockopt", (3, 6, 4), EPERM),
        ("setsockopt", (3, 1, 7), ALLOW),  # SO_SNDBUF
        ("setsockopt", (3, 1, 16), EPERM),  # SO_PASSCRED
        ("setsockopt", (3, 1, 26), EPERM),  # SO_ATTACH_FILTER
        ("setsockopt", (3, 0, 7), EPERM),
        ("getsid", (0,), ALLOW),
        ("getsid", (PID,), ALLOW),
        ("getsid", (1,), EPERM),
        ("getpgid", (PID + 1,), EPERM),
        ("sched_getscheduler", (1,), EPERM),
        ("sched_getparam", (0,), ALLOW),
        ("sched_getaffinity", (0,), ALLOW),
        ("sched_getaffinity", (1,), ENOSYS),
        ("getpriority", (0, 0), ALLOW),
        ("getpriority", (0, 1), EPERM),
        ("getpriority", (2, 0), EPERM),  # PRIO_USER
        ("clock_gettime", (2,), ALLOW),  # CLOCK_PROCESS_CPUTIME_ID
        ("clock_gettime", (~1 << 3 | 2,), EPERM),  # of the process 1 (clock_getcpuclockid(3))
        ("clock_nanosleep", (~PID << 3 | 2,), EPERM),
        ("clock_gettime", (~PID << 3 | 6,), ALLOW),  # of a thread
        ("timer_create", (~1 << 3 | 3,), EPERM),  # of a descriptor
        ("madvise", (0, 0, 4), ALLOW),  # MADV_DONTNEED
        ("madvise", (0, 0, 12), EPERM),  # MADV_MERGEABLE
    ],
)
def test_some_are_allowed_with_certain_arguments(
    machine: str, name: str, arguments: tuple[int, ...], expected: int
) -> None:
    """One's own process, threads, streams between one's own ends; of others not even what there is."""
    assert by_name(machine, name, *arguments) == expected


@pytest.mark.parametrize(
    ("machine", "header"),
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        ("aarch64", "/usr/include/asm-generic/unistd.h"),
    ],
)
def test_the_numbers_are_the_kernels(machine: str, header: str) -> None:
    """Where the kernel's headers are installed, every number is the one that stands there."""
    path = Path(header)
    if not path.exists():
        pytest.skip("the kernel's headers are not installed")
    text = path.read_text()
    known = {n: int(v) for n, v in re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", text)}
    known = {name: value for name, value in known.items() if value <= HIGHEST}
    ours = {name: number(name, machine) for name, _body in seccomp._bodies(PID)}
    wrong = {n: v for n, v in ours.items() if v is not None and n in known and known[n] != v}
    assert not wrong
    assert sum(name in known for name in ours) > 100


@pytest.mark.parametrize("name", ["flock", "uname", "sysinfo", "statfs", "mincore", "capget"])
def test_what_tells_of_others_is_not_there(name: str) -> None:
    """Locks that others can see, the machine's name, its load, its disks, its memory."""
    assert name not in dict(seccomp._bodies(PID))


@pytest.mark.parametrize("machine", MACHINES)
def test_the_way_to_a_verdict_is_short(machine: str) -> None:
    """The kernel tries every call when it gets the filter: it takes halves, not one by one."""
    program = seccomp.filter_program(machine, PID)
    assert len(program) < 500
    assert all(max(yes, no) <= 255 for _code, yes, no, _value in program)


def test_far_jumps() -> None:
    """What is farther than a conditional jump can go is reached by a longer one."""
    far = tuple((0x06, 0, 0, 7) for _ in range(300))
    program = seccomp._decide([(0, far), (5, ((0x06, 0, 0, 8),))])
    assert program[:2] == [(0x35, 0, 1, 5), (0x05, 0, 0, 300)]
    assert program[2 + 300] == (0x06, 0, 0, 8)


@pytest.fixture
def unprepared(monkeypatch: pytest.MonkeyPatch) -> None:
    """The filter is made for this test only."""
    monkeypatch.setattr(seccomp, "prepare", seccomp.prepare.__wrapped__)


def test_the_filter_is_handed_to_the_kernel(
    unprepared: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One call, with the length of the program and where it lies; the pid is this process's."""
    programs: list[bytes] = []

    def call(name: str, option: int, mode: int, header: bytes) -> None:
        assert (name, option, mode) == ("prctl", 22, 2)
        length, _pad, address = struct.unpack("HHxxxxQ", header)
        programs.append(ctypes.string_at(address, 8 * length))

    monkeypatch.setattr(seccomp, "call", call)
    seccomp.install()
    expected = seccomp.filter_program(os.uname().machine, os.getpid())
    assert programs == [b"".join(struct.pack("HBBI", *one) for one in expected)]


def test_an_unknown_machine_has_no_filter(
    unprepared: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the numbers of its calls nothing can be filtered, which is an error."""
    machine = os.uname_result(("Linux", "", "", "", "riscv64"))
    monkeypatch.setattr(os, "uname", lambda: machine)
    monkeypatch.setattr(seccomp, "call", pytest.fail)
    with pytest.raises(OSError, match="riscv64"):
        seccomp.install()
