"""What is left behind: orphans, spare users, and the children of a household."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.lab import household as lab_household
from grader.lab import libc, sweep
from grader.lab.household import Household

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sweeps on Linux only")

ROOT = Path(__file__).parent.parent.parent


def _in_process(code: str) -> str:
    """What a process of its own prints, with the lab at hand."""
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    ran = subprocess.run(
        [sys.executable, "-S", "-c", start + code], capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


def test_a_daemon_is_found_and_ended() -> None:
    """Far from its group and session, and its own children with it; others are left alone."""
    code = """
import os, signal, subprocess, time
from grader.lab.sweep import adopt_orphans, children, end_orphans
assert adopt_orphans()
ours = subprocess.Popen(["sleep", "60"])
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.write(write, b"!")
        signal.pause()
    os._exit(0)
os.read(read, 1)
while len(children()) < 3:
    time.sleep(0.001)
print(end_orphans({ours.pid}), children() == [ours.pid])
ours.kill()
"""
    assert _in_process(code) == "3 True"


def test_a_system_without_adoption(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system cannot give us orphans, that is said, and nothing is swept."""

    def call(*_values: Any) -> int:
        raise OSError

    monkeypatch.setattr(libc, "call", call)
    assert not sweep.adopt_orphans()
    monkeypatch.setattr(os, "getpid", lambda: 0)
    assert sweep.children() == []
    assert sweep.end_orphans(()) == 0


def test_orphans_that_end_by_themselves_are_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gone before the signal, or waited for by somebody else; and a sweep has an end."""

    def gone(*_values: Any) -> Any:
        raise ProcessLookupError

    def waited(*_values: Any) -> Any:
        raise ChildProcessError

    monkeypatch.setattr(os, "kill", gone)
    monkeypatch.setattr(os, "waitpid", waited)
    monkeypatch.setattr(sweep, "children", lambda: [1, 2])
    assert sweep.end_orphans({2}) == sweep._MOST_ROUNDS


@pytest.mark.parametrize("child", [True, False])
def test_all_of_a_user_are_ended(child: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A child becomes that user for good, and then ends all that it may reach."""
    seen: list[Any] = []
    for name in ("setgroups", "setresgid", "setresuid", "kill", "waitpid", "_exit"):
        monkeypatch.setattr(os, name, lambda *values, name=name: seen.append((name, *values)))
    monkeypatch.setattr(os, "fork", lambda: 0 if child else 99)
    sweep.end_all_of(77)
    if child:
        assert seen[:5] == [
            ("setgroups", []),
            ("setresgid", 77, 77, 77),
            ("setresuid", 77, 77, 77),
            ("kill", -1, signal.SIGKILL),
            ("_exit", 0),
        ]
    else:
        assert seen == [("waitpid", 99, 0)]


def test_whoever_cannot_become_the_user_ends_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """`kill(-1)` as root would end everything: it comes after the change of the user, or never."""
    seen: list[Any] = []

    def refuse(*_values: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "setgroups", lambda _groups: None)
    monkeypatch.setattr(os, "setresgid", lambda *_gids: None)
    monkeypatch.setattr(os, "setresuid", refuse)
    monkeypatch.setattr(os, "kill", lambda *values: seen.append(values))
    monkeypatch.setattr(os, "fork", lambda: 0)
    monkeypatch.setattr(os, "waitpid", lambda *_values: None)
    monkeypatch.setattr(os, "_exit", lambda _code: None)
    with pytest.raises(PermissionError):
        sweep.end_all_of(77)
    assert seen == []


def test_spare_users_are_held_by_one_server_each() -> None:
    """Two servers have no user in common; a user given back is there again, at the end."""
    one, other = sweep.SpareUsers(), sweep.SpareUsers()
    users = [one.take() for _ in range(sweep._BLOCK)]
    assert other.take() not in users
    with pytest.raises(sweep.NoSpareUser, match="more processes"):
        one.take()
    one.give_back(users[3])
    assert one.take() == users[3]
    for held in (one, other):
        held.close()


def test_users_that_are_all_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """When other graders hold every block there is none left."""
    monkeypatch.setattr(sweep, "_RANGES", ((1_900_000_000, 1),))
    held = sweep.SpareUsers()
    with pytest.raises(sweep.NoSpareUser, match="other graders"):
        sweep.SpareUsers()
    held.close()
    sweep.SpareUsers().close()


@pytest.mark.parametrize(
    ("table", "first"),
    [
        ("0 0 4294967295\n", 1_900_000_000),
        ("0 100000 65536\n", 40_000),
        ("0 1000 1\n", None),
    ],
)
def test_users_fit_the_system(
    table: str, first: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Large numbers where they exist, small ones in a container, none where there is one user."""
    monkeypatch.setattr(sweep, "open", lambda *_values: io.BytesIO(table.encode()), raising=False)
    if first is None:
        with pytest.raises(sweep.NoSpareUser, match="no spare users"):
            sweep._range()
    else:
        assert sweep._range()[0] == first


def test_a_system_that_tells_no_map_has_all_users(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a table of users every number is one."""

    def missing(*_values: Any) -> Any:
        raise FileNotFoundError

    monkeypatch.setattr(sweep, "open", missing, raising=False)
    assert sweep._is_mapped(1_900_000_000)


# -- a household ------------------------------------------------------------------------------------


class Users:
    """Two spare users, and what was given back."""

    def __init__(self) -> None:
        self.free = [1, 2]
        self.back: list[int] = []
        self.closed = False

    def close(self) -> None:
        self.closed = True

    def take(self) -> int:
        return self.free.pop(0)

    def give_back(self, uid: int) -> None:
        self.back.append(uid)


@pytest.fixture
def users(monkeypatch: pytest.MonkeyPatch) -> Users:
    """The spare users of a household, whose sweeps touch nobody."""
    users = Users()
    monkeypatch.setattr(lab_household, "SpareUsers", lambda: users)
    monkeypatch.setattr(lab_household, "adopt_orphans", lambda: True)
    monkeypatch.setattr(lab_household, "end_orphans", lambda ours: users.back.append(-len(ours)))
    monkeypatch.setattr(lab_household, "end_all_of", lambda uid: users.back.append(100 + uid))
    return users


def _fork(household: Household, group: int, pid: int) -> None:
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(os, "fork", lambda: pid)
        household.fork(group)


def test_each_group_has_its_user(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is swept away with the last of its children, and given back only then."""
    household = Household("user,limits")
    for pid in (50, 51):
        _fork(household, 7, pid)
    assert users.free == [2]
    _fork(household, 8, 0)
    assert household.walls is not None
    assert household.walls.uid == 2
    assert users.closed  # in the child, before the number of its descriptor is another's
    monkeypatch.setattr(os, "killpg", lambda *_values: None)
    monkeypatch.setattr(os, "kill", lambda *_values: None)
    monkeypatch.setattr(os, "waitpid", lambda pid, _options: (pid, 9))
    household.end(50)
    assert users.back == [-1]
    household.end(51)
    assert users.back == [-1, 0, 1]


def test_what_is_found_elsewhere_ends_with_its_user(
    users: Users, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a child left something behind, everything of its user is looked for."""
    household = Household("user,limits")
    _fork(household, 7, 50)
    monkeypatch.setattr(os, "killpg", lambda *_values: None)
    monkeypatch.setattr(os, "kill", lambda *_values: None)
    monkeypatch.setattr(os, "waitpid", lambda pid, _options: (pid, 9))
    monkeypatch.setattr(lab_household, "end_orphans", len)
    _fork(household, 8, 51)
    household.end(50)
    assert users.back == [101, 1]


def test_a_fork_that_fails_takes_no_user(users: Users, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was taken for it is given back, unless others of the group have it."""
    household = Household("user,limits")

    def refused() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", refused)
    with pytest.raises(BlockingIOError):
        household.fork(7)
    assert users.back == [1]
    _fork(household, 7, 50)
    with pytest.raises(BlockingIOError):
        household.fork(7)
    assert users.back == [1]


def test_a_household_without_walls_has_no_users(users: Users) -> None:
    """Nothing is put up, nobody becomes anybody, and orphans are swept up all the same."""
    household = Household()
    household.sweep()
    assert household.walls is None
    assert users.free == [1, 2]
    assert users.back == [0]
