"""The filter of system calls, run here by an interpreter of the kernel's little language."""

from __future__ import annotations

import errno
import platform
import re
import socket
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


def verdict(machine: str, call: int, *arguments: int, audit: int | None = None) -> int:
    """What the filter returns for this call, by the rules of classic BPF."""
    data = {0: call, 4: ARCHITECTURES[machine][1] if audit is None else audit}
    for place in range(6):
        value = arguments[place] if place < len(arguments) else 0
        data[16 + 8 * place] = value & 0xFFFFFFFF
    program = seccomp.filter_program(machine, PID)
    place, register = 0, 0
    while True:
        code, yes, no, value = program[place]
        place += 1
        if code == 0x20:
            register = data[value]
        elif code == 0x54:
            register &= value
        elif code == 0x06:
            return value
        else:
            holds = {0x15: register == value, 0x25: register > value, 0x45: register & value != 0}
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


@pytest.mark.parametrize("machine", MACHINES)
@given(st.integers(0, (1 << 32) - 1), st.lists(st.integers(0, (1 << 64) - 1), max_size=6))
def test_nothing_else_is(machine: str, call: int, arguments: list[int]) -> None:
    """A call that is not on the list is refused, or is not there when it is newer than the list."""
    names = [*seccomp.ALLOWED, *seccomp.NOT_THERE, "clone", "socketpair", "prctl", "fcntl", "ioctl"]
    names += [*seccomp.OWN_PROCESS, *seccomp.OWN_LIMITS]
    if call not in {number(name, machine) for name in names}:
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
        ("fcntl", (3, 8), EPERM),
        ("ioctl", (0, 0x5401), ALLOW),
        ("ioctl", (0, 0x5412), EPERM),
    ],
)
def test_some_are_allowed_with_certain_arguments(
    machine: str, name: str, arguments: tuple[int, ...], expected: int
) -> None:
    """One's own process, threads, streams between one's own ends; never anybody else."""
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
    names = {*seccomp.ALLOWED, *seccomp.NOT_THERE, *seccomp.OWN_PROCESS, *seccomp.OWN_LIMITS}
    ours = {name: number(name, machine) for name in names}
    wrong = {n: v for n, v in ours.items() if v is not None and n in known and known[n] != v}
    assert not wrong
    assert sum(name in known for name in ours) > 100


def test_the_filter_is_handed_to_the_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """One call, with the length of the program and where it lies."""
    calls: list[tuple[object, ...]] = []
    monkeypatch.setattr(seccomp, "call", lambda *arguments: calls.append(arguments))
    seccomp.install()
    [(name, option, mode, header)] = calls
    assert (name, option, mode) == ("prctl", 22, 2)
    assert isinstance(header, bytes)
    assert int.from_bytes(header[:2], "little") > 100


def test_an_unknown_machine_has_no_filter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the numbers of its calls nothing can be filtered, which is an error."""
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(OSError, match="riscv64"):
        seccomp.install()
