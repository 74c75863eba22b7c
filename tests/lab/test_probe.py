"""Trying the walls: one that does not hold is found out.

That those which hold are found to hold is tested in `tests/runner/test_sandbox.py`.
"""

from __future__ import annotations

import errno
import fcntl
import importlib
import io
import json
import os
import socket
import sys
import warnings
from collections.abc import Callable
from typing import Any

import pytest

from grader.lab import probe, recorder

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="walls are there on Linux only")


UID = 1_900_000_001


class Users:
    """Spare users without the lock on them."""

    def take(self) -> int:
        return UID


@pytest.fixture
def without_walls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which everything that is put up does nothing at all."""
    for name in ("confine", "own_session", "limit_memory"):
        monkeypatch.setattr(probe, name, lambda *_values: None)
    monkeypatch.setattr(probe, "keep_only", lambda *fds: fds)
    monkeypatch.setattr(probe, "adopt_orphans", lambda: False)
    monkeypatch.setattr(recorder, "MOST_WRITTEN", 1 << 40)
    monkeypatch.setattr(probe, "version", lambda: 7)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "dup2", lambda _fd, place: place)
    monkeypatch.setattr(os, "getsid", lambda _pid: 1)
    monkeypatch.setattr(probe, "SpareUsers", Users)


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (probe._session, "stays in the grader's session"),
        (probe._descriptors, "it keeps descriptors"),
        (probe._environment, "keeps the environment"),
        (probe._limits, "memory cannot be limited"),
        (probe._output, "prints without end"),
        (probe._sweep, "gives orphans to init"),
        (probe._user, "the user stays root"),
        (probe._landlock, "it reads files"),
        (probe._seccomp, "it makes sockets"),
    ],
)
def test_a_wall_that_does_not_hold_is_not_active(
    attempt: Callable[[int], str], words: str, without_walls: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What should be prevented is tried, and when it works the wall is no wall."""
    opened: list[int] = []
    really = os.open

    def noted(*values: Any) -> int:
        opened.append(really(*values))
        return opened[-1]

    monkeypatch.setattr(os, "open", noted)
    with pytest.raises(probe.Passable, match=words):
        attempt(2)
    for fd in opened:
        os.close(fd)


def _refuse(*_values: Any) -> Any:
    raise PermissionError


@pytest.mark.parametrize(("number", "refused"), [(errno.EROFS, True), (errno.ENOENT, False)])
def test_where_nobody_can_write(number: int, refused: bool) -> None:
    """Behind bubblewrap there is no file system to be written; other errors are no refusal."""

    def attempt() -> None:
        raise OSError(number, "told")

    if refused:
        probe._must_be_refused(attempt, "it writes")
    else:
        with pytest.raises(OSError, match="told"):
            probe._must_be_refused(attempt, "it writes")


@pytest.mark.parametrize(
    ("attempt", "refused", "detail"),
    [
        (probe._landlock, ("open", "listdir"), "ABI 7"),
        (probe._seccomp, ("fork", "kill", "execv", "chmod", "getsid"), ""),
    ],
)
def test_a_wall_that_holds_is_active(
    attempt: Callable[[int], str],
    refused: tuple[str, ...],
    detail: str,
    without_walls: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What should be prevented is refused, each try of it, and what is needed works."""
    monkeypatch.setattr(socket, "socket", _refuse)
    monkeypatch.setattr(socket, "socketpair", lambda: (io.BytesIO(), io.BytesIO()))
    monkeypatch.setattr(fcntl, "ioctl", _refuse)
    monkeypatch.setattr(importlib, "import_module", lambda _name: None)
    for name in refused:
        monkeypatch.setattr(os, name, _refuse)
    assert attempt(2) == detail


def test_quieter_walls_that_hold(without_walls: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session, a clean start, limits and a user of its own, as they should be."""
    for name in ("getsid", "getpgid", "getpid"):
        monkeypatch.setattr(os, name, lambda *_pid: 5)
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.setattr(probe, "bytearray", _no_memory, raising=False)
    with monkeypatch.context() as patched:  # pytest duplicates descriptors too
        patched.setattr(os, "dup2", _refuse)
        told = [probe._session(2), probe._environment(2), probe._limits(2)]
    assert told == ["", "", ""]
    for name in ("getresuid", "getresgid"):
        monkeypatch.setattr(os, name, lambda: (UID, UID, UID))
    monkeypatch.setattr(os, "getgroups", list)
    monkeypatch.setattr(os, "setuid", _refuse)
    assert probe._user(2).startswith(str(UID))


def test_the_output_cap_holds() -> None:
    """The lab's own limit on prints is a layer too, and is tried as it is."""
    assert probe._output(2) == ""


def _no_memory(_size: int) -> bytes:
    raise MemoryError


def test_limits_that_let_files_be_opened(
    without_walls: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory that is limited is not enough."""
    monkeypatch.setattr(probe, "bytearray", _no_memory, raising=False)
    with pytest.raises(probe.Passable, match="open files cannot be limited"):
        probe._limits(2)


def test_a_user_that_can_become_root_again(
    without_walls: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user has to be another one, of no group, and for good; only root can see to that."""
    for name in ("getresuid", "getresgid"):
        monkeypatch.setattr(os, name, lambda: (UID, UID, UID))
    monkeypatch.setattr(os, "setuid", lambda _uid: None)
    monkeypatch.setattr(os, "getgroups", lambda: [0])
    with pytest.raises(probe.Passable, match="root's groups"):
        probe._user(2)
    monkeypatch.setattr(os, "getgroups", list)
    with pytest.raises(probe.Passable, match="become root again"):
        probe._user(2)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(probe.Passable, match="only root"):
        probe._user(2)


@pytest.mark.parametrize(
    ("attempt", "active", "detail"),
    [
        (lambda _line: "ABI 7", True, "ABI 7"),
        (lambda _line: (_ for _ in ()).throw(OSError("no such thing")), False, "no such thing"),
        (lambda _line: (_ for _ in ()).throw(ValueError), False, "ValueError"),
        (lambda _line: os._exit(3), False, "the trial ended with 3"),
    ],
)
def test_the_account_of_a_trial(attempt: Callable[[int], str], active: bool, detail: str) -> None:
    """Each is made in a child, and comes to an account whatever becomes of that."""
    with warnings.catch_warnings():
        # This process may have threads; a child that only tries and leaves does not mind.
        warnings.simplefilter("ignore", DeprecationWarning)
        account = probe._account("wall", attempt)
    assert account == {"name": "wall", "active": active, "detail": detail}


def test_the_accounts_are_told_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line that the grader reads, with all the walls in the order in which they go up."""

    def account(name: str, _attempt: Any) -> dict[str, object]:
        return {"name": name, "active": True, "detail": ""}

    monkeypatch.setattr(probe, "_account", account)
    probe.main()
    told = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in told][-2:] == ["landlock", "seccomp"]
