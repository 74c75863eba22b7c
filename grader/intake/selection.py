"""Selects the files of a submission to grade, with the reason for each file left out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.class_results import Unused
from grader.intake.listing import Found, Listing, shown
from grader.intake.names import Named, Names
from grader.intake.places import LARGEST_FILE, Source

__all__ = ["COUNTED", "NOT_NAMED", "OF_COURSE", "Selection", "select"]

MOST_LISTED = 60  # unused files; the rest are counted
NOT_NAMED = "not named like an exercise"
COUNTED = "not listed one by one"
OF_COURSE = "of the course, not the learner's work"
TOO_LARGE = f"larger than {LARGEST_FILE >> 10} KB: source code only"
COURSE = {
    "solutions",
    "grader",
    "tests",
    ".grader",
}  # beside `exercises/` in a clone or course folder
BACKUPS = "backups"  # the folder in `exercises/` where `reset` keeps copies


@dataclass(frozen=True)
class Selection:
    """The file to grade for each exercise, and the files left out."""

    files: Mapping[str, Source]
    unused: tuple[Unused, ...]


@dataclass(frozen=True)
class _Candidate:
    found: Found
    named: Named
    in_course: bool  # directly in the `exercises/` of a clone of the course

    @property
    def rank(self) -> tuple[int, ...]:
        """Sort key, higher wins: newer upload, likelier place, higher repeat, later change."""
        found = self.found
        # Zips store times to two seconds, so no finer difference counts.
        return (
            found.upload,
            self.in_course,
            -len(found.parts),
            self.named.repeat,
            found.modified // 2,
        )


def select(listing: Listing, names: Names) -> Selection:
    """Choose one file per exercise. listing: all files, including those in zips."""
    candidates: dict[str, list[_Candidate]] = defaultdict(list)
    unused = list(listing.unused)
    of_course: Counter[str] = Counter()
    courses = _courses(listing.files, names)
    for found in sorted(listing.files, key=lambda found: found.parts):
        base = next((base for base in courses if _is_below(found.parts, base)), None)
        named = names.exercise(found.name)
        if base is not None and (part := _course_part(found.parts[len(base) :])):
            of_course[shown((*base, *part))] += 1
        elif named is None:
            unused.append(Unused(found.path, _not_named(found.name, names)))
        elif found.size > LARGEST_FILE:
            unused.append(Unused(found.path, TOO_LARGE))
        else:
            in_course = base is not None and len(found.parts) == len(base) + 2
            candidates[named.exercise].append(_Candidate(found, named, in_course))
    unused += [Unused(part, OF_COURSE) for part in of_course]
    files = {
        exercise: _best(candidates[exercise], unused)
        for exercise in names.ids
        if exercise in candidates
    }
    return Selection(files, _shortened(unused))


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


def _not_named(name: str, names: Names) -> str:
    meant = names.meant(name)
    return f"{NOT_NAMED}: is it meant to be {meant}.py?" if meant else NOT_NAMED


def _best(candidates: Sequence[_Candidate], unused: list[Unused]) -> Source:
    best = max(candidates, key=lambda candidate: candidate.rank)
    chosen = best.found
    unused += [
        Unused(other.found.path, f"{_why(other, best)}: {chosen.path} counts")
        for other in candidates
        if other is not best
    ]
    return Source(chosen.path, chosen.size, chosen.place)


def _why(other: _Candidate, best: _Candidate) -> str:
    if other.found.upload < best.found.upload or other.named.repeat < best.named.repeat:
        return "an older upload"
    if other.found.parts[:-1] != best.found.parts[:-1]:
        return "found a second time"
    return "an older file"


def _shortened(unused: Sequence[Unused]) -> tuple[Unused, ...]:
    """Put files not merely misnamed first; beyond `MOST_LISTED` the rest become one line."""
    telling = [one for one in unused if one.reason != NOT_NAMED]
    rest = [one for one in unused if one.reason == NOT_NAMED]
    kept = (telling + rest)[:MOST_LISTED]
    more = len(unused) - len(kept)
    if more:
        kept.append(Unused(f"{more:,} more", COUNTED))
    return tuple(kept)
