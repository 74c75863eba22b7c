"""Exercises are found by one name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import catalog
from grader.errors import CourseError, UnknownExercise


@pytest.mark.parametrize(
    "name",
    ["ex2_build_retry_loop", "2", "ex2", "retry", "EX2", "ex2_build_retry_loop.py", "build"],
)
def test_resolves_what_people_type(name: str) -> None:
    """An id, a number, a file's name or an unambiguous part of the id will do."""
    assert catalog.resolve(name).id == "ex2_build_retry_loop"


def test_an_ambiguous_name_lists_its_meanings() -> None:
    """A part that fits more than one exercise says which ones."""
    with pytest.raises(UnknownExercise, match="ex1_add_maxsize, ex3_add_backoff"):
        catalog.resolve("add")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("ex2_rety", "Did you mean ex2_build_retry_loop"),
        ("zzz", "There are: ex1_add_maxsize"),
        ("", "There is no exercise ''"),
    ],
)
def test_an_unknown_name_gets_a_suggestion(name: str, says: str) -> None:
    """An unknown exercise is one line with what to type instead."""
    with pytest.raises(UnknownExercise, match=says) as caught:
        catalog.resolve(name)
    assert "\n" not in str(caught.value)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A course of one exercise in a folder of its own."""
    for folder in ("exercises", "solutions", "grader/checks"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "ex1_first.py").write_text('EXERCISE = Exercise(title="First")\n')
    monkeypatch.setattr(catalog, "find_root", lambda: tmp_path)
    monkeypatch.setattr(catalog, "PRISTINE", tmp_path / "grader" / "pristine.json")
    for cached in (catalog.exercises, catalog._pristine):
        cached.cache_clear()
    yield tmp_path
    for cached in (catalog.exercises, catalog._pristine):
        cached.cache_clear()


def test_an_exercise_is_three_files_of_one_name(course: Path) -> None:
    """A new exercise is found by its files, with the title that its checks declare."""
    (entry,) = catalog.exercises()
    assert (entry.id, entry.title) == ("ex1_first", "First")


def test_pristine_stubs_are_written_and_read(course: Path) -> None:
    """`dev stubs` takes the stubs as they are; before, the grader says what to run."""
    with pytest.raises(CourseError, match="dev stubs"):
        catalog.pristine("ex1_first")
    written = catalog.write_pristine()
    assert written == course / "grader" / "pristine.json"
    assert catalog.pristine("ex1_first") == 'EXERCISE = Exercise(title="First")\n'


def test_missing_checks_are_one_clear_line(course: Path) -> None:
    """An exercise whose checks were removed says which file to restore."""
    catalog.write_pristine()
    (course / "grader" / "checks" / "ex1_first.py").unlink()
    with pytest.raises(CourseError, match=r"grader/checks/ex1_first\.py"):
        catalog.exercises()


def test_damaged_stubs_are_one_clear_line(course: Path) -> None:
    """A damaged file of pristine stubs says how to restore it."""
    (course / "grader" / "pristine.json").write_text("{")
    with pytest.raises(CourseError, match="git checkout"):
        catalog.pristine("ex1_first")


def test_a_title_falls_back_to_the_name(course: Path) -> None:
    """Checks without a title, or that cannot be read, give the exercise its id for a title."""
    (entry,) = catalog.exercises()
    catalog._title.cache_clear()
    entry.checks.write_text("nothing = 0\n")
    assert entry.title == "ex1_first"
    catalog._title.cache_clear()
    entry.checks.unlink()
    assert entry.title == "ex1_first"
    catalog._title.cache_clear()
