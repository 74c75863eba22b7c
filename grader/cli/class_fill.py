"""Fills in copies of the instructor's own files, which are only read."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from grader.class_results import ClassReport
from grader.cli.class_feedback import COMMENTS
from grader.course import catalog
from grader.errors import UnknownExercise, UsageError
from grader.export.columns import TOTAL, Wanted
from grader.export.joining import Account
from grader.export.to_blackboard import to_blackboard
from grader.export.to_brightspace import to_brightspace
from grader.export.to_canvas import to_canvas
from grader.export.to_moodle import to_moodle

__all__ = ["PLATFORMS", "Filling", "check", "check_columns", "fillings_for", "left_behind"]

PLATFORMS: dict[str, Callable[..., Account]] = {
    "canvas": to_canvas,
    "moodle": to_moodle,
    "brightspace": to_brightspace,
    "blackboard": to_blackboard,
}
FILLED = "-filled"  # at the end of a copy's name


@dataclass(frozen=True)
class Filling:
    """A file to fill in. name: what the copy is called; fill: fills it in from a report.

    exercises: those that its columns were said to hold.
    """

    name: str
    fill: Callable[[ClassReport], Account]
    exercises: frozenset[str] = frozenset()


def fillings_for(
    options: Namespace, remembered: Collection[str] = ()
) -> tuple[tuple[Filling, ...], tuple[str, ...]]:
    """Return the files that the options ask to fill in, and why remembered ones are not.

    remembered: the options that an earlier run was given. Raises `UsageError` for a file of this run
    that cannot be filled in, before anything is graded.
    """
    found: list[Filling] = []
    notices: list[str] = []
    for platform, fill in PLATFORMS.items():
        path = getattr(options, platform)
        if path is None:
            continue
        try:
            taken = {filling.name for filling in found}
            found.append(_filling(options, platform, path, fill, taken))
        except UsageError as error:
            if platform not in remembered:
                raise
            notices.append(f"Not brought up to date: {error}")
    return tuple(found), tuple(notices)


def check_columns(options: Namespace) -> None:
    """Raise `UsageError` when a column is named and no file that has it."""
    for platform in PLATFORMS:
        if getattr(options, f"{platform}_column") and getattr(options, platform) is None:
            raise UsageError(
                f"--{platform}-column names a column of which file? Name that with --{platform}."
            )


def check(fillings: Collection[Filling], counted: Collection[str]) -> None:
    """Raise `UsageError` when a column is for an exercise that does not count."""
    for filling in fillings:
        for exercise in sorted(filling.exercises - set(counted)):
            short = exercise.partition("_")[0]
            raise UsageError(
                f"A column is for {short}, which does not count: nobody has handed it in, or "
                f"--exercises leaves it out. Add it with --exercises, or leave the column out."
            )


def left_behind(out: Path, fillings: Collection[Filling]) -> list[tuple[str, str]]:
    """Return the filled files in a folder of results that are not of this run, and what to do."""
    current = {filling.name for filling in fillings}
    return [
        (path.name, "its marks are not up to date: do not upload it, delete it")
        for path in sorted(out.glob(f"*{FILLED}.*"))
        if path.name not in current and path.is_file()
    ]


def _filling(
    options: Namespace,
    platform: str,
    path: Path,
    fill: Callable[..., Account],
    taken: Collection[str],
) -> Filling:
    content = _read(path)
    columns = [_wanted(text) for text in getattr(options, f"{platform}_column") or ()]
    more = {"comments": COMMENTS in (options.feedback or ())} if platform == "moodle" else {}

    def filled(report: ClassReport) -> Account:
        return fill(
            report,
            content,
            columns=columns,
            overwrite=options.overwrite,
            shown=str(path),
            **more,
        )

    filled(ClassReport(0, (), ()))  # raises now if something is wrong with the file
    exercises = frozenset(one for column in columns for one in column.exercises or ())
    name = f"{path.stem}{FILLED}{path.suffix}"
    return Filling(f"{platform}-{name}" if name in taken else name, filled, exercises)


def _wanted(text: str) -> Wanted:
    """Read `NAME`, or what the column holds and its name, as in `ex1=NAME` and `total=NAME`."""
    front, sign, name = text.partition("=")
    if sign and name.strip():
        if front.strip().lower() == "total":
            return Wanted(name.strip(), TOTAL)
        try:
            chosen = catalog.chosen(one for one in front.split(",") if one.strip())
        except UnknownExercise:
            chosen = ()
        if chosen:
            return Wanted(name.strip(), tuple(entry.id for entry in chosen))
    return Wanted(text)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"{path} cannot be read ({why}). Name the file as exported.") from None
