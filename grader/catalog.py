"""Finds exercises: one name, three files.

`exercises/<id>.py` is the stub, `solutions/<id>.py` the reference, `grader/checks/<id>.py` the hidden
checks. What was handed out (the pristine stubs) comes with the grader, generated from the stubs.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from grader.errors import CourseError, UnknownExercise

if TYPE_CHECKING:
    from grader.authoring import Exercise

__all__ = [
    "Entry",
    "declared",
    "exercises",
    "find_root",
    "pristine",
    "resolve",
    "write_pristine",
]

PRISTINE = Path(__file__).with_name("pristine.json")


@dataclass(frozen=True)
class Entry:
    """An exercise's id and its three files; `title` is the first line of the stub's docstring."""

    id: str
    stub: Path
    solution: Path
    checks: Path

    @property
    def title(self) -> str:
        """What the exercise is called: its checks say it, in the line that declares `EXERCISE`."""
        return _title(self.checks)


def find_root() -> Path:
    """The course's folder: the one that holds `exercises/`, `solutions/` and `grader/`."""
    return Path(__file__).resolve().parents[1]


@cache
def exercises() -> tuple[Entry, ...]:
    """All exercises, in order; a file that lacks one of its two companions is an error."""
    root = find_root()
    folders = root / "exercises", root / "solutions", root / "grader" / "checks"
    names = sorted({path.stem for path in folders[2].glob("ex*.py")} | set(_pristine()))
    found = tuple(Entry(name, *(folder / f"{name}.py" for folder in folders)) for name in names)
    for entry in found:
        if not entry.checks.is_file():
            raise CourseError(
                f"The checks of {entry.id} are missing: {_short(entry.checks)}. "
                "Restore the file, for example with `git checkout`."
            )
    return found


def resolve(name: str) -> Entry:
    """The exercise meant by an id, a number (`2`, `ex2`) or an unambiguous part of an id."""
    entries = exercises()
    wanted = Path(name).stem.lower() if name.endswith(".py") else name.strip().lower()
    for meant in (
        [e for e in entries if e.id == wanted],
        [e for e in entries if wanted in _numbers(e)],
        [e for e in entries if wanted and wanted in e.id],
    ):
        if len(meant) == 1:
            return meant[0]
        if meant:
            ids = ", ".join(entry.id for entry in meant)
            raise UnknownExercise(f"'{name}' may be any of {ids}. Say which.")
    raise UnknownExercise(_unknown(name, wanted, entries))


def pristine(exercise: str) -> str:
    """The stub as it was handed out."""
    try:
        return _pristine()[exercise]
    except KeyError:
        raise CourseError(
            f"The stub of {exercise} is not in {_short(PRISTINE)}: restore that file with "
            "`git checkout`, or, for a new exercise, run `python -m grader dev stubs`."
        ) from None


def declared(exercise: str) -> Exercise:
    """What the checks of an exercise declare about it; raises `CourseError` where they do not."""
    try:
        found: Exercise = import_module(f"grader.checks.{exercise}").EXERCISE
    except Exception as error:  # the checks' own fault, whatever it is
        raise CourseError(f"The checks of {exercise} cannot be imported: {error}.") from error
    return found


def write_pristine() -> Path:
    """Take the stubs as they are now for those handed out; returns the file written."""
    stubs = {
        path.stem: path.read_text(encoding="utf-8")
        for path in sorted((find_root() / "exercises").glob("ex*.py"))
    }
    PRISTINE.write_text(json.dumps(stubs, indent=1) + "\n", encoding="utf-8")
    _pristine.cache_clear()
    exercises.cache_clear()
    return PRISTINE


@cache
def _pristine() -> dict[str, str]:
    try:
        stubs: dict[str, str] = json.loads(PRISTINE.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        raise CourseError(
            f"{_short(PRISTINE)} cannot be read. Restore it with `git checkout`."
        ) from None
    return stubs


@cache
def _title(checks: Path) -> str:
    """Read without importing or parsing the checks, which takes longer than all the rest here."""
    try:
        found = re.search(
            r'^EXERCISE = Exercise\(\s*title="([^"]+)"', checks.read_text("utf-8"), re.MULTILINE
        )
    except OSError:
        found = None
    return found[1] if found else checks.stem


def _numbers(entry: Entry) -> set[str]:
    short = entry.id.partition("_")[0]
    return {short, short.removeprefix("ex")}


def _unknown(name: str, wanted: str, entries: tuple[Entry, ...]) -> str:
    close = get_close_matches(wanted, [entry.id for entry in entries], 1, 0.5)
    if close:
        return f"There is no exercise '{name}'. Did you mean {close[0]}?"
    ids = ", ".join(entry.id for entry in entries)
    return f"There is no exercise '{name}'. There are: {ids}."


def _short(path: Path) -> str:
    return path.relative_to(find_root()).as_posix()
