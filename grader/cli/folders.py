"""Whose folder is graded: the learner's own, a clone's, or anybody's, whose modules are not trusted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course import catalog
from grader.errors import CourseError

if TYPE_CHECKING:
    from grader.runner.sandbox import Sandbox

__all__ = ["is_ours", "is_own", "sandbox_for", "wanted_folder"]


def is_own(folder: Path) -> bool:
    """Whether a folder is that of the learner's modules, whatever path leads to it."""
    home = catalog.home_above()
    return home is not None and folder.resolve() == (home / "exercises").resolve()


def wanted_folder(path: Path | None) -> Path:
    """Return the requested folder, or the learner's own.

    Raises `CourseError` if there is none, and `NoCourseFolder` if the learner has none.
    """
    if path is None:
        return catalog.find_home() / "exercises"
    if path.is_dir():
        return path
    if path.exists():
        raise CourseError(f"{path} is no folder. Name the folder that it is in.")
    raise CourseError(f"There is no folder {path}. Name the one that the modules are in.")


def sandbox_for(folder: Path | None, *, trust: bool) -> Sandbox | None:
    """Return the sandbox for the modules of `--from`, as in class mode; None if they are trusted.

    The learner's own modules, for which no folder is named, are trusted. Systems other than
    Linux have no sandbox, hence None. Raises `UsageError` if isolation fails on Linux.
    """
    if folder is None or trust or sys.platform != "linux" or is_ours(folder):
        return None
    from grader.cli.isolation import working_sandbox  # noqa: PLC0415 - one's own need none

    return working_sandbox()


def is_ours(folder: Path) -> bool:
    """Whether a folder is a clone's own, whatever path leads to it.

    With the installed package none is: a course folder may have come from anybody.
    """
    if catalog.is_installed():
        return False
    root = catalog.find_root()
    return folder.resolve() in [(root / name).resolve() for name in ("exercises", "solutions")]
