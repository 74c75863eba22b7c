"""Starts a course folder, and touches nothing that is there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from grader.course.catalog import KEPT, MARKER
from grader.errors import CourseError, UsageError
from grader.folder.handout import given
from grader.folder.marker import kept_files

__all__ = ["start_folder"]


def start_folder(folder: Path, version: str) -> None:
    """Write a new course folder. Raises `UsageError` if anything of it is in the way."""
    _refuse_what_is_there(folder)
    # The marker comes early: with it `update` brings what a start that was cut short has left out.
    files = kept_files(given(), version) | {one.path: one.data for one in given()}
    try:
        for path, data in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as opened:
                opened.write(data)
    except OSError as error:
        why = f"{error.filename or folder}: {error.strerror or error}"
        raise CourseError(
            f"The course folder could not be written ({why}). Mend that, or name another folder."
        ) from None


def _refuse_what_is_there(folder: Path) -> None:
    if (folder / KEPT / MARKER).exists():
        raise UsageError(
            f"{folder} is a course folder already. Go there: `update` brings what is new or missing."
        )
    if os.path.lexists(folder) and not folder.is_dir():
        raise UsageError(f"{folder} is there already, and no folder. Name another one.")
    if there := sorted(set(_in_the_way(folder))):
        names = ", ".join(there)
        raise UsageError(
            f"{folder} already holds {names}: nothing was touched. Name another folder."
        )


def _in_the_way(folder: Path) -> Iterator[str]:
    """The names of what is in the folder already and would be written."""
    for path in (KEPT, *(one.path for one in given())):
        name = path.partition("/")[0]
        if os.path.lexists(folder / name):
            yield name
