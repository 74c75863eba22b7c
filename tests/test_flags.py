"""What is worth a human look in a source; honest submissions draw nothing."""

from __future__ import annotations

import pytest

from grader.judge.flags import MOST, flags
from tests.corpus import Labelled, load

RIGHT = [one for one in load() if one.label == "right"]


@pytest.mark.parametrize("one", RIGHT, ids=lambda one: one.id)
def test_right_submissions_draw_no_flag(one: Labelled) -> None:
    """None of the submissions that keep the contract, in all their styles, is suspicious."""
    assert flags(one.path.read_text(encoding="utf-8")) == ()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import ctypes", "imports ctypes (line 1)"),
        ("import os.path, socket as s", "imports socket (line 1)"),
        ("from subprocess import run", "imports subprocess (line 1)"),
        ("from os import fork", "uses os.fork (line 1)"),
        ("import os\nos.fork()\nos.fork()", "uses os.fork (line 2)"),
        ("import os as o\no.kill(1, 9)", "uses os.kill (line 2)"),
        ("import sys\nsys._getframe()", "uses sys._getframe (line 2)"),
        ("from sys import settrace", "uses sys.settrace (line 1)"),
        ("import asyncio\nasyncio.sleep = print", "replaces asyncio.sleep (line 2)"),
        ("import asyncio as a\ndel a.Queue.join", "replaces asyncio.Queue.join (line 2)"),
        ("import asyncio\nasyncio._get_running_loop()", "uses asyncio._get_running_loop (line 2)"),
        ("q = 1\nq._finished.set()", "uses the private _finished (line 2)"),
        ("x.__subclasses__()", "uses __subclasses__ (line 1)"),
        ("frame.f_back", "uses f_back (line 1)"),
        ("eval('1')", "calls eval() (line 1)"),
        ("open('x')", "calls open() (line 1)"),
        ("__import__('os')", "calls __import__() (line 1)"),
    ],
)
def test_odd_names_are_flagged(source: str, found: str) -> None:
    """Imports and names that no exercise has a use for, with the first line where they stand."""
    assert flags(source) == (found,)


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.urandom(8), os.O_RDONLY, os.path.join('a')",
        "import asyncio, concurrent.futures, collections.abc",
        "class A:\n    def f(self):\n        self._x = 1\n    def g(self, b):\n        return b._x",
        "class A(B):\n    def _put(self, x):\n        super()._put(x)\n        self._y: int = 2",
        "class A:\n    _z: int\nA()._z",
        "import sys\nprint(sys.version_info, file=sys.stderr)",
        "x.y = 1",
        "def f(:",
        "(" * 10_000,
        "\0",
    ],
)
def test_ordinary_code_is_not(source: str) -> None:
    """Neither one's own private names, nor harmless parts of `os`; nor what is no Python at all."""
    assert flags(source) == ()


def test_what_the_sandbox_noticed_comes_last() -> None:
    """Once each, and never more than anybody would read."""
    assert flags("import gc", ["tried to fork", "tried to fork"]) == (
        "imports gc (line 1)",
        "tried to fork",
    )
    assert len(flags("", [str(number) for number in range(100)])) == MOST
