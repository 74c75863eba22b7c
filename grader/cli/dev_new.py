"""For authors: writes a new exercise as a copy of one that exists, so that it works at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.cli.dev_find import raised_in
from grader.course import catalog, labelled
from grader.course.catalog import Entry
from grader.course.labelled import Submission
from grader.errors import UsageError
from grader.judge.unjudged import store_checks
from grader.render.words import short

__all__ = ["write_new"]

FEW = 3
"""How many right and wrong submissions are copied, besides those that draw the checks' mistakes."""


def write_new(name: str, like: Entry) -> list[Path]:
    """Write all files of the exercise `name`; return them in the order to read them.

    Raises `UsageError` for a name that is taken or is not an exercise's id.
    """
    if not catalog.ID.fullmatch(name):
        raise UsageError(f"'{name}' is no exercise's id: write it like ex20_my_topic.")
    root = catalog.find_root()
    number = short(name)
    taken = [one.id for one in catalog.exercises() if short(one.id) == number]
    if taken:
        raise UsageError(f"There is {taken[0]} already. Take another number.")
    written = []
    for source, target in _places(root, like, name):
        text = source.read_text(encoding="utf-8").replace(like.id, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.replace(f"-- {short(like.id)}", f"-- {number}"), encoding="utf-8")
        written.append(target)
    catalog.exercises.cache_clear()
    catalog.pristine.cache_clear()
    catalog.write_pristine()
    store_checks(catalog.resolve(name))
    return written


def _places(root: Path, like: Entry, name: str) -> Iterator[tuple[Path, Path]]:
    yield like.stub, root / "exercises" / f"{name}.py"
    yield like.solution, root / "solutions" / f"{name}.py"
    folder = like.checks.parent
    for file in sorted([*folder.glob("*.py"), *folder.glob("*.toml")]):
        yield file, folder.parent / name / file.name
    submissions = root / "tests" / "submissions"
    for one in _chosen(labelled.submissions(submissions / like.id), raised_in(folder)):
        yield one.path, submissions / name / one.label / one.path.name


def _chosen(found: Sequence[Submission], needed: set[str]) -> list[Submission]:
    """Return `FEW` right and wrong submissions, and one for each mistake in `needed`."""
    pins = {one.misconception: one for one in reversed(found) if one.misconception in needed}
    by_label = [[one for one in found if one.label == label] for label in ("right", "wrong")]
    return list(dict.fromkeys([*pins.values(), *(one for some in by_label for one in some[:FEW])]))
