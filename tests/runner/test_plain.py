"""The plain host: what it does with an interpreter that will not end."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from grader.runner import plain
from grader.runner.plain import PlainHost
from grader.runner.watch import has_ended
from tests.runner.conftest import soon


@pytest.mark.skipif(sys.platform != "linux", reason="on Linux an interpreter looks after it")
def test_an_interpreter_that_will_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ending a plain process never hangs, and its learner's process goes with it."""
    monkeypatch.setattr(plain, "A_WHILE", 0.05)
    host = PlainHost()
    connection = host.spawn()
    pid = connection.pid
    os.kill(host._running[0]._process.pid, signal.SIGSTOP)
    assert connection.end() == -signal.SIGKILL
    assert soon(lambda: has_ended(pid))
    connection.close()
    host.close()
