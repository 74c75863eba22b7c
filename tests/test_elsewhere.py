"""The learner's loop on systems that are not POSIX: everything such a system lacks is taken away.

Every Python of these tests, the learners' too, is started by a program that takes it away first. It
shows that nothing is missed; that it works on Windows was not seen by this.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.course import SPINS, Talk, copy_course, environment, eventually, processes_of, save

WITHOUT = '''\
#!{python}
"""Python on a system that lacks what only POSIX has."""
import faulthandler, os, runpy, select, signal, socket, subprocess, sys, time

for name in ("fcntl", "grp", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty"):
    sys.modules[name] = None

for module, names in (
    (os, "fork forkpty killpg setsid setpgid getpgid getpgrp getuid geteuid getgid set_blocking "
         "openpty fpathconf mkfifo sched_getaffinity register_at_fork"),
    (signal, "SIGKILL SIGPROF SIGALRM SIGVTALRM SIGHUP SIGCONT SIGTSTP SIGWINCH SIGCHLD setitimer "
             "getitimer ITIMER_REAL ITIMER_PROF ITIMER_VIRTUAL alarm pthread_kill pthread_sigmask"),
    (select, "poll epoll kqueue devpoll"),
    (socket, "send_fds recv_fds"),
    (faulthandler, "register unregister"),
    (time, "tzset"),
):
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
subprocess.Popen.kill = subprocess.Popen.terminate

sys.executable = os.path.abspath(__file__)
sys.path[0] = os.getcwd()
words = sys.argv[1:]
while words[0] not in ("-c", "-m"):
    words.pop(0)  # flags of the interpreter
how, what, *rest = words
sys.argv[:] = [how, *rest]
if how == "-m":
    runpy.run_module(what, run_name="__main__", alter_sys=True)
else:
    exec(compile(what, "<string>", "exec"), sys.modules["__main__"].__dict__)
'''

pytestmark = pytest.mark.proof  # and it is a copy of the grader that runs

FIRST = "ex1_add_maxsize"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with a Python of its own."""
    root = copy_course(tmp_path_factory.mktemp("elsewhere"))
    python = root / "python"
    python.write_text(WITHOUT.format(python=sys.executable), encoding="utf-8")
    python.chmod(0o755)
    return root


@pytest.fixture
def run(course: Path) -> Run:
    """Runs a command to its end."""

    def command(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(course / "python"), "-m", "grader", *words],
            cwd=course,
            env=environment(course),
            capture_output=True,
            text=True,
            check=False,
            encoding="utf-8",
        )

    return command


def test_it_is_really_gone(course: Path) -> None:
    """The tests of this module prove something."""
    code = "import os, signal; print(hasattr(os, 'fork'), hasattr(signal, 'SIGKILL')); import pwd"
    done = subprocess.run(
        [str(course / "python"), "-c", code], capture_output=True, text=True, check=False
    )
    assert done.stdout == "False False\n"
    assert "No module named 'pwd'" in done.stderr or "import of pwd halted" in done.stderr


def test_grade_hint_list_and_reset(course: Path, run: Run) -> None:
    """The commands of the learner's loop do what they do everywhere."""
    assert run("ex1").returncode == 10
    save(course, FIRST, (course / "solutions" / f"{FIRST}.py").read_text(encoding="utf-8"))
    passed = run("ex1")
    assert (passed.returncode, passed.stderr) == (0, "")
    save(course, FIRST, "import asyncio\nasync def run_pipeline(items, work): os._exit(3)\n")
    failed = run("ex1")
    assert (failed.returncode, failed.stderr) == (10, "")
    hinted = run("hint", "ex1")
    assert "Hint 2 of" in hinted.stdout
    assert "not yet" in run("list").stdout
    assert "Your version is kept as" in run("reset", "ex1").stdout
    assert "not started" in run("list").stdout + run("ex1").stdout


def test_all_references_pass(run: Run) -> None:
    """Nothing that any check observes needs what was taken away."""
    done = run("--from", "solutions")
    assert done.returncode == 0, done.stdout + done.stderr


def test_watch(course: Path) -> None:
    """Saves and keys work, during a hang too; nothing is left of what was started."""
    mark = "GRADER_TEST=elsewhere"
    env = environment(course, GRADER_TEST="elsewhere")
    words = [str(course / "python"), "-m", "grader", "watch", "ex1"]
    solution = (course / "solutions" / f"{FIRST}.py").read_text(encoding="utf-8")
    with Talk(words, course, env) as watch:
        watch.hear("Type a letter and Enter")
        watch.hear("not started")
        save(course, FIRST, SPINS)
        watch.say("?")
        watch.hear("puts the stub back")
        save(course, FIRST, solution)
        watch.hear("passed: ")
        watch.say("n")
        watch.hear("ex2")
        watch.say("q")
        assert watch.end() == 0
    eventually(lambda: not processes_of(mark), f"the end of {processes_of(mark)}")
