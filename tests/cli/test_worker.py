"""The process that grades for `watch`: it answers as it should, and never stays behind."""

from __future__ import annotations

import contextlib
import subprocess
from argparse import Namespace
from pathlib import Path

import pytest

from grader.cli import worker
from grader.course import catalog
from grader.errors import GraderFault
from grader.judge import Silent
from grader.results import Outcome
from grader.wire import Advanced, Graded, Ready, Request, answer_in, request_line
from tests.cli.conftest import NAMES, Judge
from tests.course import SPINS, environment, eventually, processes_of

FIRST = "ex1_add_maxsize"
OPTIONS = Namespace(folder=None, seed=None, fork=True, trust=False)


def no_checks(*_arguments: object) -> str:
    """Stands in for an open session."""
    raise AssertionError("the judge of these tests runs no checks")


def test_a_run(course: Path, fake: Judge) -> None:
    """The verdicts have their seeds; stubs are judged too, in the session that is open."""
    fake.outcomes = {2: Outcome.FAILED}
    graded = worker.grade(OPTIONS, Request(4, list(NAMES[:2])), no_checks, Silent())
    assert graded.run == 4
    assert [result.outcome for result in graded.results] == [Outcome.PASSED, Outcome.FAILED]
    assert all(result.seed is not None for result in graded.results)
    assert fake.stubs is True
    assert fake.run_checks is no_checks


def test_trouble(course: Path, fake: Judge) -> None:
    """What goes wrong is the server's to tell."""
    fake.error = GraderFault("No process.")
    with pytest.raises(GraderFault, match="No process"):
        worker.grade(OPTIONS, Request(1, [NAMES[0]]), no_checks, Silent())


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
        assert answer_in(process.stdout.readline()) == Ready()
        process.stdin.write(request_line(Request(1, ["ex2_build_retry_loop"])))
        process.stdin.flush()
        while isinstance(event := answer_in(process.stdout.readline()), Advanced):
            assert event.run == 1
        assert isinstance(event, Graded)
        assert [(one.outcome, one.seed) for one in event.results] == [(Outcome.PASSED, 7)]
        process.stdin.write(request_line(Request(2, [FIRST])))
        process.stdin.flush()
        assert isinstance(answer_in(process.stdout.readline()), Advanced)
        with contextlib.suppress(OSError):
            process.stdin.close()
        assert process.wait(60) == 0
    # Learners' processes have no environment of ours to be known by: their folder tells them.
    eventually(lambda: not list(temporary.iterdir()), lambda: f"{list(temporary.iterdir())}")
    eventually(lambda: not processes_of(str(temporary)), lambda: f"{processes_of(str(temporary))}")
