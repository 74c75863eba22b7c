"""The lab on a Python of which a part was taken away: it is named, and nothing is graded wrongly."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.cli.trial import try_lab
from grader.course.catalog import find_root
from grader.lab.parts import PARTS, missing
from grader.practice.progress import open_store

# What takes a part away, as far as Python lets it be taken, and what is said then.
TAKEN = {
    "del asyncio._set_running_loop": "asyncio._set_running_loop is not on this Python",
    "del asyncio.events.Handle._run": "asyncio.TimerHandle's `_run`",
    "loop('_ready')": "the event loop's `_ready`",
    "loop('_scheduled')": "the event loop's `_scheduled`",
    "loop('_default_executor')": "the event loop's `_default_executor`",
    "del asyncio.base_events.BaseEventLoop._check_closed": "the event loop's `_check_closed`",
    "asyncio.base_events.BaseEventLoop._run_once = lambda self: self.stop()": "moves virtual time",
    "asyncio.Queue.__init__ = without('_unfinished_tasks')": "`_maxsize` and `_unfinished_tasks`",
    "asyncio.Queue.put_nowait = asyncio.Queue._put": "asyncio.Queue's `_queue`",
    "asyncio.Queue.get = coroutine_of_its_own": "asyncio.Queue's `put` and `get`",
    "asyncio.Task = asyncio.tasks._PyTask = object": "a subclass of asyncio.Task",
    "asyncio.TaskGroup.__aexit__ = object.__reduce_ex__": "asyncio.TaskGroup's `__aexit__`",
    "asyncio.as_completed = sorted": "asyncio.tasks.as_completed",
    "del asyncio.tasks._unregister_task": "asyncio.tasks._unregister_task",
    "functools._lru_cache_wrapper = in_python": "functools._lru_cache_wrapper",
    "del random._urandom": "random._inst and random._urandom",
    "del warnings._warn_unawaited_coroutine": "a coroutine that nobody awaited",
    "del selectors._BaseSelectorImpl.__init__": "the selector's `_fd_to_key`",
    "gc.get_referents = lambda *_: []": "the step of an async generator",
}
TAKE = """
import asyncio, asyncio.base_events, asyncio.tasks, functools, gc, random, selectors, sys, warnings

def without(name):
    def init(self, maxsize=0):
        usual(self, maxsize)
        del vars(self)[name]
    usual = asyncio.Queue.__init__
    return init

def in_python(function, *_):
    return functools.wraps(function)(lambda *arguments: function(*arguments))

async def coroutine_of_its_own(self):
    return self._get()

def loop(name):
    def init(self, selector=None):
        usual(self, selector)
        vars(self)["_another" + name] = vars(self).pop(name)
    def missing(self, wanted):
        raise AttributeError(wanted)
    usual = asyncio.SelectorEventLoop.__init__
    asyncio.SelectorEventLoop.__init__ = init

from grader.lab.parts import missing
assert missing() == (), missing()
exec(sys.argv[1])
asyncio.SelectorEventLoop.__del__ = lambda self, **_: None  # it may be half of one
asyncio.SelectorEventLoop.close = lambda self: None
print("\\n".join(missing()))
"""


def _python(code: str, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *words],
        cwd=find_root(),
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )


def test_this_python_has_every_part() -> None:
    """Of the Pythons that are supported none lacks one."""
    assert missing() == ()
    names = [part.name for part in PARTS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("taken", TAKEN)
def test_a_part_that_is_missing_is_named(taken: str) -> None:
    """With the version of Python, and what the lab does with it."""
    ran = _python(TAKE, taken)
    assert ran.returncode == 0, ran.stderr
    found = [line for line in ran.stdout.splitlines() if TAKEN[taken] in line]
    assert len(found) == 1, ran.stdout
    assert "is not on this Python (CPython 3." in found[0]
    assert "as the lab expects it: it " in found[0]


GRADE = """
import sys
import asyncio
del asyncio.tasks._unregister_task
from grader.cli.program import main
sys.exit(main(sys.argv[1:]))
"""


def test_nothing_is_graded_then(tmp_path: Path) -> None:
    """Neither zero nor pass: exit code 3, the part's name, and what to do."""
    for words in (("ex1",), ("hint", "ex1"), ("class", "solutions", "--out", str(tmp_path / "o"))):
        ran = _python(GRADE, *words, GRADER_STORE=str(tmp_path / "store"))
        assert ran.returncode == 3, ran.stdout + ran.stderr
        assert ran.stdout == ""
        (line,) = ran.stderr.splitlines()
        assert line.startswith("Nothing was graded: asyncio.tasks._unregister_task is not on")
        assert line.endswith("and please report this.")


def test_doctor_says_so(tmp_path: Path) -> None:
    """It is the place to look when something is odd."""
    ran = _python(GRADE, "doctor", GRADER_STORE=str(tmp_path / "store"), COLUMNS="200")
    assert ran.returncode == 3
    said = " ".join(ran.stdout.split())
    assert "lab asyncio.tasks._unregister_task is not on this Python" in said
    assert "Take another version of Python" in said


def test_it_is_tried_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For each Python and each edition of the lab; a failure is not remembered."""
    tries: list[int] = []

    def found() -> tuple[str, ...]:
        tries.append(1)
        return ("A part is missing.",) if len(tries) == 1 else ()

    monkeypatch.setattr("grader.cli.trial._missing", found)
    with open_store(tmp_path / "store") as store:
        with pytest.raises(Exception, match="A part is missing"):
            try_lab(store)
        for _ in range(3):
            try_lab(store)
        assert len(tries) == 2
        monkeypatch.setattr(sys, "version", "3.99.0 of another day")
        try_lab(store)
        assert len(tries) == 3
        monkeypatch.setattr("grader.cli.trial._edition", lambda: "another")
        try_lab(store)
    assert len(tries) == 4
