"""Shutting a process in, played in this one: what is called, in which order, and with what.

What it comes to is tested by real processes: `tests/test_hostile.py`, `tests/runner/test_sandbox.py`.
"""

from __future__ import annotations

import os
import platform
import stat
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest

from grader.lab import confine, landlock, libc, seccomp
from grader.lab.confine import WALLS, Walls

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="walls are there on Linux only")


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What would have been done to this process."""
    seen: list[Any] = []

    def note(name: str) -> Callable[..., int]:
        def noted(*values: Any) -> int:
            seen.append((name, *values))
            return 0

        return noted

    def call(name: str, *values: Any) -> int:
        return note(name)(*values)

    import resource  # noqa: PLC0415  # not everywhere

    for owner, name in (
        (os, "setgroups"),
        (os, "setresgid"),
        (os, "setresuid"),
        (resource, "setrlimit"),
        (landlock, "prepare"),
        (landlock, "enforce"),
        (seccomp, "install"),
        (confine, "keep_listings"),
    ):
        monkeypatch.setattr(owner, name, note(name))
    monkeypatch.setattr(confine, "call", call)
    monkeypatch.setattr(os, "uname", os.uname)  # to be put back
    with mock.patch.dict(os.environ):
        yield seen


def test_the_order_of_the_walls(done: list[Any]) -> None:
    """Limits first, the user next, then what cannot be taken back, the filter of calls last."""
    confine.confine(Walls(frozenset(WALLS), uid=77))
    names = [name for name, *_values in done]
    order = ["prepare", "setrlimit", "setgroups", "setresgid", "setresuid", "enforce", "install"]
    places = [names.index(name) for name in order]
    assert places == sorted(places)
    assert ("setresuid", 77, 77, 77) in done
    assert ("setgroups", []) in done
    prctl = {values[1] for values in done if values[0] == "prctl"}
    assert prctl == {1, 4, 8, 38}  # PDEATHSIG, DUMPABLE, KEEPCAPS, NO_NEW_PRIVS
    assert ("prctl", 4, 0) in done
    death = next(n for n, values in enumerate(done) if values[:2] == ("prctl", 1))
    assert names.index("setresuid") < death < names.index("enforce")
    assert names[-1] == "install"
    assert not os.environ


def test_no_wall_that_was_not_asked_for(done: list[Any]) -> None:
    """Without names the environment goes, capabilities go, and nothing else is done."""
    confine.confine(Walls(frozenset()))
    assert {name for name, *_values in done} == {"prctl", "capget", "capset"}


def test_threads_are_counted(done: list[Any]) -> None:
    """A spare user may have so many; a user who has other processes so many more than those of now."""
    import resource  # noqa: PLC0415  # not everywhere

    def threads() -> int:
        (limit,) = [v[2][0] for v in done if v[:2] == ("setrlimit", resource.RLIMIT_NPROC)]
        done.clear()
        return int(limit)

    confine.confine(Walls(frozenset({"limits"})))
    assert ("setrlimit", resource.RLIMIT_FSIZE, (0, 0)) in done
    assert threads() > confine.MORE_THREADS
    confine.confine(Walls(frozenset({"limits", "user"})).of_user(5))
    assert threads() == confine.THREADS


def test_every_thread_of_a_user_counts() -> None:
    """Also those of a process into which nobody may look, whose folder is root's."""
    before = confine._threads_of(os.getuid())
    waits = threading.Event()
    threads = [threading.Thread(target=waits.wait) for _ in range(40)]
    for thread in threads:
        thread.start()
    libc.call("prctl", 4, 0)  # PR_SET_DUMPABLE
    try:
        assert confine._threads_of(os.getuid()) >= before + 20  # others end meanwhile
    finally:
        libc.call("prctl", 4, 1)
        waits.set()
        for thread in threads:
            thread.join()


def test_limits_are_never_raised(done: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit that is lower already stays, and one without bound gets ours."""
    import resource  # noqa: PLC0415  # not everywhere

    monkeypatch.setattr(resource, "getrlimit", lambda _limit: (5, 5))
    confine.confine(Walls(frozenset({"limits"})))
    assert ("setrlimit", resource.RLIMIT_CPU, (5, 5)) in done


def test_an_unknown_wall_is_an_error(done: list[Any]) -> None:
    """What nobody knows how to put up must not be left out."""
    with pytest.raises(OSError, match="no such wall: moat"):
        confine.confine(Walls(frozenset({"moat"})))
    assert done == []


@pytest.mark.parametrize(("mode", "kept"), [(0o755, 0), (0o700, 4)])
def test_one_capability_may_stay(
    done: list[Any], monkeypatch: pytest.MonkeyPatch, mode: int, kept: int
) -> None:
    """The one to read, where Python lies where only root may go, and Landlock guards the rest."""

    def capget(name: str, *values: Any) -> int:
        if name == "capget":
            values[1].raw = bytes(4) + (0xFF).to_bytes(4, "little") + bytes(16)
        done.append((name, *values))
        return 0

    monkeypatch.setattr(confine, "call", capget)
    monkeypatch.setattr(os, "stat", lambda _path: os.stat_result((stat.S_IFDIR | mode,) * 10))
    monkeypatch.setattr(confine, "only_root_enters", confine.only_root_enters.__wrapped__)
    for names in ({"landlock"}, set[str]()):
        confine.confine(Walls(frozenset(names)))
    words = [values[2] for values in done if values[0] == "capset"]
    assert [struct.unpack("<6I", word)[:3] for word in words] == [(kept, kept, 0), (0, 0, 0)]


def test_what_is_prepared_is_not_prepared_again(done: list[Any]) -> None:
    """Rules that were made before the fork are kept to, by their descriptor."""
    walls = confine.prepared(Walls(frozenset({"landlock", "seccomp"})))
    assert walls.rulesets == (0,)
    assert [name for name, *_values in done] == ["prctl", "prepare", "keep_listings"]
    done.clear()
    confine.confine(walls)
    names = [name for name, *_values in done]
    assert ("enforce", 0) in done
    assert "prepare" not in names


def test_the_machine_has_no_name(done: list[Any]) -> None:
    """The call behind `os.uname` is refused, and yet `uuid` and `platform` can be imported."""
    real = os.uname()
    platform.node()
    confine.confine(Walls(frozenset({"seccomp"})))
    try:
        assert os.uname() == ("Linux", "localhost", "", "", real.machine)
        assert platform.node() == "localhost"
    finally:
        platform._uname_cache = None  # type: ignore[attr-defined]  # as it was


# -- Landlock ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("abi", "size", "handled"),
    [
        (1, 8, (0x1FFF, 0, 0)),
        (2, 8, (0x3FFF, 0, 0)),
        (4, 16, (0x7FFF, 3, 0)),
        (5, 16, (0xFFFF, 3, 0)),
        (8, 24, (0xFFFF, 3, 3)),
        (9, 24, (0x1FFFF, 3, 3)),
        (99, 24, (0x1FFFF, 3, 3)),
    ],
)
def test_landlock_takes_what_there_is(
    abi: int, size: int, handled: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is forbidden that this version knows of; what is not there is left out."""
    calls: list[tuple[Any, ...]] = []

    def call(_name: str, which: int, *values: Any) -> int:
        calls.append((which, *values))
        if which != 444:
            return 0
        return abi if values[0] is None else os.open(os.devnull, os.O_RDONLY)

    monkeypatch.setattr(landlock, "call", call)
    paths = ("/usr", "/nowhere/at/all", "/dev/urandom")
    landlock.enforce(landlock.prepare(paths, ("/dev/null",)))
    (_asked, (_create, attributes, given, _flags), *rules, _again, (last, _ruleset, flags)) = calls
    assert (given, struct.unpack("QQQ", attributes)) == (size, handled)
    rights = [struct.unpack("=Qi", rule[3])[0] for rule in rules]
    assert rights == [4 | 8, 4, 2 | 4]  # folders are read and listed, files read, one is written
    assert (last, flags) == (446, 0b101 if abi >= 7 else 0)  # what is refused is not logged


def test_rules_that_cannot_be_made_leave_no_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel may refuse a rule; then there are none."""
    made: list[int] = []

    def call(_name: str, which: int, *values: Any) -> int:
        if which == 445:
            raise OSError("no such rule")
        if values[0] is None:
            return 7
        made.append(os.open(os.devnull, os.O_RDONLY))
        return made[-1]

    monkeypatch.setattr(landlock, "call", call)
    with pytest.raises(OSError, match="no such rule"):
        landlock.prepare(("/usr",))
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(made[0])


def test_an_error_of_the_library_is_pythons() -> None:
    """A call that fails raises what the system says, with the call's name."""
    with pytest.raises(OSError, match="prctl: ") as raised:
        libc.call("prctl", 9_999, 0, 0, 0, 0)
    assert raised.value.errno == 22
    assert libc.call("getpid") == os.getpid()
