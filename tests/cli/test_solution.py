"""`solution`: the reference after a pass, and for those who ask twice."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from grader.course import catalog
from grader.course.api import Exercise
from grader.errors import CourseError
from grader.results import Outcome
from tests.cli.conftest import NAMES, Judge, Run, result_of

ABOUT = Exercise("T", "lesson", "t", "It serves everywhere.", (("More", "https://example.org"),))


@pytest.fixture(autouse=True)
def references(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reference for each exercise of the small course, and what it is good for."""
    for name in NAMES:
        (course / "solutions" / f"{name}.py").write_text("answer = 42\n", encoding="utf-8")
    monkeypatch.setattr(catalog, "declared", lambda _exercise: ABOUT)


def test_after_a_pass(run: Run, fake: Judge) -> None:
    """The reference beside the learner's, what it is good for, and what to read next."""
    ran = run("solution", "ex2")
    assert ran.code == 0
    assert "- pass" in ran.out
    assert "+ answer = 42" in ran.out
    assert "It serves everywhere." in ran.out
    assert "https://example.org" in ran.out
    assert fake.asked[0][0] == [NAMES[1]]


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.NOT_STARTED, Outcome.MISSING])
def test_before(run: Run, fake: Judge, outcome: Outcome) -> None:
    """Before that it declines, and says how to see it all the same."""
    fake.outcomes = {2: outcome}
    ran = run("solution", "ex2")
    assert ran.code == 10
    assert "answer" not in ran.out
    assert "python -m grader solution ex2 --spoil" in ran.out


def test_spoiled(run: Run, fake: Judge) -> None:
    """Whoever asks for it gets it."""
    fake.outcomes = {2: Outcome.FAILED}
    ran = run("solution", "ex2", "--spoil")
    assert (ran.code, "+ answer = 42" in ran.out) == (0, True)


def test_spoiled_without_a_file(run: Run, fake: Judge) -> None:
    """Where the learner has none, the whole of the reference is new."""
    made = result_of(NAMES[1], Outcome.MISSING)
    fake.judging = lambda _exercise, _seed: replace(made, source="")
    ran = run("solution", "ex2", "--spoil")
    assert "There is no" in ran.out
    assert "+ answer = 42" in ran.out


def test_the_same(run: Run, fake: Judge, course: Path) -> None:
    """Who wrote the very same is told so."""
    (course / "solutions" / f"{NAMES[0]}.py").write_text("pass\n", encoding="utf-8")
    assert "line by line" in run("solution", "1").out


def test_a_fault_of_the_grader(run: Run, fake: Judge) -> None:
    """Nothing is shown, and nobody blamed, when the grader itself failed."""
    fake.outcomes = {2: Outcome.UNGRADED}
    ran = run("solution", "ex2")
    assert (ran.code, "not yours" in ran.out) == (3, True)


def test_a_reference_that_is_gone(run: Run, course: Path) -> None:
    """One line says which file to restore."""
    (course / "solutions" / f"{NAMES[0]}.py").unlink()
    ran = run("solution", "1")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "git checkout" in ran.err


def test_what_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every exercise of the course says what it is good for, and what to read next."""
    monkeypatch.undo()
    catalog.exercises.cache_clear()
    for entry in catalog.exercises():
        about = catalog.declared(entry.id)
        assert about.title == entry.title
        assert about.in_production.count(".") >= 3
        assert all(address.startswith("https://") for _title, address in about.read_next)
        assert about.read_next


def test_checks_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its checks an exercise declares nothing, and the error says which."""
    monkeypatch.undo()
    monkeypatch.setattr(importlib, "import_module", lambda _name: SimpleNamespace())
    monkeypatch.setattr(catalog, "import_module", importlib.import_module)
    with pytest.raises(CourseError, match="checks of ex1"):
        catalog.declared("ex1_add_maxsize")
