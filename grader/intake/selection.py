"""Selects the files of a submission to grade, with the reason for each file left out."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from grader.class_results import Doubt, Unused
from grader.intake.choosing import Candidate, Undecided, choose
from grader.intake.guesses import Guess, Kind, Strength
from grader.intake.homes import OnlyInFolder
from grader.intake.listing import Found, Listing, shown
from grader.intake.names import Names
from grader.intake.notebooks import LARGEST_NOTEBOOK
from grader.intake.places import LARGEST_FILE, Source, Unreadable

__all__ = ["COUNTED", "NOT_NAMED", "OF_COURSE", "Selection", "select"]

MOST_LISTED = 60  # unused files; the rest are counted
NOT_NAMED = "not named like an exercise"
COUNTED = "not listed one by one"
OF_COURSE = "of the course, not the learner's work"
TOO_LARGE = f"larger than {LARGEST_FILE >> 10} KB: source code only"
UNDECIDED = "more than one file may be meant"
_CODE = re.compile(rb"^(?:async +def|def|import|from) ", re.MULTILINE)
HIDDEN = ("._", ".#", "~$")  # files of systems and editors beside the one of that name
COMPILED = (".pyc", ".swp", ".swo")
COURSE = {
    "solutions",
    "grader",
    "tests",
    ".grader",
}  # beside `exercises/` in a clone or course folder
BACKUPS = "backups"  # the folder in `exercises/` where `reset` keeps copies


@dataclass(frozen=True)
class Selection:
    """The file to grade for each exercise, the files left out, and what a person should know.

    undecided: the exercises of which nobody can tell which file is meant, each with what to do.
    """

    files: Mapping[str, Source]
    unused: tuple[Unused, ...]
    doubts: tuple[Doubt, ...] = ()
    undecided: Mapping[str, str] = field(default_factory=dict)


def select(listing: Listing, names: Names) -> Selection:
    """Choose one file per exercise. listing: all files, including those in zips."""
    sorting = _Sorting(names, _courses(listing.files, names), list(listing.unused))
    for found in sorted(listing.files, key=lambda found: found.parts):
        sorting.add(found)
    sorting.guess()
    sorting.ask_about(listing.unused)
    return sorting.selection()


class _Sorting:
    """Sorts a submission's files by exercise."""

    def __init__(
        self, names: Names, courses: Sequence[tuple[str, ...]], unused: list[Unused]
    ) -> None:
        self._names = names
        self._courses = courses
        self._unused = unused
        self._candidates: dict[str, list[Candidate]] = defaultdict(list)
        self._doubts: list[Doubt] = []
        self._of_course: Counter[str] = Counter()
        self._others: list[Found] = []

    def add(self, found: Found) -> None:
        """Add a file that is named as asked; keep any other for `guess`."""
        base = next((base for base in self._courses if _is_below(found.parts, base)), None)
        named = self._names.exercise(found.name)
        if base is not None and (part := _course_part(found.parts[len(base) :])):
            self._of_course[shown((*base, *part))] += 1
        elif named is None:
            self._others.append(found)
        elif found.size > LARGEST_FILE:
            self._too_large(found, named.exercise)
        else:
            in_course = base is not None and len(found.parts) == len(base) + 2
            self._candidates[named.exercise].append(
                Candidate(
                    found,
                    named.exercise,
                    Strength.EXACT,
                    repeat=named.repeat,
                    in_course=in_course,
                )
            )

    def guess(self) -> None:
        """Find out what the other files were probably meant for."""
        guesses = [(found, self._names.guess(found.name)) for found in self._others]
        named = {
            *self._candidates,
            *(one for _, guess in guesses if guess for one in guess.exercises),
        }
        by_folder = OnlyInFolder(self._others, self._names)
        for found, said in guesses:
            guess = said or by_folder.guess(found, named)
            if guess is None or guess.strength is Strength.ASKED or not _is_code(found, guess):
                self._ask(found, guess)
            elif found.size > _largest(guess.kind):
                self._too_large(found, guess.exercises[0])
            else:
                (exercise,) = guess.exercises
                candidate = Candidate(found, exercise, guess.strength, guess.kind, guess.repeat)
                self._candidates[exercise].append(candidate)

    def ask_about(self, left: Iterable[Unused]) -> None:
        """Doubt what was left unread and is named like an exercise: a backup, a link, a pipe."""
        for one in left:
            name = one.path.rpartition("/")[2]
            if name.startswith(HIDDEN) or name.endswith(COMPILED):
                continue
            named = self._names.exercise(name)
            guess = self._names.guess(name)
            exercise = named.exercise if named else guess.exercises[0] if guess else ""
            if exercise and not self._candidates.get(exercise):
                self._doubts.append(Doubt(one.path, one.reason, exercise))

    def _too_large(self, found: Found, exercise: str) -> None:
        self._unused.append(Unused(found.path, TOO_LARGE))
        self._doubts.append(Doubt(found.path, TOO_LARGE, exercise))

    def _ask(self, found: Found, guess: Guess | None) -> None:
        """List a file whose name says too little. It is in doubt where an exercise is missing."""
        if guess is None:
            self._unused.append(Unused(found.path, NOT_NAMED))
            if found.name.lower().endswith((".py", ".ipynb")) and not self._is_of_course(found):
                self._doubts.append(Doubt(found.path, f"{NOT_NAMED}, and one is missing"))
            return
        asked = " or ".join(f"{exercise}.py" for exercise in guess.exercises)
        reason = f"{NOT_NAMED}: is it meant to be {asked}?"
        self._unused.append(Unused(found.path, reason))
        self._doubts += [Doubt(found.path, reason, exercise) for exercise in guess.exercises[:1]]

    def _is_of_course(self, found: Found) -> bool:
        """Return True for what lies beside the exercises in a clone of the course."""
        base = next((base for base in self._courses if _is_below(found.parts, base)), None)
        return base is not None and found.parts[len(base)].lower() != "exercises"

    def selection(self) -> Selection:
        """Return what was chosen for each exercise."""
        files, undecided = {}, {}
        for exercise in self._names.ids:
            if exercise not in self._candidates:
                continue
            candidates = self._candidates[exercise]
            try:
                choice = choose(candidates)
            except Undecided as reason:
                undecided[exercise] = str(reason)
                self._doubts.append(Doubt(candidates[0].path, str(reason), exercise))
                self._unused += [Unused(one.path, UNDECIDED) for one in candidates]
                continue
            files[exercise] = choice.best.source
            self._unused += choice.unused
            self._doubts += choice.doubts
        self._unused += [Unused(part, OF_COURSE) for part in self._of_course]
        doubts = tuple(one for one in self._doubts if one.sure or not self._settled(one, files))
        return Selection(files, _shortened(self._unused), doubts, undecided)

    def _settled(self, doubt: Doubt, files: Mapping[str, Source]) -> bool:
        """Return True for a question about an exercise of which there is a file as asked for."""
        if doubt.exercise not in files or "is it meant" not in doubt.reason:
            return False
        return any(one.exact for one in self._candidates[doubt.exercise])


def _largest(kind: Kind) -> int:
    return LARGEST_NOTEBOOK if kind is Kind.NOTEBOOK else LARGEST_FILE


def _is_code(found: Found, guess: Guess) -> bool:
    """Return True for a file that holds code: one under another ending has to look like it."""
    if guess.kind is not Kind.TEXT or found.size > LARGEST_FILE:
        return True
    try:
        return bool(_CODE.search(Source(found.path, found.size, found.place).raw()))
    except Unreadable:
        return True  # so that it is said


def _courses(files: Iterable[Found], names: Names) -> list[tuple[str, ...]]:
    """Return the clones of the course, deepest first: `exercises/` beside a `COURSE` folder."""
    stubs, companions = set(), set()
    for found in files:
        for at, part in enumerate(found.parts[:-1]):
            if part.lower() in COURSE:
                companions.add(found.parts[:at])
        if found.parts[-2:-1] == ("exercises",) and names.exercise(found.parts[-1]):
            stubs.add(found.parts[:-2])
    return sorted(stubs & companions, key=len, reverse=True)


def _is_below(parts: tuple[str, ...], base: tuple[str, ...]) -> bool:
    return parts[: len(base)] == base


def _course_part(inner: tuple[str, ...]) -> tuple[str, ...]:
    """Return the top of a path in a clone that is not the learner's work, or () if it may be."""
    lower = tuple(part.lower() for part in inner)
    if lower[0] in COURSE and len(inner) > 1:
        return inner[:1]
    return inner[:2] if lower[:2] == ("exercises", BACKUPS) else ()


def _shortened(unused: Sequence[Unused]) -> tuple[Unused, ...]:
    """Put files not merely misnamed first; beyond `MOST_LISTED` the rest become one line."""
    telling = [one for one in unused if one.reason != NOT_NAMED]
    rest = [one for one in unused if one.reason == NOT_NAMED]
    kept = (telling + rest)[:MOST_LISTED]
    more = len(unused) - len(kept)
    if more:
        kept.append(Unused(f"{more:,} more", COUNTED))
    return tuple(kept)
