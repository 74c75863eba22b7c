"""Limits: which ones are set, and what stands in where a system has none of them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.lab import guard as lab_guard
from grader.lab.guard import Guard, limit_memory, own_session

ROOT = Path(__file__).parents[2]


class Calls(list[tuple[Any, ...]]):
    """Notes every call of every method."""

    def __getattr__(self, name: str) -> Any:
        return lambda *values, **options: self.append((name, *values, options))


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """Calls of `faulthandler`, which would change this process."""
    noted = Calls()
    monkeypatch.setattr(lab_guard, "faulthandler", noted)
    return noted


def test_processor_time_is_counted(calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    """A timer of processor time is set and stopped; its signal writes the stack, then kills."""
    timers: list[tuple[Any, ...]] = []
    monkeypatch.setattr(lab_guard, "_set_timer", lambda *values: timers.append(values))
    guard = Guard(7)
    guard.arm(1.5)
    guard.disarm()
    assert timers == [(lab_guard._TIMER, 1.5), (lab_guard._TIMER, 0)]
    assert [call[0] for call in calls] == ["enable", "register"]
    assert calls[1][1:] == (lab_guard._SIGNAL, 7, {"all_threads": False, "chain": True})


def test_real_time_stands_in_where_there_is_no_timer(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows the watch is on real time, generously."""
    for name in ("_set_timer", "_TIMER", "_SIGNAL"):
        monkeypatch.setattr(lab_guard, name, None)
    guard = Guard(7)
    guard.arm(1.5)
    guard.disarm()
    assert calls == [
        ("enable", 7, {"all_threads": False}),
        ("dump_traceback_later", 15.0, {"exit": True, "file": 7}),
        ("cancel_dump_traceback_later", {}),
    ]


def test_memory_is_limited_where_it_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every limit that the system has is set; one that it refuses is no error."""
    asked: list[tuple[Any, ...]] = []

    def setrlimit(*values: Any) -> None:
        asked.append(values)
        if len(asked) == 2:
            raise ValueError("not allowed to raise maximum limit")

    fake = SimpleNamespace(RLIMIT_AS="as", RLIMIT_DATA="data", RLIMIT_CORE="core")
    fake.setrlimit = setrlimit
    monkeypatch.setitem(sys.modules, "resource", fake)
    monkeypatch.setattr(lab_guard, "_mapped", lambda: 40)
    limit_memory(60)
    assert asked == [("as", (100, 100)), ("data", (100, 100)), ("core", (0, 0))]


def test_what_is_mapped_does_not_count(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The limit is on growth: what the process has mapped already is known, or taken for 0."""
    told = tmp_path / "statm"
    monkeypatch.setattr(lab_guard, "open", lambda *_how: told.open("rb"), raising=False)
    assert lab_guard._mapped() == 0
    told.write_text("300 20 10 1 0 5 0\n")
    assert lab_guard._mapped() == 300 * os.sysconf("SC_PAGE_SIZE")
    told.write_text("much\n")
    assert lab_guard._mapped() == 0


def test_no_limits_where_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the module `resource`, as on Windows, nothing is limited and nothing fails."""
    monkeypatch.setitem(sys.modules, "resource", None)
    limit_memory(100)


def test_a_session_of_its_own_where_there_are_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that leads its group already, or a system without groups, is no error."""
    called: list[str] = []

    def setsid() -> None:
        called.append("setsid")
        raise PermissionError

    monkeypatch.setattr(os, "setsid", setsid, raising=False)
    own_session()
    monkeypatch.delattr(os, "setsid")
    own_session()
    assert called == ["setsid"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no process groups")
def test_own_group_stays_in_the_session() -> None:
    """A group of its own can be ended as a whole, and shares the processor with its siblings."""
    code = """
import os, sys
sys.path.insert(0, sys.argv[1])
from grader.lab.guard import own_group, own_session
own_session()
session = os.getsid(0)
pid = os.fork()
if pid == 0:
    own_group()
    os._exit(os.getpgid(0) != os.getpid() or os.getsid(0) != session)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    assert subprocess.run([sys.executable, "-c", code, str(ROOT)], check=False).returncode == 0
