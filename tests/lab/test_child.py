"""The learner's process, played in this one: requests in, answers out.

What really happens to such a process is tested in `tests/runner`.
"""

from __future__ import annotations

import builtins
import errno
import json
import os
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any
from unittest import mock

import pytest

from grader.course.kit.lesson import Job, Pipeline
from grader.lab import child as lab_child
from grader.lab.guard import Guard
from grader.lab.hidden import Steps, play
from grader.lab.recorder import Full
from grader.script import to_json
from tests.lab.support import body, line, script


class Left(BaseException):
    """Stands for the end of the process."""


class FakeGuard(Guard):
    """Notes when it is armed and disarmed, and ends nothing."""

    def __init__(self, fault: int = 2) -> None:
        self.seen: list[float | str] = []

    def arm(self, seconds: float) -> None:
        self.seen.append(seconds)

    def disarm(self) -> None:
        self.seen.append("disarmed")


@pytest.fixture
def leaving(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The exit codes with which the process would have left."""
    codes: list[int] = []

    def leave(code: int) -> None:
        codes.append(code)
        raise Left(code)

    monkeypatch.setattr(lab_child, "_leave", leave)
    monkeypatch.setattr(os, "_exit", os._exit)  # what a child replaces comes back
    return codes


@pytest.fixture
def child(leaving: list[int]) -> Iterator[lab_child._Child]:
    """A child that answers into a pipe, and whose lab is closed in the end."""
    read, write = os.pipe()
    one = lab_child._Child(write)
    yield one
    if one._lab is not None:
        one._lab.close()
    for fd in (read, write):
        os.close(fd)


def _load(code: str) -> dict[str, Any]:
    return {
        "do": "load",
        "nonce": "n",
        "code": code,
        "filename": "work.py",
        "name": "work",
        "seed": "1",
        "seconds": 1.5,
    }


def _run(*items: int) -> dict[str, Any]:
    data = to_json(script(Pipeline(tuple(Job(item) for item in items))))
    return {"do": "run", "script": data, "seconds": 0.5}


def _answer(child: lab_child._Child, request: dict[str, Any]) -> dict[str, Any]:
    return play(child.answering(request))


def _talk(child: lab_child._Child, guard: FakeGuard, *requests: dict[str, Any]) -> list[Any]:
    """Serve these requests to the end; returns what was answered."""
    read, write = os.pipe()
    answers, child.answers = os.pipe()
    text = "".join(json.dumps(request) + "\n" for request in requests)
    os.write(write, text.encode())
    os.close(write)
    try:
        play(lab_child._serving(read, child, guard))
    finally:
        os.close(read)
        os.close(child.answers)
        with open(answers, "rb") as file:  # noqa: PTH123  # a descriptor
            lines = file.read().splitlines()
        child.answers = os.open(os.devnull, os.O_WRONLY)
    os.close(child.answers)
    return [json.loads(one.partition(b" ")[2]) for one in lines]


@pytest.fixture
def talk(leaving: list[int]) -> Iterator[Any]:
    """Serves requests with a new child; gives the answers and what the guard saw."""
    children = []

    def serve(*requests: dict[str, Any]) -> tuple[list[Any], list[float | str]]:
        child, guard = lab_child._Child(-1), FakeGuard()
        children.append(child)
        return _talk(child, guard, *requests), guard.seen

    yield serve
    for child in children:
        if child._lab is not None:
            child._lab.close()


def test_each_request_is_answered_with_one_line(talk: Any) -> None:
    """Loading and running are answered in order, each within its own limit of processor time."""
    answers, guarded = talk(_load(body("return list(items)")), _run(1000, 1001), _run())
    assert answers[:2] == [{"up": True}, {"loaded": True}]
    assert [answer["result"] for answer in answers[2:]] == [[1000, 1001], []]
    assert guarded == [1.5, "disarmed", 0.5, "disarmed", 0.5, "disarmed"]


def test_what_is_no_json_is_named(talk: Any) -> None:
    """An object of the module that found its way into the answer becomes its type's name."""
    code = body("q = asyncio.Queue()\nq._unfinished_tasks = object()\nawait q.join()")
    answers, _guarded = talk(_load(code), _run())
    joins = [event for event in answers[2]["events"] if event[2] == "join"]
    assert joins[0][5] == {"object": "object"}


def test_a_lab_that_fails_says_so(talk: Any) -> None:
    """A request that breaks the lab is answered with the traceback; the next one is served."""
    answers, _guarded = talk(
        _run(), _load("x = 1"), {"do": "run", "script": {"no": 1}, "seconds": 1}
    )
    assert answers[0]["broke"].startswith("AssertionError at child.py:")
    assert answers[0]["changed"] == []
    assert answers[1:3] == [{"up": True}, {"loaded": True}]
    assert answers[3]["broke"].startswith("ValueError at child.py:")


def test_what_the_module_changed_is_said(child: lab_child._Child) -> None:
    """When the lab breaks, the names that the module replaced come along."""
    _answer(child, _load("x = 1"))
    with mock.patch.object(builtins, "sorted", None), mock.patch.object(json, "dumps", None):
        answer = json.loads(child.breakdown(ValueError("words")))
    assert answer["changed"] == ["builtins.sorted", "json.dumps"]
    assert answer["broke"].startswith("ValueError at ")


def test_a_breakdown_is_said_even_where_nothing_works(
    child: lab_child._Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where not even the traceback can be written, the answer still names what was replaced."""
    _answer(child, _load("x = 1"))
    monkeypatch.setattr(lab_child, "_places", None)
    with mock.patch.object(builtins, "sorted", None):
        answer = json.loads(child.breakdown(ValueError()))
    assert answer == {"broke": "", "changed": ["builtins.sorted"]}


@pytest.mark.parametrize(
    ("error", "spent"),
    [
        (OSError(errno.EMFILE, "too many"), "file descriptors"),
        (OSError(errno.ENFILE, "too many anywhere"), ""),
        (ValueError(), ""),
    ],
)
def test_what_was_used_up_is_said(error: Exception, spent: str, child: lab_child._Child) -> None:
    """When the lab fails for want of what the process may have, that comes along."""
    failure = RuntimeError()
    failure.__cause__ = error
    assert json.loads(child.breakdown(failure))["spent"] == spent


@pytest.mark.skipif(sys.platform != "linux", reason="walls are there on Linux only")
@pytest.mark.parametrize("names", [{"limits"}, {"limits", "notices"}])
def test_the_walls_go_up_before_anything_is_served(
    names: set[str], leaving: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is noticed comes with the answers, where somebody looks; without its walls it leaves."""
    from grader.lab import confine  # noqa: PLC0415  # not everywhere

    monkeypatch.setattr(sys, "addaudithook", lambda _hook: None)
    put_up: list[confine.Walls] = []
    monkeypatch.setattr(confine, "confine", put_up.append)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    child, walls = lab_child._Child(nowhere), confine.Walls(frozenset(names))
    lab_child._confine(walls, child, -1)
    assert put_up == [walls]
    assert (child.notices is not None) == ("notices" in names)
    try:
        assert "noticed" not in _answer(child, _load(body("pass")))
        if child.notices is not None:
            child.notices.seen["tried to fork"] = None
            assert _answer(child, _run())["noticed"] == ["tried to fork"]
    finally:
        assert child._lab is not None
        child._lab.close()

    def fail(_walls: confine.Walls) -> None:
        raise OSError("no such wall")

    monkeypatch.setattr(confine, "confine", fail)
    read, write = os.pipe()
    with pytest.raises(Left):
        lab_child._confine(walls, child, write)
    assert os.read(read, 100) == b"OSError: no such wall"
    assert leaving == [lab_child.EXIT_WALLS]
    for fd in (read, write, nowhere):
        os.close(fd)


def test_running_out_of_memory_is_not_answered(child: lab_child._Child) -> None:
    """When the lab itself finds no memory, nothing is written: the exit code tells."""
    read, write = os.pipe()
    os.write(write, b'{"do": "load", "seconds": 1}\n')
    guard = FakeGuard()
    with (
        mock.patch.object(child, "answering", side_effect=MemoryError),
        pytest.raises(MemoryError),
    ):
        play(lab_child._serving(read, child, guard))
    assert guard.seen == [1, "disarmed"]
    for fd in (read, write):
        os.close(fd)


def test_requests_may_come_in_pieces() -> None:
    """A line is complete when its end has come; the rest is kept for the next one."""
    read, write = os.pipe()
    os.write(write, b"one\ntw")
    assert lab_child._next_line(read, b"") == (b"one", b"tw")
    os.write(write, b"o\nthree")
    os.close(write)
    assert lab_child._next_line(read, b"tw") == (b"two", b"three")
    assert lab_child._next_line(read, b"three") == (None, b"")
    os.close(read)


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        ("import os\nos._exit(3)  # here", {"how": "exit", "detail": "os._exit(3)"}),
        ("while True: print('x' * 100_000)  # here", {"how": "output", "detail": "output"}),
    ],
)
def test_a_scenario_may_be_cut_short(
    lines: str, end: dict[str, str], talk: Any, leaving: list[int]
) -> None:
    """Leaving, or filling the record, ends the process with an answer that names the line."""
    code = body(lines)
    read, write = os.pipe()
    child = lab_child._Child(write)
    _answer(child, _load(code))
    assert child._lab is not None
    try:
        _answer(child, _run())
    except Left:
        pass
    finally:
        child._lab.close()
        os.close(write)
    with open(read, "rb") as file:  # noqa: PTH123  # a descriptor
        first = json.loads(file.read().splitlines()[1].partition(b" ")[2])
    assert first == {"cut": True, "end": {**end, "line": line(code)}}
    assert leaving[0] == 0


def test_a_cut_without_a_lab_has_no_line(child: lab_child._Child, leaving: list[int]) -> None:
    """Before anything is loaded there is no line to name."""
    with pytest.raises(Left):
        child._full("events")
    assert leaving == [0]


# -- becoming one -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "begun", "code"),
    [
        (None, False, 0),
        (MemoryError, True, lab_child.EXIT_MEMORY),
        (OSError, False, lab_child.EXIT_LAB),
        (OSError, True, lab_child.EXIT_BROKEN),
        (Full, True, lab_child.EXIT_BROKEN),
    ],
)
def test_the_exit_code_says_what_became_of_it(
    error: type[BaseException] | None,
    begun: bool,
    code: int,
    leaving: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A process that cannot answer any more leaves with a code of its own."""

    def serve(requests: int, child: lab_child._Child, guard: Guard) -> Steps[None]:
        assert (requests, child.answers) == (3, 4)
        child.begun = begun
        if error is not None:
            raise error
        yield from ()

    monkeypatch.setattr(lab_child, "_serving", serve)
    monkeypatch.setattr(lab_child, "_hide_grader", lambda: None)
    monkeypatch.setattr(lab_child, "limit_memory", lambda _size: None)
    monkeypatch.setattr(lab_child, "Guard", FakeGuard)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    with pytest.raises(Left):
        lab_child.become_child(3, 4, 5)()
    assert leaving[0] == code
    assert sys.dont_write_bytecode is True


def test_the_grader_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the path nor the loaded modules lead to the grader, and `argv` tells nothing."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(lab_child.__file__)))  # noqa: PTH120
    main = ModuleType("__main__")
    vars(main)["main"] = print
    monkeypatch.setattr(sys, "path", ["/elsewhere", root, os.path.join(root, ".")])  # noqa: PTH118
    monkeypatch.setattr(sys, "argv", ["-c", root])
    with mock.patch.dict(sys.modules, {"__main__": main}):
        lab_child._hide_grader()
        hidden = [name for name in sys.modules if name.split(".")[0] == "grader"]
    assert hidden == []
    assert sys.path == ["/elsewhere"]
    assert sys.argv == [""]
    assert not hasattr(main, "main")
