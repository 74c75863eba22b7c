"""Fills in copies of the instructor's own files, which are only read."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader.class_results import ClassReport
from grader.errors import UsageError
from grader.export.joining import Account
from grader.export.to_canvas import to_canvas
from grader.export.to_moodle import to_moodle

__all__ = ["Filling", "fillings_for"]


@dataclass(frozen=True)
class Filling:
    """A file to fill in. name: what the copy is called; fill: fills it in from a report."""

    name: str
    fill: Callable[[ClassReport], Account]


def fillings_for(options: Namespace) -> tuple[Filling, ...]:
    """Return the files that the options ask to fill in.

    Raises `UsageError` for a file that cannot be filled in, before anything is graded.
    """
    found = []
    if options.canvas is not None:
        found.append(_filling(options, options.canvas, to_canvas))
    if options.moodle is not None:
        found.append(_filling(options, options.moodle, to_moodle))
    return tuple(found)


def _filling(options: Namespace, path: Path, fill: Callable[..., Account]) -> Filling:
    content = _read(path)

    def filled(report: ClassReport) -> Account:
        return fill(report, content, column=options.column, shown=str(path))

    filled(ClassReport(0, (), ()))  # raises now if something is wrong with the file
    return Filling(f"{path.stem}-filled{path.suffix}", filled)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"{path} cannot be read ({why}). Name the file as exported.") from None
