"""Finds exercises: one name, three places.

`exercises/<id>.py` is the stub, `solutions/<id>.py` the reference, and the folder `grader/course/<id>/`
holds the hidden checks and the pristine stub, a copy of the stub as handed out.

In a clone all of these lie in one folder. The installed package brings the references along in
`grader/bundle/`, and the stubs are in the learner's course folder, which `init` has made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from grader.course.kit.contract import Contract, contract_of
from grader.errors import CourseError, NoCourseFolder, UnknownExercise

if TYPE_CHECKING:
    from grader.course.api import Exercise

__all__ = [
    "ID",
    "KEPT",
    "MARKER",
    "PRISTINE",
    "TITLE",
    "Entry",
    "brought",
    "chosen",
    "declared",
    "exercises",
    "find_home",
    "find_root",
    "home_above",
    "is_installed",
    "mend",
    "pristine",
    "resolve",
    "tracks",
    "write_pristine",
]

TITLE = "Backpressure and retries in asyncio"
"""What the course is about, as a certificate says it."""

ID = re.compile(r"ex[0-9]+_[a-z0-9_]+")
"""The pattern of an exercise's id."""

PRISTINE = "stub.txt"
"""The name of the file with the pristine stub, in the exercise's folder."""

KEPT = ".grader"
"""The folder in a learner's course folder for what the grader keeps there."""

MARKER = "course.json"
"""The name of the file in `KEPT` that makes a folder a course folder."""


@dataclass(frozen=True)
class Entry:
    """An exercise's id and its files."""

    id: str
    solution: Path
    checks: Path

    @property
    def stub(self) -> Path:
        """The learner's file; raises `NoCourseFolder` if there is no course folder."""
        return find_home() / "exercises" / f"{self.id}.py"

    @property
    def module(self) -> str:
        """The import name of the checks."""
        return f"{__package__}.{self.id}.{self.checks.stem}"

    @property
    def contract(self) -> Contract:
        """The exercise's fixed signatures, read from its reference."""
        return contract_of(self.solution)

    @property
    def takeaway(self) -> Path | None:
        """The folder of what goes with the module when a learner takes it along; None if it has none."""
        folder = self.checks.with_name("takeaway")
        return folder if folder.is_dir() else None

    @property
    def title(self) -> str:
        """The exercise's title, as its checks declare it in `EXERCISE`."""
        return _words(self.checks.with_name("checks.py")).get("title", self.id)

    @property
    def track(self) -> str:
        """The part of the course that the exercise belongs to, declared likewise."""
        return _words(self.checks.with_name("checks.py")).get("track", "")


def find_root() -> Path:
    """The folder that contains `grader/`: the clone, or where the package is installed."""
    return Path(__file__).resolve().parents[2]


def is_installed() -> bool:
    """Whether this is the installed package, and no clone."""
    return _bundle().is_dir()


def brought(name: str) -> Path:
    """The path of what the course brings beside `grader/` in a clone, such as `solutions`."""
    return (_bundle() if is_installed() else find_root()) / name


def mend() -> str:
    """What to do about a file of the course that is missing."""
    return "Install the course again." if is_installed() else "Restore it with `git checkout`."


def find_home() -> Path:
    """The learner's course folder, which contains `exercises/`: a clone is its own.

    Raises `NoCourseFolder` if the current folder is not in one.
    """
    found = home_above()
    if found is None:
        raise NoCourseFolder("This is no course folder, and none is above it.")
    return found


def home_above() -> Path | None:
    """As `find_home`; None if there is none."""
    if not is_installed():
        return find_root()
    try:
        here = Path.cwd()
    except OSError:  # it has been deleted
        return None
    return next((one for one in (here, *here.parents) if (one / KEPT / MARKER).is_file()), None)


@cache
def exercises() -> tuple[Entry, ...]:
    """All exercises, in order; raises `CourseError` for a folder without checks."""
    folders = [path for path in _folder().glob("ex*") if path.is_dir() and ID.fullmatch(path.name)]
    folders.sort(key=lambda path: (int(path.name.partition("_")[0][2:]), path.name))
    found = tuple(
        Entry(
            folder.name,
            brought("solutions") / f"{folder.name}.py",
            folder / "checks.py",
        )
        for folder in folders
        if any(folder.glob("*.*"))  # skip the leftover cache of a removed exercise
    )
    for entry in found:
        if not entry.checks.is_file():
            raise CourseError(
                f"The checks of {entry.id} are missing: {_short(entry.checks)}. {mend()}"
            )
    return found


def tracks() -> dict[str, tuple[Entry, ...]]:
    """The parts of the course and their exercises, in order."""
    found: dict[str, tuple[Entry, ...]] = {}
    for entry in exercises():
        found[entry.track] = (*found.get(entry.track, ()), entry)
    return found


def chosen(names: Iterable[str]) -> tuple[Entry, ...]:
    """The exercises that are named, or whose track is, each once and in order.

    Raises `UnknownExercise` for a name that is neither.
    """
    wanted = {entry.id for name in names for entry in _of_track(name) or (resolve(name),)}
    return tuple(entry for entry in exercises() if entry.id in wanted)


def resolve(name: str) -> Entry:
    """The exercise with this id, number (`2`, `ex2`) or unambiguous part of an id.

    Raises `UnknownExercise` if no single exercise matches.
    """
    entries = exercises()
    if len(part := _of_track(name)) > 1:
        ids = ", ".join(entry.id for entry in part)
        raise UnknownExercise(f"'{name}' are several exercises: {ids}. Say which.")
    wanted = Path(name).stem.lower() if name.endswith(".py") else name.strip().lower()
    for meant in (
        [e for e in entries if wanted in (e.id, e.track)],
        [e for e in entries if wanted in _numbers(e)],
        [e for e in entries if wanted and wanted in e.id],
    ):
        if len(meant) == 1:
            return meant[0]
        if meant:
            ids = ", ".join(entry.id for entry in meant)
            raise UnknownExercise(f"'{name}' may be any of {ids}. Say which.")
    raise UnknownExercise(_unknown(name, wanted, entries))


def _of_track(name: str) -> tuple[Entry, ...]:
    """The exercises of the track with this name; none if there is no such track."""
    return tracks().get(name.strip().lower(), ()) if name.strip() else ()


@cache
def pristine(exercise: str) -> str:
    """The stub as handed out; raises `CourseError` if its file is missing or damaged."""
    file = _folder() / exercise / PRISTINE
    try:
        return file.read_text(encoding="utf-8")
    except (FileNotFoundError, UnicodeDecodeError):
        raise CourseError(
            f"{_short(file)} is missing or damaged. {mend()} For a new exercise, run "
            "`python -m grader dev stubs`."
        ) from None


def declared(exercise: str) -> Exercise:
    """The `EXERCISE` that an exercise's checks declare; raises `CourseError` if there is none."""
    try:
        found: Exercise = import_module(f"{__package__}.{exercise}.checks").EXERCISE
    except Exception as error:  # any error in the checks
        raise CourseError(f"The checks of {exercise} cannot be imported: {error}.") from error
    return found


def write_pristine() -> tuple[Path, ...]:
    """Save the present stubs as the pristine ones; returns the files written."""
    written = []
    for entry in exercises():
        file = entry.checks.with_name(PRISTINE)
        file.write_bytes(entry.stub.read_bytes())
        written.append(file)
    pristine.cache_clear()
    return tuple(written)


def _folder() -> Path:
    return find_root() / "grader" / "course"


def _bundle() -> Path:
    return find_root() / "grader" / "bundle"


_DECLARED = re.compile(r"^EXERCISE = Exercise\((.*?)\)$", re.MULTILINE | re.DOTALL)
_WORDS = re.compile(r'\b(title|track)="([^"\n]+)"')


@cache
def _words(checks: Path) -> dict[str, str]:
    """Read what `EXERCISE` says in one line each, without importing the checks: that takes too long."""
    try:
        found = _DECLARED.search(checks.read_text("utf-8"))
    except OSError:
        found = None
    return dict(_WORDS.findall(found[1])) if found else {}


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
