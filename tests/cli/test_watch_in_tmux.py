"""`watch` as a learner has it: in a terminal, by keys; and the terminal as it was before."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course.catalog import exercises
from tests.course import SPINS, copy_course, environment, eventually, processes_of, save

pytestmark = [
    pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux here"),
]

FIRST = "ex1_add_maxsize"
ALL = len(exercises())
NEVER_DONE = "        q.task_done()\n"


class Tmux:
    """A shell in a window of tmux, on a socket of its own."""

    def __init__(
        self, folder: Path, env: dict[str, str], width: int = 80, height: int = 24
    ) -> None:
        self._socket = folder / "tmux"
        self._env = env
        size = ("-x", str(width), "-y", str(height))
        self("-f", "/dev/null", "new-session", "-d", *size, "sh")
        self.folder = folder
        self.line("PS1='$ '; set +o emacs; export TERM=screen")

    def __call__(self, *words: str) -> str:
        command = ["tmux", "-S", str(self._socket), *words]
        done = subprocess.run(command, env=self._env, capture_output=True, text=True, check=True)
        return done.stdout

    @property
    def screen(self) -> str:
        return self("capture-pane", "-p")

    def keys(self, *keys: str) -> None:
        """Press keys, in tmux's names."""
        self("send-keys", *keys)

    def line(self, text: str) -> None:
        """Type a line."""
        self("send-keys", "-l", text)
        self("send-keys", "Enter")

    def see(self, *patterns: str) -> str:
        """Wait for a screen on which all of the patterns are."""
        eventually(
            lambda: all(re.search(pattern, self.screen, re.MULTILINE) for pattern in patterns),
            lambda: f"{patterns} in\n{self.screen}",
        )
        return self.screen

    def stty(self) -> str:
        """The terminal's attributes, as the shell has them."""
        file = self.folder / "stty"
        file.unlink(missing_ok=True)
        self.line(f"stty -a > {file}.new; mv {file}.new {file}")
        eventually(file.exists, lambda: f"stty in\n{self.screen}")
        return file.read_text(encoding="utf-8")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of one's own."""
    return copy_course(tmp_path)


@pytest.fixture
def tmux(course: Path) -> Iterator[Tmux]:
    """A window whose shell is in the course's folder."""
    mark = {"GRADER_TEST": str(course)}
    window = Tmux(course, environment(course, EDITOR="true", **mark))
    window.line(f"cd {shlex.quote(str(course))}")
    try:
        yield window
    finally:
        window("kill-server")
    # Not the shell nor anything that it started is left, the watcher's workers included.
    eventually(lambda: not processes_of(str(course)), lambda: "\n".join(processes_of(str(course))))


def _watch(tmux: Tmux, *words: str) -> None:
    tmux.line(shlex.join([sys.executable, "-m", "grader", "watch", *words]) + "; echo code $?")


def _solution(course: Path) -> str:
    return (course / "solutions" / f"{FIRST}.py").read_text(encoding="utf-8")


def _wrong(course: Path) -> str:
    code = _solution(course)
    assert code.count(NEVER_DONE) == 1
    return code.replace(NEVER_DONE, "")


def test_a_session(course: Path, tmux: Tmux) -> None:
    """Fail, hint twice, edit, pass, next, list, reset, quit; the terminal is as it was."""
    before = tmux.stty()
    save(course, FIRST, _wrong(course))
    _watch(tmux)
    tmux.see(f"ex1 .*0 of {ALL} done", "not yet: .* of 8 checks pass", "deadlock", "Hint 1 of 3: ")
    tmux.keys("h")
    tmux.see("Hint 2 of 3: ")
    tmux.keys("h")
    tmux.see("Hint 3 of 3: ")
    tmux.keys("e")  # an editor that leaves at once
    save(course, FIRST, _solution(course))
    tmux.see("passed: 8 checks, 10 points", f"1 of {ALL} done", "n next: ex2")
    tmux.keys("n")
    tmux.see("ex2 │ Build", "not started")
    tmux.keys("l")
    tmux.see(">  ex2", r"  ex1 .*passed")
    tmux.keys("g", "Enter")
    tmux.see("ex1 │ Add", "passed: 8 checks")
    tmux.keys("x")
    tmux.see("Put ex1 back as it came")
    tmux.keys("y")
    tmux.see("not started", f"0 of {ALL} done", "Your version is kept as")
    tmux.keys("q")
    tmux.see(rf"0 of {ALL} done\. Carry on: python -m grader watch\ncode 0")
    assert tmux.stty() == before
    assert [backup.read_text("utf-8") for backup in course.glob("exercises/backups/*")] == [
        _solution(course)
    ]


def test_a_save_during_an_endless_loop(course: Path, tmux: Tmux) -> None:
    """A program that spins keeps nobody from pressing a key, or from a verdict on the next save."""
    save(course, FIRST, SPINS)
    _watch(tmux)
    tmux.see("grading: check 1 of 8")
    tmux.keys("?")
    tmux.see("puts the stub back")
    tmux.keys("Escape")
    save(course, FIRST, _solution(course))
    tmux.see("passed: 8 checks")
    assert "never yields" not in tmux.screen
    tmux.keys("q")
    tmux.see("code 0")


@pytest.mark.parametrize("way", ["C-c", "TERM", "HUP", "hang"])
def test_the_terminal_is_put_back(course: Path, tmux: Tmux, way: str) -> None:
    """Ctrl-C and signals, also while a program spins, leave a terminal that works, and no process."""
    before = tmux.stty()
    if way == "hang":
        save(course, FIRST, SPINS)
    _watch(tmux)
    tmux.see("check 1 of 8" if way == "hang" else "not started")
    if way in ("C-c", "hang"):
        tmux.keys("C-c")
        tmux.see("Stopped.", "code 130")
    else:
        number = getattr(signal, f"SIG{way}")
        os.kill(_watcher(course), number)
        tmux.see(f"code {128 + number}")
    assert tmux.stty() == before
    assert "1049" not in tmux.screen
    eventually(lambda: not _graders(course), lambda: f"the end of {_graders(course)}")


def test_killed_at_once(course: Path, tmux: Tmux) -> None:
    """When the watcher is killed while a program spins, all that it started ends by itself."""
    save(course, FIRST, SPINS)
    _watch(tmux)
    tmux.see("check 1 of 8")
    os.kill(_watcher(course), signal.SIGKILL)
    eventually(lambda: not _graders(course), lambda: f"the end of {_graders(course)}")


def test_suspended(course: Path, tmux: Tmux) -> None:
    """Ctrl-Z gives the terminal back as it was, `fg` goes on where one was."""
    before = tmux.stty()
    tmux.line(shlex.join([sys.executable, "-m", "grader", "watch"]))
    tmux.see("not started")
    tmux.keys("C-z")
    tmux.see("Stopped", r"\$\s*\Z")
    assert tmux.stty() == before
    save(course, FIRST, _solution(course))
    tmux.line("fg")
    tmux.see("passed: 8 checks")
    tmux.keys("q")
    tmux.see(f"1 of {ALL} done. Carry on")
    assert tmux.stty() == before


def test_an_editor_in_the_terminal(course: Path, tmux: Tmux) -> None:
    """The editor gets the terminal and the keys; what it saves is graded when one comes back."""
    editor = course / "editor"
    editor.write_text(
        '#!/bin/sh\nread -p "your editor: " line\nprintf "%s" "$line" > typed\n'
        f"cp solutions/{FIRST}.py exercises/{FIRST}.py\n",
        encoding="utf-8",
    )
    editor.chmod(0o755)
    before = tmux.stty()
    tmux.line(f"export EDITOR={shlex.quote(str(editor))}")
    _watch(tmux)
    tmux.see("not started")
    tmux.keys("e")
    tmux.see("^your editor:")
    tmux.line("quite long: q n x y")
    tmux.see("passed: 8 checks")
    assert (course / "typed").read_text(encoding="utf-8") == "quite long: q n x y"
    tmux.keys("q")
    tmux.see("code 0")
    assert tmux.stty() == before


def test_a_window_that_is_resized(course: Path, tmux: Tmux) -> None:
    """The screen is drawn anew for its new size; what does not fit is scrolled to."""
    save(course, FIRST, _wrong(course))
    _watch(tmux)
    tmux.see("not yet: ", "q quit")
    tmux("resize-window", "-x", "60", "-y", "20")
    tmux.see(r"lines 1\S\d+ of \d+, j k scroll", r"n skip .* q quit")
    assert max(map(len, tmux.screen.splitlines())) <= 60
    tmux.keys("G")
    tmux.see(r"lines \d+\D(\d+) of \1,")
    tmux("resize-window", "-x", "120", "-y", "60")
    tmux.see("Hint 1 of 3: ", "Any items will do")
    tmux.keys("q")
    tmux.see("code 0")


def _graders(course: Path) -> list[str]:
    return [words for words in processes_of(f"GRADER_TEST={course}") if "grader" in words]


def _watcher(course: Path) -> int:
    """The process of `python -m grader watch`."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        words = path.read_bytes().split(b"\0") if path.exists() else []
        if b"watch" in words and str(course).encode() in path.with_name("environ").read_bytes():
            return int(path.parent.name)
    raise AssertionError("there is no watcher")
