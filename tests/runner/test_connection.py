"""Connections: a process that is asked to write its stack, ended once, and its line closed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from grader.runner.connection import Connection
from grader.runner.hosts import Host
from grader.runner.watch import has_ended
from tests.runner.conftest import soon


def test_a_process_lives_until_it_is_ended(host: Host) -> None:
    """A connection ends its process once, however often it is told to, and gives back the fds."""
    connection = host.spawn()
    assert not has_ended(connection.pid)
    code = connection.end()
    assert connection.end() == code == -signal.SIGKILL
    connection.close()
    for fd in (connection.requests, connection.answers):
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(fd)
    assert connection.fault_text() == ""
    connection.close()


def test_a_process_without_requests_leaves_by_itself(host: Host) -> None:
    """When nobody can ask any more, a learner's process has nothing left to do."""
    connection = host.spawn()
    if connection.requests == connection.answers:
        connection.hang_up()
    else:
        os.close(connection.requests)
        assert connection.ends_itself() or soon(lambda: has_ended(connection.pid))
    connection.close()


def test_an_interruption_writes_the_stack(host: Host) -> None:
    """A process that is interrupted ends with its stack written down."""
    connection = host.spawn()
    os.write(
        connection.requests, b'{"do": "load", "nonce": "", "seconds": 1.0, "seed": "", "code": "", '
    )
    os.write(connection.requests, b'"filename": "work.py", "name": "work"}\n')
    answer = b""
    while b"loaded" not in answer:
        answer += os.read(connection.answers, 1_000)
    connection.interrupt()
    assert soon(lambda: has_ended(connection.pid))
    assert connection.end() == -signal.SIGPROF
    assert "most recent call first" in connection.fault_text()
    connection.interrupt()
    connection.close()


def test_a_process_that_goes_on_is_not_mistaken_for_one_that_ends(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that does not end by itself, after its line was closed, is found out."""
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    connection = host.spawn()
    assert not connection.ends_itself()
    connection.close()


def test_what_cannot_be_signalled_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is gone already, or a system without that signal, is no error."""

    class Nobody:
        def spawn(self, group: int = 0) -> Connection:
            raise NotImplementedError

        def reap(self, pid: int) -> int:
            raise NotImplementedError

        def discard(self, pid: int) -> None:
            discarded.append(pid)

        def dismiss(self) -> None: ...

        def close(self) -> None: ...

        def abandon(self) -> None: ...

    discarded: list[int] = []

    read, write = os.pipe()
    gone = subprocess.Popen([sys.executable, "-S", "-c", ""])
    gone.wait()
    connection = Connection(Nobody(), lambda: gone.pid, write, read, read)
    connection.interrupt()
    monkeypatch.delattr(signal, "SIGPROF")
    connection.interrupt()
    connection.close()
    connection.close()
    assert discarded == [gone.pid]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(read)
