"""Tells one person's work from a class's, by the layout of files and folders."""

from __future__ import annotations

from grader.intake.guesses import Strength
from grader.intake.names import Names
from grader.intake.shelves import Shelf

__all__ = ["is_class", "is_clone", "is_one_work"]


def is_clone(shelf: Shelf, names: Names) -> bool:
    """Return True for a folder whose `exercises/` contains exercises."""
    inner = next((top.inside for top in shelf.tops if top.name == "exercises" and top.inside), None)
    return inner is not None and _has_exercises(inner(), names)


def is_one_work(shelf: Shelf, names: Names) -> bool:
    """Return True for one person's zip: exercises on the first level or in its only folder."""
    inner = shelf.only_folder()
    return any(
        one is not None and (_has_exercises(one, names) or is_clone(one, names))
        for one in (shelf, inner)
    )


def is_class(shelf: Shelf, names: Names) -> bool:
    """Return True for several folders or zips on one level, unless it is one person's work."""
    several = [top for top in shelf.tops if top.file is None or top.name.lower().endswith(".zip")]
    return len(several) > 1 and not _has_exercises(shelf, names) and not is_clone(shelf, names)


def _has_exercises(shelf: Shelf, names: Names) -> bool:
    return any(top.file is not None and _is_exercise(top.name, names) for top in shelf.tops)


def _is_exercise(name: str, names: Names) -> bool:
    """Return True for a name like an exercise's, or one that can only mean one."""
    guess = names.guess(name)
    return bool(names.exercise(name)) or (
        guess is not None and not guess.who and guess.strength > Strength.ASKED
    )
