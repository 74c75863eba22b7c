"""Two submissions at once: one leaves whatever it can, the other looks for it, and for the machine.

    python -m tests.lab.apart [--no-fork] [--no-bwrap] [--no-landlock] [--no-sandbox]

Says as JSON what worked, which should be nothing, and how much was tried. It runs as whoever starts it;
`tests/lab/test_apart.py` starts it as root and as a plain user. What the second looks for, the grader's
side leaves as well: so the look is known to fail, not to find nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import json
import os
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent

import pytest

from grader.lab.sweep import adopt_orphans
from grader.runner.hosts import Host, open_host
from grader.runner.learner import Learner, Submission
from grader.runner.sandbox import probe
from grader.runner.stops import Stop

_IPC_PRIVATE_TO_NOBODY = 0o1666  # IPC_CREAT, readable and writable by all


@dataclass(frozen=True)
class Account:
    """Of how many tries which ones worked, and the number that the process knows itself by."""

    tried: int
    pid: int
    worked: tuple[str, ...]


# Each submission tries a table of calls, and tells by its exception which ones were not refused. What
# the first holds in the end it holds as long as it lives.
_FRAME = """
import ctypes, fcntl, os, signal, socket, struct, sys
NAME, KEY, PID, PACKAGE = {name!r}, {key}, {pid}, {package!r}
HELD = sys.modules["held"] = []
libc = ctypes.CDLL(None, use_errno=True)

def must(result):
    if result == -1:
        raise OSError(ctypes.get_errno(), "refused")
    return result

def read(path):
    with open(path, "rb") as file:
        return file.read(1)

def abstract(of):
    one = socket.socketpair()[0]
    address = b"\\1\\0\\0" + NAME.encode()
    return one, must(getattr(libc, of)(one.fileno(), address, len(address)))

LIBRARY = os.path.dirname(os.__file__)
TRIES = {{}}
{tries}
worked = 0
for place, attempt in enumerate(TRIES.values()):
    try:
        HELD.append(attempt())
        worked |= 1 << place
    except (OSError, AttributeError):
        pass
raise RuntimeError(f"{{os.getpid()}} {{worked:x}}")
"""

_LEAVES = """
TRIES.update({
    "a file in /dev/shm": lambda: open(f"/dev/shm/{NAME}", "w"),
    "a file in /tmp": lambda: open(f"/tmp/{NAME}", "w"),
    "a file in its folder": lambda: open(NAME, "w"),
    "a file without a name": lambda: os.open("/tmp", os.O_TMPFILE | os.O_RDWR),
    "an abstract socket": lambda: socket.socket(socket.AF_UNIX).bind(f"\\0{NAME}"),
    "an abstract name for a pair": lambda: abstract("bind"),
    "a datagram pair": lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM),
    "shared memory": lambda: must(libc.shm_open(f"/{NAME}".encode(), os.O_CREAT | os.O_RDWR, 0o666)),
    "a semaphore": lambda: must(libc.sem_open(f"/{NAME}".encode(), os.O_CREAT, 0o666, 1) or -1),
    "a message queue": lambda: must(libc.mq_open(f"/{NAME}".encode(), 0o102, 0o666, None)),
    "System V memory": lambda: must(libc.shmget(KEY, 4096, 0o1666)),
    "a System V semaphore": lambda: must(libc.semget(KEY, 1, 0o1666)),
    "a System V queue": lambda: must(libc.msgget(KEY, 0o1666)),
    "a file in memory": lambda: os.memfd_create(NAME),
    "a named pipe": lambda: os.mkfifo(NAME),
    "a folder": lambda: os.mkdir(NAME),
    "a lock of a file": lambda: fcntl.flock(open(os.__file__), fcntl.LOCK_EX | fcntl.LOCK_NB),
    "a lock of bytes": lambda: fcntl.lockf(open(os.__file__), fcntl.LOCK_SH | fcntl.LOCK_NB),
    "a lock of a description": lambda: fcntl.fcntl(open(os.__file__), 37, bytes(32)),
    "a lease": lambda: fcntl.fcntl(open(os.__file__), fcntl.F_SETLEASE, fcntl.F_RDLCK),
    "a watch of a folder": lambda: fcntl.fcntl(os.open(f"{LIBRARY}/json", 0), fcntl.F_NOTIFY, 1),
    "a watch of files": lambda: must(libc.inotify_init1(0)),
    "a larger pipe": lambda: fcntl.fcntl(os.pipe()[0], fcntl.F_SETPIPE_SZ, 1 << 20),
    "an owner of signals": lambda: fcntl.fcntl(socket.socketpair()[0], fcntl.F_SETOWN, os.getppid()),
    "a niceness": lambda: os.nice(1),
    "a process": lambda: os.fork() or os.kill(os.getpid(), signal.SIGKILL),
    "memory that is merged": lambda: must(libc.madvise(ctypes.c_void_p(id(TRIES) & ~4095), 4096, 12)),
})
"""

_LOOKS = """
WHOSE = {"the other": PID, "the server": os.getppid(), "the first": 1, "its own": "self"}
OF_A_PROCESS = (
    "cmdline environ maps smaps mem status stat statm comm limits auxv io stack syscall wchan sched"
    " mounts mountinfo cgroup oom_score personality loginuid net/unix net/tcp"
).split()
buffer = ctypes.create_string_buffer(400)
for whose, pid in WHOSE.items():
    for file in OF_A_PROCESS:
        TRIES[f"{file} of {whose}"] = lambda path=f"/proc/{pid}/{file}": read(path)
    TRIES[f"hold mem of {whose}"] = lambda path=f"/proc/{pid}/mem": os.open(path, os.O_RDWR)
    for folder in ("fd", "task", "map_files", ""):
        TRIES[f"list {folder} of {whose}"] = lambda path=f"/proc/{pid}/{folder}": os.listdir(path)
    if pid != "self":
        for link in ("exe", "cwd", "root", "fd/3", "ns/pid"):
            TRIES[f"{link} of {whose}"] = lambda path=f"/proc/{pid}/{link}": os.readlink(path)
        TRIES.update({
            f"signal {whose}": lambda pid=pid: os.kill(pid, 0),
            f"signal the group of {whose}": lambda pid=pid: os.killpg(pid, 0),
            f"hold {whose}": lambda pid=pid: os.pidfd_open(pid),
            f"session of {whose}": lambda pid=pid: os.getsid(pid),
            f"group of {whose}": lambda pid=pid: os.getpgid(pid),
            f"niceness of {whose}": lambda pid=pid: os.getpriority(os.PRIO_PROCESS, pid),
            f"processors of {whose}": lambda pid=pid: os.sched_getaffinity(pid),
            f"scheduler of {whose}": lambda pid=pid: os.sched_getscheduler(pid),
            f"clock of {whose}": lambda pid=pid: must(libc.clock_gettime(~pid << 3 | 2, buffer)),
            f"steps of the clock of {whose}": lambda pid=pid: must(
                libc.clock_getres(~pid << 3 | 2, buffer)),
            f"limits of {whose}": lambda pid=pid: must(libc.prlimit(pid, 7, None, buffer)),
            f"capabilities of {whose}": lambda pid=pid: must(
                libc.capget(struct.pack("Ii", 0x20080522, pid), buffer)),
            f"memory of {whose}": lambda pid=pid: must(libc.process_vm_readv(pid, None, 0, None, 0, 0)),
        })
TRIES.update({
    "a file in /dev/shm": lambda: open(f"/dev/shm/{NAME}"),
    "the files in /dev/shm": lambda: os.listdir("/dev/shm"),
    "a file in /tmp": lambda: open(f"/tmp/{NAME}"),
    "the files in /tmp": lambda: os.listdir("/tmp"),
    "the files in its folder": lambda: os.listdir("."),
    "an abstract socket": lambda: socket.socket(socket.AF_UNIX).connect(f"\\0{NAME}"),
    "an abstract name by a pair": lambda: abstract("connect"),
    "a socket with a path": lambda: socket.socket(socket.AF_UNIX).connect(f"/tmp/{NAME}.socket"),
    "shared memory": lambda: must(libc.shm_open(f"/{NAME}".encode(), os.O_RDWR, 0)),
    "a semaphore": lambda: must(libc.sem_open(f"/{NAME}".encode(), 0) or -1),
    "a message queue": lambda: must(libc.mq_open(f"/{NAME}".encode(), os.O_RDWR)),
    "System V memory": lambda: must(libc.shmget(KEY, 0, 0)),
    "a System V semaphore": lambda: must(libc.semget(KEY, 0, 0)),
    "a System V queue": lambda: must(libc.msgget(KEY, 0)),
    "a lock of a file": lambda: fcntl.flock(open(os.__file__), fcntl.LOCK_EX | fcntl.LOCK_NB),
    "who holds a lock": lambda: fcntl.fcntl(open(os.__file__), fcntl.F_GETLK, bytes(32)),
    "the grader at the end of the line": lambda: socket.socket(fileno=os.dup(3)).getsockopt(1, 17, 12),
    "the grader's groups": lambda: socket.socketpair()[0].getsockopt(1, 59, 400),
    "the grader's process": lambda: socket.socketpair()[0].getsockopt(1, 77, 4),
    "the network's addresses": lambda: fcntl.ioctl(socket.socketpair()[0], 0x8912, bytes(16)),
    "the network's interfaces": socket.if_nameindex,
    "the address of a card": lambda: fcntl.ioctl(socket.socketpair()[0], 0x8927, b"lo".ljust(40, b"\\0")),
    "the machine's name": socket.gethostname,
    "the machine's names": lambda: must(libc.uname(buffer)),
    "the machine's load": os.getloadavg,
    "the machine's memory": lambda: must(libc.sysinfo(buffer)),
    "the machine's disks": lambda: os.statvfs("/"),
    "all processes": lambda: os.listdir("/proc"),
    "all locks": lambda: read("/proc/locks"),
    "all shared memory": lambda: read("/proc/sysvipc/shm"),
    "all keys": lambda: read("/proc/keys"),
    "the kernel's settings": lambda: read("/proc/sys/kernel/hostname"),
    "the accounts": lambda: read("/etc/passwd"),
    "attributes of files": lambda: os.listxattr("/tmp"),
    "a package": lambda: read(PACKAGE),
    "the packages": lambda: os.listdir(os.path.dirname(PACKAGE)),
    "the library's packages": lambda: os.listdir(f"{LIBRARY}/site-packages"),
    "the library's folder": lambda: os.listdir(LIBRARY),
})
"""

# Not held back, and said so in SECURITY.md.
_REMAINS = """
TRIES.update({
    "that a process is there": lambda: os.stat(f"/proc/{PID}"),
    "the size of a file": lambda: os.stat("/etc/passwd"),
    "the number of its parent": os.getppid,
    "how long the machine runs": lambda: must(libc.clock_gettime(7, bytes(16))),
    "how many processors there are": lambda: os.sched_getaffinity(0),
    "where Python is": lambda: os.stat(sys.base_prefix),
    "the standard library": lambda: read(os.__file__),
    "the system's libraries": lambda: read("/usr/lib/os-release"),
})
"""


def main() -> None:
    """Print the accounts of the two."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--no-fork", dest="fork", action="store_false")
    parser.add_argument("--no-bwrap", dest="bwrap", action="store_false")
    parser.add_argument("--no-landlock", dest="landlock", action="store_false")
    parser.add_argument("--no-sandbox", dest="sandbox", action="store_false")
    options = parser.parse_args()
    sandbox = probe().sandbox
    bwrap = sandbox.bwrap and options.bwrap and options.fork
    # What only Python refuses, code that is clever enough may do all the same.
    without = {"notices"}
    if not options.landlock:
        without |= {"landlock", "user"}  # both are the same user then, as a plain user's are
    walls = tuple(one for one in sandbox.walls if one not in without)
    sandbox = replace(sandbox, walls=walls, bwrap=bwrap)
    adopt_orphans()  # who forks without a sandbox
    host = open_host(fork=options.fork, sandbox=sandbox if options.sandbox else None)
    try:
        with _left_by_the_grader() as names:
            accounts = asyncio.run(_play(host, names))
    finally:
        host.close()
    json.dump({"bwrap": bwrap, **{who: vars(one) for who, one in accounts.items()}}, sys.stdout)


async def _play(host: Host, names: Mapping[str, object]) -> dict[str, Account]:
    leaver, left = await _told(host, _LEAVES, {**names, "pid": 1})
    seeker, found = await _told(host, _LOOKS, {**names, "pid": left.pid})
    third, remains = await _told(host, _REMAINS, {**names, "pid": left.pid})
    for learner in (leaver, seeker, third):
        learner.close()
    return {"left": left, "found": found, "remains": remains}


async def _told(host: Host, tries: str, names: Mapping[str, object]) -> tuple[Learner, Account]:
    """A submission that has tried all of these and still runs, and its account of them."""
    code = dedent(_FRAME).format(tries=tries, package=pytest.__file__, **names)
    learner = Learner(host, Submission("apart", "apart.py", code), "0")
    stop = await learner.load()
    if not isinstance(stop, Stop) or stop.error is None or stop.error["type"] != "RuntimeError":
        sys.exit(f"no account: {stop}")
    pid, mask = stop.error["text"].split()
    words = _words(tries)
    worked = tuple(word for place, word in enumerate(words) if int(mask, 16) >> place & 1)
    return learner, Account(len(words), int(pid), worked)


def _words(tries: str) -> list[str]:
    """What each of the tries is called; none of them is made."""
    table: dict[str, object] = {}
    modules = {"os": os, "socket": socket, "ctypes": ctypes}
    exec(tries, {"TRIES": table, "PID": 1, **modules})  # noqa: S102
    return list(table)


@contextlib.contextmanager
def _left_by_the_grader() -> Iterator[Mapping[str, object]]:
    """The names and keys of what is there to be found, outside of any sandbox."""
    name, key = f"grader-apart-{os.getpid()}", 0x67000000 + os.getpid()
    libc = ctypes.CDLL(None)
    files = [Path("/dev/shm", name), Path("/tmp", name)]  # noqa: S108 - to be found by the other
    semaphore_file = Path("/dev/shm", f"sem.{name}")  # noqa: S108 - where the C library has it
    listener = Path("/tmp", f"{name}.socket")  # noqa: S108 - to be found by the other
    memory = libc.shmget(key, 4096, _IPC_PRIVATE_TO_NOBODY)
    semaphore = libc.semget(key, 1, _IPC_PRIVATE_TO_NOBODY)
    with socket.socket(socket.AF_UNIX) as abstract, socket.socket(socket.AF_UNIX) as named:
        abstract.bind(f"\0{name}")
        named.bind(str(listener))
        for one in (abstract, named):
            one.listen()
        for file in files:
            file.touch(0o666)
        try:
            yield {"name": name, "key": key}
        finally:
            for file in (*files, listener, semaphore_file):
                file.unlink(missing_ok=True)
            libc.mq_unlink(f"/{name}".encode())
            libc.shmctl(memory, 0, None)
            libc.semctl(semaphore, 0, 0)
            libc.msgctl(libc.msgget(key, 0), 0, None)


if __name__ == "__main__":
    main()
