"""Exercises are found by one name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course import catalog
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
    with pytest.raises(UnknownExercise, match=r"ex1_add_maxsize, .*ex4_add_jitter"):
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


CHECKS = "grader/course/ex1_first/checks.py"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A course of one exercise in a folder of its own."""
    for file in ("exercises/ex1_first.py", "solutions/ex1_first.py", CHECKS):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).write_text('EXERCISE = Exercise(title="First")\n')
    monkeypatch.setattr(catalog, "find_root", lambda: tmp_path)
    for cached in (catalog.exercises, catalog.pristine):
        cached.cache_clear()
    yield tmp_path
    for cached in (catalog.exercises, catalog.pristine):
        cached.cache_clear()


def test_an_exercise_is_three_places_of_one_name(course: Path) -> None:
    """A new exercise is found by its files, with the title that its checks declare."""
    (entry,) = catalog.exercises()
    assert (entry.id, entry.title) == ("ex1_first", "First")


def test_pristine_stubs_are_written_and_read(course: Path) -> None:
    """`dev stubs` takes the stubs as they are; before, the grader says what to run."""
    with pytest.raises(CourseError, match="dev stubs"):
        catalog.pristine("ex1_first")
    (written,) = catalog.write_pristine()
    assert written == (course / CHECKS).with_name("stub.txt")
    assert catalog.pristine("ex1_first") == 'EXERCISE = Exercise(title="First")\n'


def test_missing_checks_are_one_clear_line(course: Path) -> None:
    """An exercise whose checks were removed says which file to restore."""
    catalog.write_pristine()
    (course / CHECKS).unlink()
    catalog.exercises.cache_clear()
    with pytest.raises(CourseError, match=r"grader/course/ex1_first/checks\.py"):
        catalog.exercises()


def test_exercises_are_in_the_order_of_their_numbers(course: Path) -> None:
    """The tenth comes after the second."""
    for name in ("ex10_tenth", "ex2_second"):
        folder = course / "grader" / "course" / name
        folder.mkdir()
        (folder / "checks.py").write_text("")
    assert [one.id for one in catalog.exercises()] == ["ex1_first", "ex2_second", "ex10_tenth"]


def test_the_cache_of_a_removed_exercise_is_none(course: Path) -> None:
    """Python's cache stays behind in a folder whose files were removed."""
    (course / CHECKS).unlink()
    (course / CHECKS).with_name("__pycache__").mkdir()
    assert catalog.exercises() == ()


def test_damaged_stubs_are_one_clear_line(course: Path) -> None:
    """A damaged file of pristine stubs says how to restore it."""
    (course / CHECKS).with_name("stub.txt").write_bytes(b"\xff")
    with pytest.raises(CourseError, match="git checkout"):
        catalog.pristine("ex1_first")


def test_a_title_falls_back_to_the_name(course: Path) -> None:
    """Checks without a title, or that cannot be read, give the exercise its id for a title."""
    (entry,) = catalog.exercises()
    catalog._words.cache_clear()
    entry.checks.write_text("nothing = 0\n")
    assert entry.title == "ex1_first"
    catalog._words.cache_clear()
    entry.checks.unlink()
    assert entry.title == "ex1_first"
    catalog._words.cache_clear()


def declare(course: Path, name: str, track: str) -> None:
    """An exercise of a track."""
    folder = course / "grader" / "course" / name
    folder.mkdir(exist_ok=True)
    text = f'EXERCISE = Exercise(\n    title="T",\n    track="{track}",\n    teaches="t",\n)\n'
    (folder / "checks.py").write_text(text)
    catalog._words.cache_clear()
    catalog.exercises.cache_clear()


def test_exercises_belong_to_tracks(course: Path) -> None:
    """A track can be named where several exercises can, and where one can if it has but one."""
    for name, track in (("ex1_first", "a"), ("ex2_two", "a"), ("ex3_three", "b")):
        declare(course, name, track)
    assert {track: len(entries) for track, entries in catalog.tracks().items()} == {"a": 2, "b": 1}
    assert [one.id for one in catalog.chosen(["A"])] == ["ex1_first", "ex2_two"]
    assert [one.id for one in catalog.chosen(["ex3", "2", "two"])] == ["ex2_two", "ex3_three"]
    assert catalog.resolve("b").id == "ex3_three"
    with pytest.raises(UnknownExercise, match="'a' are several exercises: ex1_first, ex2_two"):
        catalog.resolve("a")
