"""Tells the work of one person from the works of a class, by what lies where."""

from __future__ import annotations

from grader.intake.names import Names
from grader.intake.shelves import Shelf

__all__ = ["is_class", "is_clone", "is_one_work"]


def is_clone(shelf: Shelf, names: Names) -> bool:
    """True for a folder with `exercises/` that holds what its name says."""
    inner = next((top.inside for top in shelf.tops if top.name == "exercises" and top.inside), None)
    return inner is not None and _has_exercises(inner(), names)


def is_one_work(shelf: Shelf, names: Names) -> bool:
    """True for what one person zipped: exercises on the first level, or alone in a folder."""
    inner = shelf.only_folder()
    return any(
        one is not None and (_has_exercises(one, names) or is_clone(one, names))
        for one in (shelf, inner)
    )


def is_class(shelf: Shelf, names: Names) -> bool:
    """True for a level with several folders or zips, none of them part of one person's work."""
    several = [top for top in shelf.tops if top.file is None or top.name.lower().endswith(".zip")]
    return len(several) > 1 and not _has_exercises(shelf, names) and not is_clone(shelf, names)


def _has_exercises(shelf: Shelf, names: Names) -> bool:
    return any(top.file is not None and names.exercise(top.name) for top in shelf.tops)
