"""The warm server and the plain process, played in this one; see `tests/runner` for real ones."""

from __future__ import annotations

import errno
import gc
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import pytest

from grader.lab import household as lab_household
from grader.lab import process as lab_process
from grader.lab import server as lab_server
from grader.lab.child import EXIT_LAB

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the server forks")

_PID = struct.Struct("<i")
_SPAWN = b"S" + _PID.pack(1)


class Left(BaseException):
    """Stands for the end of the process."""


def _sleeper() -> int:
    """A process that sleeps in a group of its own; returns its pid."""
    code = "import signal; print(flush=True); signal.pause()"
    command = [sys.executable, "-S", "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.returncode = 0  # somebody else will wait for it
        return process.pid


@pytest.fixture
def control(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """The grader's end of a server's socket; this process takes no harm from being a server."""
    monkeypatch.setattr(lab_server, "own_session", lambda: None)
    monkeypatch.setattr(lab_household, "adopt_orphans", lambda: False)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    threshold, handler = gc.get_threshold(), signal.getsignal(signal.SIGINT)
    ours, theirs = socket.socketpair()
    ours.settimeout(10)
    monkeypatch.setattr(lab_server, "_control", theirs.detach(), raising=False)
    with ours:
        yield ours
    gc.set_threshold(*threshold)
    signal.signal(signal.SIGINT, handler)


def _serve() -> None:
    lab_server.main(lab_server._control)  # type: ignore[attr-defined]  # set by the fixture


def test_children_are_made_and_ended(
    control: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child is forked for every pair of descriptors, and ended by its pid; Ctrl-C is ignored."""
    pid = _sleeper()
    monkeypatch.setattr(os, "fork", lambda: pid)
    with open(os.devnull) as one, open(os.devnull) as other:  # noqa: PTH123
        socket.send_fds(control, [_SPAWN], [one.fileno(), other.fileno()])
    control.sendall(b"E" + _PID.pack(pid))
    control.shutdown(socket.SHUT_WR)
    _serve()
    answers = [_PID.unpack(control.recv(4, socket.MSG_WAITALL))[0] for _ in range(2)]
    assert answers[0] == pid
    assert os.waitstatus_to_exitcode(answers[1]) == -signal.SIGKILL
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, 0)


def test_no_child_outlives_the_server(
    control: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the grader hangs up, every child that is left is ended."""
    pid = _sleeper()
    monkeypatch.setattr(os, "fork", lambda: pid)
    with open(os.devnull) as one:  # noqa: PTH123
        socket.send_fds(control, [_SPAWN], [one.fileno()])
    control.shutdown(socket.SHUT_RDWR)
    _serve()
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, 0)


@pytest.mark.parametrize(
    ("error", "waits"), [(PermissionError(errno.EPERM, "not allowed"), 0), (BlockingIOError(), 3)]
)
def test_a_server_that_cannot_fork_leaves_no_child(
    control: socket.socket, monkeypatch: pytest.MonkeyPatch, error: OSError, waits: int
) -> None:
    """Where there is no room it tries again, then says so; any other error ends it and its children."""
    left = [_sleeper()]
    made: list[int] = []
    waited: list[float] = []

    def fork() -> int:
        if made:
            raise error
        made.extend(left)
        return made[0]

    monkeypatch.setattr(os, "fork", fork)
    monkeypatch.setattr(time, "sleep", waited.append)
    monkeypatch.setattr(lab_server, "_WAITS", (0.1, 0.2, 0.3))
    for _ in range(2):
        with open(os.devnull) as one:  # noqa: PTH123
            socket.send_fds(control, [_SPAWN], [one.fileno()])
    control.shutdown(socket.SHUT_WR)
    with pytest.raises(PermissionError) if not waits else nullcontext():
        _serve()
    assert len(waited) == waits
    if waits:
        answers = [_PID.unpack(control.recv(4, socket.MSG_WAITALL))[0] for _ in range(2)]
        assert answers == [made[0], lab_server.BUSY]
    with pytest.raises(ChildProcessError):
        os.waitpid(made[0], 0)


def test_the_child_becomes_one(control: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    """The forked process keeps its two descriptors only; what it does is given back."""
    seen: list[Any] = []

    def nothing() -> None: ...

    def work(*fds: Any) -> Callable[[], None]:
        seen.append(fds)
        return nothing

    monkeypatch.setattr(os, "fork", lambda: 0)
    monkeypatch.setattr(lab_server, "keep_only", lambda *_fds: (3, 4))
    monkeypatch.setattr(lab_server, "become_child", work)
    with open(os.devnull) as one, open(os.devnull) as other:  # noqa: PTH123
        socket.send_fds(control, [_SPAWN], [one.fileno(), other.fileno()])
    kept = os.dup(int(lab_server._control))  # type: ignore[attr-defined]  # set by the fixture
    assert lab_server.main(lab_server._control) is nothing  # type: ignore[attr-defined]  # likewise
    assert seen == [(3, 3, 4, None)]
    os.close(kept)


def test_a_child_that_cannot_become_one_leaves(
    control: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It never comes back as another server."""

    def leave(code: int) -> None:
        raise Left(code)

    monkeypatch.setattr(os, "fork", lambda: 0)
    monkeypatch.setattr(os, "_exit", leave)
    monkeypatch.setattr(lab_server, "keep_only", None)
    with open(os.devnull) as one, open(os.devnull) as other:  # noqa: PTH123
        socket.send_fds(control, [_SPAWN], [one.fileno(), other.fileno()])
    with pytest.raises(Left, match=str(EXIT_LAB)):
        _serve()


def test_nothing_but_two_descriptors_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """They move to 3 and 4, past any clash; 0 to 2 lead nowhere; all others are closed."""
    moves: list[tuple[int, int]] = []
    closed: list[tuple[int, int]] = []

    def dup2(fd: int, place: int, inheritable: bool = True) -> int:
        moves.append((fd, place))
        return place

    monkeypatch.setattr(os, "dup2", dup2)
    monkeypatch.setattr(os, "closerange", lambda low, high: closed.append((low, high)))
    monkeypatch.setattr(os, "open", lambda *_values: 50)
    assert lab_server.keep_only(4, 3) == (3, 4)
    assert moves == [(4, 100), (3, 101), (50, 0), (50, 1), (50, 2), (100, 3), (101, 4)]
    [(low, high)] = closed
    assert (low, high > 1000) == (5, True)


def test_a_plain_process_talks_over_copies_of_its_pipes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input and output become the line to the grader; what prints there goes nowhere."""
    seen: list[Any] = []
    monkeypatch.setattr(lab_process, "own_session", lambda: seen.append("session"))
    monkeypatch.setattr(lab_process, "become_child", lambda *fds: seen.append(fds))
    monkeypatch.setattr(os, "dup", lambda fd: fd + 40)
    monkeypatch.setattr(os, "dup2", lambda fd, place: seen.append((fd, place)))
    monkeypatch.setattr(os, "open", lambda *_values: 50)
    lab_process.main()
    assert seen == ["session", (50, 0), (50, 1), (50, 2), (40, 41, 42)]


# -- the interpreter that waits for a plain process ---------------------------------------------------


@pytest.fixture
def signals() -> Iterator[None]:
    """This process's own handlers come back."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGPROF)
    handlers = {number: signal.getsignal(number) for number in numbers}
    wakeup = signal.set_wakeup_fd(-1)
    yield
    signal.set_wakeup_fd(wakeup)
    for number, handler in handlers.items():
        signal.signal(number, handler)


class Family:
    """A household of one child, whose end is a status."""

    def __init__(self, pid: int, status: int = 0) -> None:
        self.walls = None
        self.pid = pid
        self.status = status

    def fork(self) -> int:
        return self.pid

    def end(self, pid: int) -> int:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        return self.status


def _supervise(family: Family, monkeypatch: pytest.MonkeyPatch, requests: int) -> tuple[int, Any]:
    """What was announced, and how the process would have left."""
    left: list[Any] = []

    def leave(*how: Any) -> None:
        left.append(how)
        raise Left

    told, announce = os.pipe()
    answers, fault = (os.open(os.devnull, os.O_RDWR) for _ in range(2))
    monkeypatch.setattr(lab_process, "_leave_like", leave)
    with pytest.raises(Left):
        lab_process._supervise(announce, requests, answers, fault, family)  # type: ignore[arg-type]
    signal.set_wakeup_fd(-1)
    data = os.read(told, 4)
    os.close(told)
    return _PID.unpack(data)[0], left[0]


def test_the_end_of_a_plain_process_is_waited_for(
    signals: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its number is announced, and its end is swept up, whether it ends by itself or is told to."""
    read, write = os.pipe()
    for end in (signal.SIGKILL, signal.SIGTERM):
        family = Family(_sleeper(), status=9)
        victim = family.pid if end == signal.SIGKILL else os.getpid()
        with _soon(partial(os.kill, victim, end)):
            assert _supervise(family, monkeypatch, read) == (family.pid, (9,))
    os.close(read)
    os.close(write)


def test_a_plain_process_ends_with_the_grader(
    signals: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When nobody can ask it anything any more, it has a moment to leave by itself."""
    monkeypatch.setattr(lab_process, "_GRACE", 10)
    read, write = os.pipe()
    os.close(write)
    family = Family(_sleeper())
    assert _supervise(family, monkeypatch, read) == (family.pid, (0,))
    os.close(read)


@contextmanager
def _soon(action: Callable[[], None]) -> Iterator[None]:
    """Does something while the block waits."""
    timer = threading.Timer(0.05, action)
    timer.start()
    yield
    timer.join()


def test_a_plain_process_is_forked_from_its_interpreter(
    signals: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child keeps its line only, and serves."""
    seen: list[Any] = []

    def serve(*values: Any) -> None:
        seen.append(values)
        raise Left

    monkeypatch.setattr(lab_process, "become_child", serve)
    monkeypatch.setattr(lab_process, "own_session", lambda: seen.append("session"))
    announced, announce = os.pipe()
    with pytest.raises(Left):
        lab_process._supervise(announce, 40, 41, 42, Family(0))  # type: ignore[arg-type]
    assert seen == ["session", (40, 41, 42, None)]
    assert os.read(announced, 1) == b""
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    os.close(announced)


@pytest.mark.parametrize(("status", "sent"), [(9, [9]), (27, [27]), (3 << 8, [])])
def test_the_interpreter_ends_as_its_child_did(
    status: int, sent: list[int], signals: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the same signal, or with the same code."""
    seen: list[int] = []
    codes: list[int] = []
    monkeypatch.setattr(os, "kill", lambda _pid, number: seen.append(number))
    monkeypatch.setattr(os, "_exit", codes.append)
    leave: Any = lab_process._leave_like  # which comes back here, for once
    leave(status)
    assert seen == sent
    assert codes[0] == os.waitstatus_to_exitcode(status)


def test_a_process_may_be_told_by_its_descriptor(control: socket.socket) -> None:
    """Where numbers mean something else to the grader, it gets a descriptor of the process too."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        lab_server._tell_process(theirs, os.getpid())
        data, fds, _flags, _address = socket.recv_fds(ours, 4, 1)
    assert _PID.unpack(data) == (os.getpid(),)
    with open(f"/proc/self/fdinfo/{fds[0]}") as file:  # noqa: PTH123
        assert f"Pid:\t{os.getpid()}\n" in file.read()
    os.close(fds[0])


def test_a_plain_process_with_an_interpreter_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Told where to announce it, the interpreter looks after a child instead of serving itself."""
    seen: list[Any] = []
    monkeypatch.setattr(lab_process, "own_session", lambda: None)
    monkeypatch.setattr(lab_process, "_supervise", lambda *values: seen.append(values[:4]))
    monkeypatch.setattr(lab_process, "Household", lambda walls: walls)
    monkeypatch.setattr(os, "dup", lambda fd: fd + 40)
    monkeypatch.setattr(os, "dup2", lambda _fd, _place: None)
    monkeypatch.setattr(os, "open", lambda *_values: 50)
    monkeypatch.setattr(os, "close", lambda _fd: None)
    lab_process.main("7", "limits")
    assert seen == [(7, 40, 41, 42)]
