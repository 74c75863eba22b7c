"""Decides what an update does with each file of a course folder; looks, and touches nothing.

What a learner has worked on is never replaced: only a file that is as it was handed out makes room for
its new version.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from grader.errors import CourseError
from grader.folder.handout import Given, digest
from grader.folder.marker import Marker, kept_files, stub_path

__all__ = ["BESIDE", "Change", "Fate", "Standing", "content", "planned", "writes"]

BESIDE = ".new"
"""What the new version's name ends with, beside a file that was kept: no grader takes it for a module."""


class Fate(Enum):
    """What becomes of a file."""

    REPLACED = "replaced: it was as it came"
    ADDED = "new"
    RESTORED = "put back: it was missing"
    KEPT = "kept: you have changed it"
    FINISHED = "kept: it has passed"
    LEFT = "stays deleted: you had begun it"


@dataclass(frozen=True)
class Standing:
    """The ids of the exercises that have passed once, and of those that were ever begun."""

    passed: frozenset[str] = frozenset()
    begun: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Change:
    """A file to which something happens, or would if the learner had not worked on it.

    theirs: what is there now; None if nothing is. before: the stub as it was handed out, if known.
    """

    given: Given
    fate: Fate
    theirs: bytes | None = None
    before: bytes | None = None

    @property
    def beside(self) -> str:
        """The path of the new version, if it is put beside the learner's; else ""."""
        return self.given.path + BESIDE if self.fate is Fate.KEPT else ""

    @property
    def written(self) -> str:
        """The path that is written; "" if none is."""
        stays = self.fate in (Fate.FINISHED, Fate.LEFT)
        return "" if stays else self.beside or self.given.path

    def diff(self) -> str:
        """Return what is new in the new version: against the old stub, else against the learner's."""
        old = self.theirs if self.before is None else self.before
        one, other = (_lines(data or b"") for data in (old, self.given.data))
        whose = "yours" if self.before is None else "as it came"
        name = self.given.path
        return "\n".join(
            difflib.unified_diff(one, other, f"{name} ({whose})", f"{name} (new)", lineterm="")
        )


def planned(
    home: Path, marker: Marker, files: Iterable[Given], standing: Standing
) -> tuple[Change, ...]:
    """Return the files to which something happens. Raises `CourseError` for unreadable ones."""
    return tuple(_changes(home, marker, files, standing))


def writes(changes: Iterable[Change], files: Iterable[Given], version: str) -> dict[str, bytes]:
    """Return the new content of every file that an update writes, by path; the marker comes last."""
    written = {one.written: one.given.data for one in changes if one.written}
    return written | kept_files(files, version)


def content(file: Path) -> bytes | None:
    """Return a file's bytes, None if there is none. Raises `CourseError` if it cannot be read."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        why = error.strerror or error
        raise CourseError(
            f"{file} cannot be read ({why}). Mend that, then try again: nothing was changed."
        ) from None


def _changes(
    home: Path, marker: Marker, files: Iterable[Given], standing: Standing
) -> Iterator[Change]:
    for given in files:
        theirs = content(home / given.path)
        fate = _fate(given, theirs, marker.files.get(given.path), standing)
        if fate is not None:
            before = content(home / stub_path(given.exercise)) if given.exercise else None
            yield Change(given, fate, theirs, before)


def _fate(
    given: Given, theirs: bytes | None, handed: str | None, standing: Standing
) -> Fate | None:
    """handed: the digest of what was handed out before, None for a file that was not."""
    new = digest(given.data)
    if theirs is None:
        if given.exercise in standing.begun:
            return Fate.LEFT
        return Fate.ADDED if handed is None else Fate.RESTORED
    now = digest(theirs)
    if now == new:
        return None
    if now == handed:
        return Fate.REPLACED
    if handed == new:  # the learner's work on the stub of today
        return None
    return Fate.FINISHED if given.exercise in standing.passed else Fate.KEPT


def _lines(data: bytes) -> list[str]:
    return data.decode("utf-8", "replace").splitlines()
