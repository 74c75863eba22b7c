"""Tests each wall in its own child process and prints the results as JSON, one object per wall.

    {"name": "seccomp", "active": true, "detail": ""}

A wall counts as active if it really prevented what it should, and what a correct solution needs still
worked; version numbers do not count. If it is not active, `detail` says why.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import importlib
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial

from grader.lab.confine import OPEN_FILES, Walls, confine, only_root_enters
from grader.lab.driver import Lab
from grader.lab.guard import limit_memory, own_session
from grader.lab.landlock import version
from grader.lab.libraries import hidden_folders
from grader.lab.recorder import Full
from grader.lab.server import keep_only
from grader.lab.sweep import SpareUsers, adopt_orphans, end_orphans

__all__ = ["main"]

_SIOCGIFCONF = 0x8912


class Passable(Exception):
    """The wall does not prevent what it should."""


def main() -> None:
    """Print the results for all walls."""
    tries = (
        ("session", _session),
        ("descriptors", _descriptors),
        ("environment", _environment),
        ("limits", _limits),
        ("output", _output),
        ("sweep", _sweep),
        ("user", _user),
        ("landlock", _landlock),
        ("seccomp", _seccomp),
    )
    json.dump([_account(name, attempt) for name, attempt in tries], sys.stdout)


def _account(name: str, attempt: Callable[[int], str]) -> dict[str, object]:
    try:
        return {"name": name, "active": True, "detail": _in_child(attempt)}
    except (OSError, Passable) as error:
        return {"name": name, "active": False, "detail": str(error)}


def _in_child(attempt: Callable[[int], str]) -> str:
    """Call `attempt` in a child; returns its result, raises `Passable` with the text of its error.

    Its argument is the descriptor on which the child reports, the only one that it must keep.
    """
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            text = "+" + attempt(write)
        except BaseException as error:
            text = "-" + (str(error) or type(error).__name__)
        with contextlib.suppress(OSError):
            os.write(write, text.encode())
        os._exit(0)
    os.close(write)
    with open(read, "rb") as file:
        said = file.read(4_000).decode("utf-8", "replace")
    status = os.waitpid(pid, 0)[1]
    if not said.startswith("+"):
        raise Passable(said[1:] or f"the trial ended with {os.waitstatus_to_exitcode(status)}")
    return said[1:]


def _expect(true: bool, otherwise: str) -> None:
    if not true:
        raise Passable(otherwise)


# -- the tests --------------------------------------------------------------------------------------


def _session(_line: int) -> str:
    own_session()
    _expect(os.getsid(0) == os.getpgid(0) == os.getpid(), "it stays in the grader's session")
    return ""


def _descriptors(line: int) -> str:
    for _ in range(8):
        os.open(os.devnull, os.O_RDWR)
    kept, _also = keep_only(line, line)
    left = [number for number in range(5, 256) if _is_open(number)]
    nothing = os.stat(os.devnull).st_rdev
    streams = {os.fstat(number).st_rdev for number in (0, 1, 2)}
    os.dup2(kept, line)
    _expect(not left, f"it keeps descriptors: {left}")
    _expect(streams == {nothing}, "it keeps the grader's streams")
    return ""


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _environment(_line: int) -> str:
    confine(Walls(frozenset()))
    _expect(not os.environ, "it keeps the environment")
    return ""


def _limits(line: int) -> str:
    limit_memory(64 << 20)
    confine(Walls(frozenset({"limits"})))
    try:
        bytearray(256 << 20)
    except MemoryError:
        pass
    else:
        raise Passable("memory cannot be limited")
    for number in range(line, OPEN_FILES + 1):
        try:
            os.dup2(line, number)
        except OSError:
            return ""
    raise Passable("open files cannot be limited")


def _output(_line: int) -> str:
    told: list[str] = []

    def full(what: str) -> None:
        told.append(what)
        raise Full(what)

    with Lab(on_full=full) as lab:
        lab.load("for _ in range(1_000): print('x' * 10_000)", "trial.py", "trial")
    _expect("output" in told, "it prints without end")
    return ""


def _sweep(_line: int) -> str:
    """Check that a daemon, orphaned and in its own session, is found."""
    _expect(adopt_orphans(), "this system gives orphans to init")
    read, write = os.pipe()
    middle = os.fork()
    if middle == 0:
        if os.fork() == 0:
            os.setsid()
            os.write(write, b"!")
            signal.pause()
        os._exit(0)
    os.read(read, 1)
    os.waitpid(middle, 0)
    _expect(end_orphans(()) == 1, "a daemon was not found")
    return ""


def _user(_line: int) -> str:
    _expect(os.geteuid() == 0, "only root can give a submission a user of its own")
    uid = SpareUsers().take()
    confine(Walls(frozenset({"user"}), uid))
    _expect(os.getresuid() == os.getresgid() == (uid, uid, uid), "the user stays root")
    _expect(os.getgroups() == [], "it keeps root's groups")
    try:
        os.setuid(0)
    except PermissionError:
        return f"{uid} and following"
    raise Passable("it can become root again")


def _landlock(_line: int) -> str:
    abi = version()
    confine(Walls(frozenset({"landlock"})))
    _must_be_refused(lambda: os.open(__file__, os.O_RDONLY), "it reads files")
    _must_be_refused(lambda: os.listdir("/"), "it lists folders")
    for path in hidden_folders():
        _must_be_refused(partial(os.listdir, path), "it looks at packages")
    target = os.path.join(os.getcwd(), "trial")
    _must_be_refused(lambda: os.open(target, os.O_WRONLY | os.O_CREAT), "it writes files")
    _stdlib_still_imports()
    return f"ABI {abi}"


def _seccomp(_line: int) -> str:
    readable = os.geteuid() == 0 or not only_root_enters()  # the right to read comes with Landlock
    confine(Walls(frozenset({"seccomp"})))
    _must_be_refused(lambda: socket.socket(socket.AF_INET).close(), "it makes sockets")
    _must_be_refused(lambda: os._exit(0) if os.fork() == 0 else None, "it forks")
    _must_be_refused(lambda: os.kill(os.getppid(), 0), "it signals other processes")
    runs = ["-c", ""]
    _must_be_refused(lambda: os.execv(sys.executable, runs), "it runs programs")  # noqa: S606
    _must_be_refused(lambda: os.chmod(os.getcwd(), 0o700), "it changes modes")
    _must_be_refused(lambda: os.getsid(os.getppid()), "it asks about other processes")
    for one in socket.socketpair():
        addresses = partial(fcntl.ioctl, one, _SIOCGIFCONF, bytes(16))
        _must_be_refused(addresses, "it asks for the network's addresses")
        one.close()
    thread = threading.Thread(target=os.getpid)
    thread.start()
    thread.join()
    if readable:
        _stdlib_still_imports()
    return ""


def _must_be_refused(attempt: Callable[[], object], otherwise: str) -> None:
    try:
        attempt()
    except PermissionError:
        return
    except OSError as error:
        if error.errno != errno.EROFS:  # a read-only file system, as in bubblewrap, also counts
            raise
        return
    raise Passable(otherwise)


def _stdlib_still_imports() -> None:
    for name in ("decimal", "statistics", "logging"):
        importlib.import_module(name)
