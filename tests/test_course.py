"""The course itself: every stub, reference and checks module is as its readers expect it."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from grader.cli.dev_subgoals import trouble
from grader.course import catalog
from grader.course.api import spec_of
from grader.course.catalog import Entry
from grader.course.points import points
from grader.judge.prefetch import not_run
from grader.judge.unjudged import checks_of
from grader.render.subgoals import subgoal_line
from grader.results import Outcome, Why
from tests.grading import by_command, grade_sources
from tests.render.drawing import draw

ENTRIES = catalog.exercises()
IDS = [entry.id for entry in ENTRIES]
every_exercise = pytest.mark.parametrize("entry", ENTRIES, ids=IDS)


@every_exercise
def test_every_subgoal_says_where_to_read(entry: Entry) -> None:
    """Checks and the contract have numbers of their own: a subgoal's line names the contract's points."""
    named = points(entry.id)
    assert [*named] == [*catalog.declared(entry.id).subgoals]
    for check in checks_of(entry):
        line = draw(subgoal_line(entry.id, check.subgoal, [check]), 80)
        assert f"{check.subgoal}  0 of 1  (contract: {named[check.subgoal]})" in line
    assert all(re.fullmatch(r"\d( to \d|(, \d)*)", where) for where in named.values())


def test_solutions_pass() -> None:
    """The references pass everything, with exit code 0."""
    code, data, _errors = by_command("grade", "--from", "solutions")
    assert code == 0
    assert data["passed"] is True
    assert data["score"] == data["max_score"] > 0


def test_untouched_stubs_are_not_started() -> None:
    """On the untouched stubs every exercise is `not_started`, which is no failure of the tool."""
    code, data, _errors = by_command("grade", "--from", "exercises")
    assert code == 10
    assert {one["outcome"] for one in data["exercises"]} == {"not_started"}
    assert data["score"] == 0


def test_touched_stubs_fail_with_a_hint() -> None:
    """A stub with a comment added fails with a message that helps, and no misleading deadlock."""
    sources = {entry.id: entry.stub.read_text() + "\n# trying\n" for entry in ENTRIES}
    for exercise, result in grade_sources(sources).items():
        failure = result.first_failure
        assert result.outcome is Outcome.FAILED
        assert failure is not None
        assert failure.misconception is not None
        assert failure.hint
        deadlocked = failure.why is Why.DEADLOCK
        assert deadlocked == (exercise == "ex5_fix_task_done")


def test_a_stub_of_an_older_course_is_not_started() -> None:
    """What the assignment at the top says is no work: it may be older, or hold the learner's notes."""
    stubs = {entry.id: entry.stub.read_text() for entry in ENTRIES}
    older = {
        one: text.replace('"""', '"""Older words.\n\n', 1).replace("\n", "\r\n")
        for one, text in stubs.items()
    }
    assert all(older[one] != text for one, text in stubs.items())
    outcomes = {result.outcome for result in grade_sources(older).values()}
    assert outcomes == {Outcome.NOT_STARTED}


@every_exercise
def test_pristine_stub_is_fresh(entry: Entry) -> None:
    """What the grader knows of the stub is what is handed out; else: `python -m grader dev stubs`."""
    assert catalog.pristine(entry.id) == entry.stub.read_text(encoding="utf-8")


@every_exercise
def test_the_list_of_checks_is_fresh(entry: Entry) -> None:
    """What is shown of an exercise that nobody has begun is what it has; else likewise."""
    assert entry.checks.with_name("checks.json").exists()
    assert checks_of(entry) == not_run(entry)


@every_exercise
def test_stub_has_its_task(entry: Entry) -> None:
    """A stub opens with the assignment, and marks where to work; its reference has no TODO."""
    source = entry.stub.read_text(encoding="utf-8")
    assert len(ast.get_docstring(ast.parse(source)) or "") > 500
    assert 1 <= source.count("TODO") <= 3
    assert "TODO" not in entry.solution.read_text(encoding="utf-8")


@pytest.mark.proof
def test_modules_run_by_themselves(tmp_path: Path, subtests: pytest.Subtests) -> None:
    """Stub and reference run in real time, print a live log, and end without a traceback.

    All side by side, since most of the time they sleep.
    """

    def run(path: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-W", "error", str(path)]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=180, check=False, cwd=tmp_path
        )

    paths = [path for entry in ENTRIES for path in (entry.stub, entry.solution)]
    with ThreadPoolExecutor(len(paths)) as threads:
        for path, ran in zip(paths, threads.map(run, paths), strict=True):
            with subtests.test(f"{path.parent.name}/{path.name}"):
                assert ran.returncode == 0, ran.stderr
                assert ran.stderr == ""
                assert len(ran.stdout.splitlines()) >= 5


@every_exercise
def test_checks_are_complete(entry: Entry) -> None:
    """Several checks, each with points, a title in plain words and at least three hints."""
    module = importlib.import_module(entry.module)
    specs = [spec for spec in map(spec_of, vars(module).values()) if spec is not None]
    assert len(specs) >= 5
    names = [spec.name for spec in specs]
    for place, spec in enumerate(specs):
        assert spec.points >= 1
        assert len(spec.hints) >= 3
        assert spec.title.endswith(".")
        assert set(spec.needs) <= set(names[:place]), f"{spec.name} needs what comes later"


@every_exercise
def test_checks_stand_under_subgoals(entry: Entry) -> None:
    """Three or four, named by the stub and the page of the lesson as the checks declare them."""
    assert [*trouble(entry, not_run(entry))] == []
    assert all(check.subgoal for check in checks_of(entry))


def test_no_stray_files() -> None:
    """The folders of the course hold the exercises' modules and nothing else."""
    root = catalog.find_root()
    for folder in ("exercises", "solutions"):
        names = {path.stem for path in (root / folder).glob("*.py")}
        assert names == set(IDS)


def test_adding_an_exercise_is_three_places() -> None:
    """Every exercise is found by its name alone: stub, reference and the folder of its checks."""
    for entry in ENTRIES:
        assert entry.stub.stem == entry.solution.stem == entry.checks.parent.name == entry.id
        assert entry.stub.is_file()
        assert entry.solution.is_file()


UNUSABLE = {
    b"": "empty",
    b"x = '\xff'\n": "UTF-8",
    b"x = '\0'\n": "NUL",
    b"# " + b"x" * 300_000: "larger",
}


@pytest.mark.parametrize("data", UNUSABLE, ids=list(UNUSABLE.values()))
def test_unusable_files_say_why(data: bytes) -> None:
    """An empty file, one that is not UTF-8, one that is too large: one clear line."""
    result = grade_sources({"ex2_build_retry_loop": data})["ex2_build_retry_loop"]
    failure = result.first_failure
    assert result.outcome is Outcome.FAILED
    assert failure is not None
    assert failure.why is Why.IMPORT
    assert UNUSABLE[data] in failure.message
    assert "\n" not in failure.message


def test_a_byte_order_mark_is_no_mistake() -> None:
    """A file saved as UTF-8 with a byte order mark, and with Windows line ends, is graded."""
    source = (catalog.find_root() / "solutions" / "ex2_build_retry_loop.py").read_bytes()
    saved = b"\xef\xbb\xbf" + source.replace(b"\n", b"\r\n")
    result = grade_sources({"ex2_build_retry_loop": saved})["ex2_build_retry_loop"]
    assert result.outcome is Outcome.PASSED


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    """A module that is not there is `missing`, and costs no other its verdict."""
    source = (catalog.find_root() / "solutions" / "ex1_add_maxsize.py").read_text()
    (tmp_path / "ex1_add_maxsize.py").write_text(source)
    code, data, _errors = by_command("grade", "ex1", "ex2", "--from", str(tmp_path))
    assert code == 10
    assert [one["outcome"] for one in data["exercises"]] == ["passed", "missing"]
