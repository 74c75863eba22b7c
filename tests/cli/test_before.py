"""`timeline --before`: what failed, with the code of then and of now, in one scenario."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grader.practice.progress import open_store, place
from grader.results import Outcome
from tests.cli.conftest import NAMES, Judge, Run, result_of
from tests.course import copy_course, environment, save

EXERCISE = "ex3_add_backoff"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course of one's own, in which real code is graded."""
    return copy_course(tmp_path_factory.mktemp("course"))


def _grade(course: Path, *words: str) -> str:
    """What the command says; a screen of 100 columns breaks hardly any sentence."""
    ran = subprocess.run(
        [sys.executable, "-m", "grader", *words],
        cwd=course,
        env=environment(course, COLUMNS="100"),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
    assert ran.returncode in (0, 10), ran.stderr
    return ran.stdout


@pytest.mark.proof  # it is a copy of the grader that runs
def test_one_scenario_twice(real: Path) -> None:
    """First the stub stands in for what failed; then it is the learner's own version."""
    untouched = _grade(real, "timeline", "ex3", "--before")
    assert "Before: the stub as it came" in untouched
    assert "Now: it still goes wrong." in untouched
    solution = (real / "solutions" / f"{EXERCISE}.py").read_text(encoding="utf-8")
    constant = re.sub(r"await asyncio\.sleep\(.*\)", "await asyncio.sleep(delay)", solution)
    assert constant.count("await asyncio.sleep(delay)") > 0
    save(real, EXERCISE, constant)
    seed = re.search(r"seed (\d+)", _grade(real, "ex3"))
    assert seed is not None
    save(real, EXERCISE, "def consumer(:\n")  # of which nothing is kept: there is nothing to see
    assert "SyntaxError" in _grade(real, "ex3")
    save(real, EXERCISE, solution)
    assert "timeline ex3 --before" in _grade(real, "ex3")
    said = _grade(real, "timeline", "ex3", "--before")
    before, _, now = said.partition("Now: the same scenario with your code as it is.")
    assert "your code when it failed last, on " in before
    called = re.compile(r"Called: [^.]*(?:\.\d[^.]*)*\.")
    assert called.findall(before) == called.findall(now) != []
    titles = [re.search(r"(\d+)\. (Waits \S+ before)", part) for part in (before, now)]
    assert titles[0] is not None
    assert titles[1] is not None
    assert titles[0].groups() == titles[1].groups()
    assert before.count("too short") > 0 == now.count("too short")
    for part in (before, now):
        assert re.search(r"^C1  ", part, re.MULTILINE)
    _grade(real, "reset", "ex3")
    _grade(real, "ex3")
    assert "your code when it failed last, on " in _grade(real, "timeline", "ex3", "--before")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--svg", "x.svg"), "leave --svg and --html out"),
        (("--html", "x.html"), "leave --svg and --html out"),
        (("--from", "solutions"), "in your own folder: leave --from"),
    ],
)
def test_what_does_not_go_with_it(run: Run, words: tuple[str, ...], says: str) -> None:
    """It is the learner's own history, on the screen."""
    ran = run("timeline", "ex1", "--before", *words)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err


def test_it_is_offered_after_a_pass(run: Run, fake: Judge) -> None:
    """In one's own folder; of another nothing is known."""
    assert "timeline ex2 --before" in run("ex2").out
    assert "--before" not in run("ex2", "--from", "solutions").out
    fake.outcomes = {2: Outcome.FAILED}
    assert "--before" not in run("ex2").out


def test_a_reset_keeps_what_failed(run: Run, fake: Judge, course: Path) -> None:
    """After a reset, and a look at the stub, it is still the learner's own version that failed last."""
    mine = replace(result_of(NAMES[0], Outcome.FAILED), seed=4, source="x = 1\n")
    with open_store(place(course)) as store:
        store.keep_failure(mine)
    file = course / "exercises" / f"{NAMES[0]}.py"
    file.write_text(mine.source, encoding="utf-8")
    assert run("reset", "ex1").code == 0
    assert file.read_text(encoding="utf-8") != mine.source
    fake.outcomes = {1: Outcome.NOT_STARTED}
    run("ex1")
    with open_store(place(course)) as store:
        failed = store.failure(NAMES[0])
    assert failed is not None
    assert (failed.source, failed.seed) == (mine.source, 4)
