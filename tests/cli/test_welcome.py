"""The first start: a welcome, once, for a person at a terminal and never for a program."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grader.cli import displays, watch
from grader.practice.progress import open_store, place
from grader.practice.state import State
from grader.results import ExerciseResult, Outcome
from tests.cli.conftest import NAMES, Judge, Ran, Run, result_of
from tests.cli.test_watch import Script, Workers, judged
from tests.course import copy_course, environment

GREETING = "You need four things"


@pytest.fixture
def terminal(run: Run, fake: Judge, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command for somebody at a plain terminal, in a course that nobody has begun."""
    fake.judging = lambda name, _seed: result_of(name, Outcome.NOT_STARTED)
    monkeypatch.setenv("TERM", "dumb")

    def command(*words: str) -> Ran:
        with monkeypatch.context() as patched:
            patched.setattr(sys.stdout, "isatty", lambda: True)
            return run(*words)

    return command


def test_the_first_grade(terminal: Run, fake: Judge) -> None:
    """The loop stands there with this course's file and commands that work, once."""
    ran = terminal()
    assert ran.code == 10
    assert ran.out.count(GREETING) == 1
    for words in (f"exercises/{NAMES[0]}.py", "watch", "timeline ex1", "hint ex1", "lesson start"):
        assert words in ran.out
    assert "Not started yet" not in ran.out
    assert fake.asked[-1][0] == [NAMES[0]]
    assert fake.stubs is True  # so that there is something to draw


def test_only_once(terminal: Run) -> None:
    """The second start is like any other, though still nothing is begun."""
    terminal()
    again = terminal()
    assert GREETING not in again.out
    assert "Not started yet" in again.out


@pytest.mark.parametrize(
    "words", [("ex1",), ("--all",), ("--json", "-"), ("--problems",), ("grade", "ex1", "ex2")]
)
def test_who_asks_for_something_gets_that(terminal: Run, words: tuple[str, ...]) -> None:
    """It is kept for the first time that somebody asks for nothing in particular."""
    ran = terminal(*words)
    assert GREETING not in ran.out
    if "--json" in words:
        assert json.loads(ran.out)["schema"] == 1
    assert GREETING in terminal().out


def test_no_terminal(run: Run, fake: Judge) -> None:
    """A script or a CI job gets what it always gets, and uses up nobody's welcome."""
    fake.judging = lambda name, _seed: result_of(name, Outcome.NOT_STARTED)
    assert GREETING not in run().out
    assert "Not started yet" in run().out


def _begin(course: Path) -> None:
    (course / "exercises" / f"{NAMES[1]}.py").write_text("x = 1\n", encoding="utf-8")


def _have_passed(course: Path) -> None:
    with open_store(place(course)) as store:
        store.record(result_of(NAMES[0], Outcome.PASSED), None)


def _lose(course: Path) -> None:
    (course / "exercises" / f"{NAMES[2]}.py").unlink()


@pytest.mark.parametrize("do", [_begin, _have_passed, _lose])
def test_who_has_begun_is_not_welcomed(
    terminal: Run, course: Path, do: Callable[[Path], None]
) -> None:
    """A stub that was touched, or progress of before: they know their way."""
    do(course)
    assert GREETING not in terminal().out


def test_somebody_elses_folder(terminal: Run, course: Path) -> None:
    """There nobody starts anything."""
    assert GREETING not in terminal("--from", str(course / "solutions")).out


def test_a_folder_made_by_init(mine: Path, terminal: Run) -> None:
    """The welcome names its file and the installed command's steps."""
    out = terminal().out
    assert GREETING in out
    assert f"exercises/{NAMES[0]}.py" in out
    assert GREETING not in terminal().out


# -- watch -----------------------------------------------------------------------------------------


def _untouched(name: str) -> ExerciseResult:
    source = Path("exercises", f"{name}.py").read_text(encoding="utf-8")
    outcome = Outcome.NOT_STARTED if source.startswith("#") else Outcome.FAILED
    return replace(result_of(name, outcome), source=source)


@pytest.fixture
def play(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[[Script], Script]:
    """Runs `watch` with a script, to its end, in a course whose stubs are told from what is not one."""
    monkeypatch.setattr(watch, "Workers", Workers)
    monkeypatch.setattr(Workers, "judging", _untouched)

    def command(script: Script) -> Script:
        monkeypatch.setattr(displays, "open_display", script.open)
        assert run("watch").code == 0
        assert not script.acts
        return script

    return command


def _at_second(state: State) -> bool:
    return judged(state) and state.current == NAMES[1]


def test_the_first_watch(play: Callable[[Script], Script], course: Path) -> None:
    """It stands there until the stub is touched, and never again."""
    file = course / "exercises" / f"{NAMES[0]}.py"
    script = play(
        Script(
            (lambda state: state.welcomes, lambda: file.write_text("x = 1\n", encoding="utf-8")),
            (lambda state: judged(state) and not state.welcomes, "q"),
        )
    )
    assert script.seen[-1].result is not None
    file.write_text(f"# {NAMES[0]}\n", encoding="utf-8")
    assert not any(state.welcomes for state in play(Script((judged, "q"))).seen)


def test_going_on_ends_it(play: Callable[[Script], Script]) -> None:
    """On another exercise the usual screen stands."""
    script = play(Script((lambda state: state.welcomes, "n"), (_at_second, "q")))
    assert script.seen[-1].welcomes is False


def test_watch_and_grade_share_it(terminal: Run, play: Callable[[Script], Script]) -> None:
    """Whoever was welcomed by one is not by the other."""
    assert GREETING in terminal().out
    assert not any(state.welcomes for state in play(Script((judged, "q"))).seen)


# -- as a learner has it ---------------------------------------------------------------------------


@pytest.mark.proof  # it is a copy of the grader that runs
@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
@pytest.mark.parametrize(
    ("columns", "more"), [(60, {}), (80, {"NO_COLOR": "1"}), (120, {"PYTHONIOENCODING": "ascii"})]
)
def test_on_a_real_terminal(tmp_path: Path, columns: int, more: dict[str, str]) -> None:
    """The stub's timeline is drawn at once, within the window, in no colour or sign that it lacks."""
    course = copy_course(tmp_path)
    env = environment(course, TERM="xterm", **more)
    first = _on_terminal(course, env, columns)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", first)
    greeting = text[text.index("Welcome") :]
    assert "maxsize" in greeting
    assert "nothing holds" in " ".join(greeting.split())
    assert max(map(len, greeting.splitlines()[1:])) <= columns
    if "NO_COLOR" in more:
        assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", first)
    if "PYTHONIOENCODING" in more:
        assert greeting.isascii()
    assert GREETING not in _on_terminal(course, env, columns)


def _on_terminal(course: Path, env: dict[str, str], columns: int) -> str:
    """What `python -m grader` writes to a terminal of this width."""
    import fcntl  # noqa: PLC0415 - not on every system
    import pty  # noqa: PLC0415 - likewise
    import struct  # noqa: PLC0415
    import termios  # noqa: PLC0415

    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        os.chdir(course)
        os.execve(sys.executable, [sys.executable, "-m", "grader"], env)  # noqa: S606 - the child of a fork
    written = b""
    try:
        while more := os.read(terminal, 1 << 16):
            written += more
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 10
    return written.decode("utf-8", "replace").replace("\r\n", "\n")
