"""Hosts: processes that start, end, and never stay behind."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import weakref
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from grader.errors import GraderFault
from grader.runner import bubblewrap, early, hosts, plain
from grader.runner.hosts import ForkHost, Host, open_host
from grader.runner.learner import Learner, Submission
from grader.runner.plain import PlainHost
from grader.runner.sandbox import Sandbox
from grader.runner.watch import has_ended
from grader.script import Call, Script
from tests.course import eventually
from tests.runner.conftest import soon

ROOT = Path(__file__).parent.parent.parent

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="nobody can fork here")


def _learner(host: Host, code: str = "async def run_pipeline(items, work): return 1") -> Learner:
    return Learner(host, Submission("work", "work.py", code), "s")


def test_the_host_fits_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """The warm server where the system forks and that is wished, else a fresh interpreter each."""
    made: list[type] = []

    class Made:
        def __init__(self, kind: type) -> None:
            made.append(kind)

    for module, kind in ((hosts, ForkHost), (plain, PlainHost)):
        monkeypatch.setattr(module, kind.__name__, lambda _box, kind=kind: Made(kind))
    open_host(fork=False)
    monkeypatch.setattr(os, "fork", None, raising=False)
    open_host(fork=True)
    monkeypatch.delattr(os, "fork")
    open_host(fork=True)
    assert made == [PlainHost, ForkHost, PlainHost]


def test_several_processes_have_their_own_numbers(host: Host) -> None:
    """Each process is another one, in whichever order they are asked about."""
    connections = [host.spawn() for _ in range(3)]
    pids = [connection.pid for connection in reversed(connections)]
    assert len(set(pids)) == 3
    for connection in connections:
        connection.close()
    assert all(soon(partial(has_ended, pid)) for pid in pids)


def test_closing_a_host_ends_its_processes() -> None:
    """No process outlives its host."""
    for host in (open_host(fork=True), PlainHost()):
        connections = [host.spawn() for _ in range(2)]
        pids = [connection.pid for connection in connections]
        host.close()
        assert all(soon(partial(has_ended, pid)) for pid in pids)
        for connection in connections:
            for fd in {connection.requests, connection.answers, connection._fault}:
                os.close(fd)


def test_nothing_stays_behind_in_the_file_system(host: Host) -> None:
    """Processes run in an empty folder, which goes when the host goes."""
    one = type(host)()
    folder = Path(one._folder.path)  # type: ignore[attr-defined]  # both kinds have one
    assert list(folder.iterdir()) == []
    one.close()
    assert not folder.exists()


# -- a server that is lost --------------------------------------------------------------------------


@forks
async def test_a_server_that_died_is_the_graders_fault() -> None:
    """Without its server a host can do nothing, says so each time, and still gives all back."""
    host = ForkHost()
    learner = _learner(host)
    assert isinstance(await learner.run(Script(calls=(Call("run_pipeline", ((), None)),))), dict)
    assert await learner.load(1) is None
    host._server.kill()
    host._server.wait()
    for call in (host.spawn, lambda: host.reap(1), host._answer):
        with pytest.raises(GraderFault, match="does not answer"):
            call()
    learner.close()
    assert learner._processes == {}
    host.close()


@forks
def test_a_server_that_does_not_answer_is_the_graders_fault() -> None:
    """Patience has an end, even where the server is only stuck."""
    host = ForkHost()
    os.kill(host._server.pid, signal.SIGSTOP)
    host._control.settimeout(0.05)
    connection = host.spawn()
    with pytest.raises(GraderFault, match="does not answer"):
        _ = connection.pid
    host._server.kill()
    host.close()
    for fd in {connection.requests, connection._fault}:
        os.close(fd)


@forks
def test_a_server_that_will_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing a host never hangs."""
    host = ForkHost()
    wait = host._server.wait

    def impatient(timeout: float | None = None) -> int:
        if timeout is not None:
            raise subprocess.TimeoutExpired("server", timeout)
        return wait()

    os.kill(host._server.pid, signal.SIGSTOP)
    monkeypatch.setattr(host._server, "wait", impatient)
    host.close()
    assert host._server.returncode == -signal.SIGKILL


@forks
def test_a_server_behind_bubblewrap_that_answers_nonsense(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a descriptor of the process, or without any answer, that is the grader's fault."""
    monkeypatch.setattr(bubblewrap, "surround", lambda start, _folder: start)
    host = ForkHost(Sandbox((), bwrap=True))
    connection = host.spawn()
    assert connection.pid == next(iter(host._inner or ()))
    connection.close()
    answers: list[tuple[bytes, list[int], int, None]] = [(b"1234", [], 0, None), (b"", [], 0, None)]
    for answer in answers:
        monkeypatch.setattr(socket, "recv_fds", lambda *_values, answer=answer: answer)
        with pytest.raises(GraderFault, match="does not answer"):
            host._outer()
    monkeypatch.undo()
    host._server.kill()
    host._server.wait()
    host._control.settimeout(0.05)
    with pytest.raises(GraderFault, match="does not answer"):
        host._outer()
    host.close()


_GRADER = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from grader.runner.hosts import open_host
from grader.runner.learner import Learner, Submission
from grader.script import Call, Script

code = '''
import os
async def run_pipeline(items, work):
    if not os.fork():
        import select
        select.select([], [], [])
    return os.getpid()
'''

async def main():
    learner = Learner(open_host(fork=True), Submission("work", "work.py", code), "s")
    trace = await learner.run(Script(calls=(Call("run_pipeline", ((), None)),)))
    print(trace["result"], flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


@forks
def test_processes_end_when_the_grader_is_killed() -> None:
    """The server notices that the grader is gone, and ends every child with all of its group."""
    command = [sys.executable, "-c", _GRADER, str(ROOT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as grader:
        assert grader.stdout is not None
        child = int(grader.stdout.readline())
        group = _group_of(child)
        assert len(group) == 2
        grader.kill()
    assert soon(lambda: all(has_ended(pid) for pid in group))


def _group_of(leader: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == leader:
            found.append(int(path.parent.name))
    return found


@pytest.mark.parametrize("fork", [True, False])
def test_abandoned(monkeypatch: pytest.MonkeyPatch, *, fork: bool) -> None:
    """All processes of all hosts end at once, even one that spins; no host starts another."""
    monkeypatch.setattr(hosts, "_open", weakref.WeakSet())
    host = hosts.open_host(fork=fork)
    learner = Learner(host, Submission("ex", "ex.py", "while True: pass\n"), "1")
    learner.start()
    pid = learner._processes[0].connection.pid
    hosts.abandon_all()
    eventually(lambda: has_ended(pid), "its end")
    with pytest.raises(GraderFault):
        host.spawn()
    hosts.abandon_all()
    with suppress(GraderFault):
        learner.close()
    host.close()


def test_an_early_host_is_warm() -> None:
    """A host that was really started early serves as any other."""
    early.start_early()
    with early.hosting(fork=True) as host:
        learner = _learner(host)
        answer = asyncio.run(learner.run(Script(calls=(Call("run_pipeline", ((), None)),))))
        assert isinstance(answer, dict)
        assert answer["result"] == 1
        learner.close()
