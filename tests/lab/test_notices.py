"""What is noticed of a submission while it runs; for people, not for verdicts."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.lab import notices
from grader.lab.libraries import needed_files
from grader.lab.notices import Notices

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the sandbox is there on Linux only"
)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Notices:
    """Notices that hear only what a test tells them."""
    monkeypatch.setattr(sys, "addaudithook", lambda _hook: None)
    one = Notices()
    one.begin("work.py")
    return one


def _do(one: Notices, event: str, *arguments: Any, filename: str = "work.py") -> list[str]:
    """What is noticed when a line of this file causes an event."""
    code = compile("hear(event, arguments)", filename, "exec")
    exec(code, {"hear": one.hear, "event": event, "arguments": arguments})  # noqa: S102
    return list(one.seen)


LIBRARY = str(Path(os.__file__).parent)
FOLDER = next(path for path in needed_files()[0] if path.endswith("/json"))


@pytest.mark.parametrize(
    ("event", "arguments", "words"),
    [
        ("subprocess.Popen", ("ls", ["ls"], None, None), "tried to start a process"),
        ("os.fork", (), "tried to fork"),
        ("os.kill", (1, 9), "tried to signal a process"),
        ("socket.connect", (None, ("::1", 80)), "tried to use the network"),
        ("socket.__new__", (None, 2, 1, 0), "tried to use the network"),
        ("socket.__new__", (None, 1, 1, 0), ""),
        ("os.remove", ("/srv/x", -1), "tried to remove /srv/x"),
        ("os.remove", (), ""),
        ("open", ("/etc/passwd", "r", 0), "tried to read /etc/passwd"),
        ("open", (b"/etc/passwd", "r", None), "tried to read /etc/passwd"),
        ("open", ("x", None, os.O_WRONLY | os.O_CREAT), "tried to write x"),
        ("open", (f"{LIBRARY}/json/decoder.py", "r", 0), ""),
        ("open", (f"{LIBRARY}/decimal.py", "r", 0), ""),
        ("open", (f"{LIBRARY}/test/x", "r", 0), f"tried to read {LIBRARY}/test/x"),
        ("open", (f"{FOLDER}/../../../etc", "r", 0), f"tried to read {FOLDER}/../../../etc"),
        ("open", (os.devnull, "w", os.O_WRONLY), ""),
        ("open", (3, "r", 0), ""),
        ("open", ("work.py", "r", 0), ""),
        ("open", (notices.__file__, "r", 0), ""),
        ("os.listdir", ("/home",), "tried to list /home"),
        ("os.listdir", (FOLDER,), ""),
        ("sys._getframe", (sys._getframe(),), "walked the stack"),
        ("import", ("json",), ""),
    ],
)
def test_tries_are_told(event: str, arguments: tuple[Any, ...], words: str, heard: Notices) -> None:
    """What no exercise has a use for becomes a sentence; imports and asyncio's own doings do not."""
    assert _do(heard, event, *arguments) == ([words] if words else [])


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ("ctypes.dlopen", "used ctypes"),
        ("gc.get_objects", "asked the garbage collector for objects"),
        ("sys._current_frames", "looked into other threads"),
        ("sys.addaudithook", "added an audit hook"),
        ("sys.settrace", "traced what is executed"),
    ],
)
def test_some_tries_are_refused(event: str, words: str, heard: Notices) -> None:
    """What searches the memory for the lab's objects raises an error, and is told."""
    with pytest.raises(PermissionError, match=words):
        _do(heard, event, None)
    assert list(heard.seen) == [words]


def test_others_are_not_blamed_on_the_file(heard: Notices) -> None:
    """What happens without a line of the file on the stack is not its doing."""
    assert _do(heard, "os.fork", filename="lab.py") == []


def test_a_library_may_walk_the_stack(heard: Notices) -> None:
    """`logging` and `dataclasses` do, on behalf of any file."""
    library = compile("hear('sys._getframe', ())", "logging.py", "exec")
    code = compile("exec(library, {'hear': hear})", "work.py", "exec")
    exec(code, {"library": library, "hear": heard.hear})  # noqa: S102
    assert list(heard.seen) == []


def test_nothing_is_noticed_before_the_file_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lab's own preparations draw no flag."""
    monkeypatch.setattr(sys, "addaudithook", lambda _hook: None)
    assert _do(Notices(), "os.fork") == []


def test_the_list_is_bounded(heard: Notices, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sentence stands there once, with a length and a number that nobody can exceed."""
    for number in range(notices._MOST + 5):
        _do(heard, "os.remove", f"/{number}" + "x" * 1_000, -1)
        _do(heard, "os.remove", "/0" + "x" * 1_000, -1)
    assert len(heard.seen) == notices._MOST
    assert max(map(len, heard.seen)) < 200


def test_looking_is_not_heard(heard: Notices) -> None:
    """To find out where an event comes from causes further ones, which are let pass."""
    heard._busy = True
    assert _do(heard, "os.fork") == []
