"""The process that grades for `watch`: it answers as it should, and never stays behind."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.cli import worker
from grader.course import catalog
from grader.errors import GraderFault
from grader.practice.events import Advanced, Graded, Progress, Troubled
from grader.practice.wire import event_in, request_line
from grader.results import Outcome
from tests.cli.conftest import NAMES, Judge
from tests.course import SPINS, environment, eventually, processes_of

FIRST = "ex1_add_maxsize"


class Line:
    """The other end of a worker that serves in this process."""

    def __init__(self, options: Namespace) -> None:
        self._requests, ours = os.pipe()
        theirs, self._answers = os.pipe()
        self._out = os.fdopen(ours, "wb", buffering=0)
        self._in = os.fdopen(theirs, "rb")
        arguments = (self._requests, self._answers, options)
        self._thread = threading.Thread(target=worker.serve, args=arguments)
        self._thread.start()

    def ask(self, run: int, *exercises: str) -> None:
        self._out.write(request_line(run, exercises))

    def hear(self) -> Advanced | Graded | Troubled | None:
        return event_in(self._in.readline())

    def close(self) -> None:
        self._out.close()
        self._thread.join(60)
        assert not self._thread.is_alive()
        for fd in (self._requests, self._answers):
            os.close(fd)
        self._in.close()


@pytest.fixture
def line(course: Path, fake: Judge, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """A worker on the small course; at its end only its thread ends, not this process."""
    monkeypatch.setattr(worker, "_end", lambda: None)
    one = Line(Namespace(folder=None, seed=None, fork=True, trust=False))
    yield one
    one.close()


def test_a_run(line: Line, fake: Judge) -> None:
    """First it says that it is warm; then how far a run is, then the verdicts, with their seeds."""
    fake.outcomes = {2: Outcome.FAILED}
    assert line.hear() is None
    line.ask(4, *NAMES[:2])
    assert line.hear() == Advanced(4, Progress(NAMES[0], "Does it.", 0, 1))
    assert line.hear() == Advanced(4, Progress(NAMES[1], "Does it.", 1, 2))
    graded = line.hear()
    assert isinstance(graded, Graded)
    assert [result.outcome for result in graded.results] == [Outcome.PASSED, Outcome.FAILED]
    assert all(result.seed is not None for result in graded.results)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (GraderFault("No process."), "No process."),
        (ZeroDivisionError("oh"), "ZeroDivisionError: oh"),
    ],
)
def test_trouble(line: Line, fake: Judge, error: Exception, words: str) -> None:
    """Whatever goes wrong is told, and the next run is graded."""
    line.hear()
    fake.error = error
    line.ask(1, NAMES[0])
    troubled = line.hear()
    assert isinstance(troubled, Troubled)
    assert words in troubled.trouble
    fake.error = None
    line.ask(2, NAMES[0])
    assert isinstance(line.hear(), Advanced)
    assert isinstance(line.hear(), Graded)


def test_nobody_listens(
    course: Path, fake: Judge, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where an answer cannot be sent, the worker ends."""
    ended: list[None] = []
    monkeypatch.setattr(worker, "_end", lambda: ended.append(None))
    read, write = os.pipe()
    os.close(read)
    worker._send(write, b"hello\n")
    os.close(write)
    assert ended == [None]


# -- as a process of its own -----------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Modules of a learner: the first spins, the second is right."""
    (tmp_path / f"{FIRST}.py").write_text(SPINS, encoding="utf-8")
    second = "ex2_build_retry_loop.py"
    solution = catalog.find_root() / "solutions" / second
    (tmp_path / second).write_text(solution.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("fork", "trust"), [(True, False), (True, True), (False, True)])
def test_a_process(folder: Path, *, fork: bool, trust: bool) -> None:
    """It grades, and ends in the middle of a run when its line is closed, with all its processes."""
    words = worker.command(Namespace(folder=folder, seed=7, fork=fork, trust=trust))
    temporary = folder / "tmp"
    temporary.mkdir()
    env = environment(folder, GRADER_TEST=str(folder), TMPDIR=str(temporary))
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert event_in(process.stdout.readline()) is None
        process.stdin.write(request_line(1, ["ex2_build_retry_loop"]))
        process.stdin.flush()
        while isinstance(event := event_in(process.stdout.readline()), Advanced):
            assert event.run == 1
        assert isinstance(event, Graded)
        assert [(one.outcome, one.seed) for one in event.results] == [(Outcome.PASSED, 7)]
        process.stdin.write(request_line(2, [FIRST]))
        process.stdin.flush()
        assert isinstance(event_in(process.stdout.readline()), Advanced)
        with contextlib.suppress(OSError):
            process.stdin.close()
        assert process.wait(60) == 0
    # Learners' processes have no environment of ours to be known by: their folder tells them.
    eventually(lambda: not list(temporary.iterdir()), lambda: f"{list(temporary.iterdir())}")
    eventually(lambda: not processes_of(str(temporary)), lambda: f"{processes_of(str(temporary))}")
