"""For authors: writes a new exercise, which works from the start, as a copy of one that exists."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.course import catalog
from grader.course.catalog import Entry
from grader.errors import UsageError

__all__ = ["write_new"]

MOST = {"right": 2, "wrong": 3}
"""Labelled submissions that are copied; the wrong ones are those of the stub's neighbours."""


def write_new(name: str, like: Entry) -> list[Path]:
    """Write all places of the exercise `name`; returns the files, in the order to read them.

    Raises `UsageError` for a name that is taken or is no exercise's.
    """
    if not catalog.ID.fullmatch(name):
        raise UsageError(f"'{name}' is no exercise's id: write it like ex6_find_the_leak.")
    root = catalog.find_root()
    number = name.partition("_")[0]
    taken = [one.id for one in catalog.exercises() if one.id.partition("_")[0] == number]
    if taken:
        raise UsageError(f"There is {taken[0]} already. Take another number.")
    written = []
    for source, target in _places(root, like, name):
        text = source.read_text(encoding="utf-8").replace(like.id, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.replace(f"-- {_short(like.id)}", f"-- {number}"), encoding="utf-8")
        written.append(target)
    catalog.exercises.cache_clear()
    catalog.pristine.cache_clear()
    catalog.write_pristine()
    return written


def _places(root: Path, like: Entry, name: str) -> Iterator[tuple[Path, Path]]:
    yield like.stub, root / "exercises" / f"{name}.py"
    yield like.solution, root / "solutions" / f"{name}.py"
    folder = like.checks.parent
    for file in sorted(folder.glob("*.py")):
        yield file, folder.parent / name / file.name
    labelled = root / "tests" / "submissions"
    for label, most in MOST.items():
        for file in sorted((labelled / like.id / label).glob("*.py"))[:most]:
            yield file, labelled / name / label / file.name


def _short(exercise: str) -> str:
    return exercise.partition("_")[0]
