"""Chooses among the files for one exercise: the newest that is named as asked, and what is in doubt.

A wrong choice costs a learner points without anybody noticing. So it says how sure it is: a file that
is clearly older is merely left, one that may have been meant is in doubt, and of two that nothing tells
apart none is chosen.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.class_results import Doubt, Unused
from grader.intake.guesses import Kind, Strength
from grader.intake.listing import Found
from grader.intake.notebooks import LARGEST_NOTEBOOK, module_of
from grader.intake.places import InZip, Source, Unreadable

__all__ = ["Candidate", "Choice", "Undecided", "choose"]


LARGEST_BLANK = 1 << 10  # bytes; larger files are not looked into


@dataclass(frozen=True)
class Candidate:
    """A file that is probably meant for an exercise.

    repeat: the number that a platform or a browser has added to its name. in_course: whether it lies
    directly in the `exercises/` of a clone of the course.
    """

    found: Found
    exercise: str
    strength: Strength
    kind: Kind = Kind.CODE
    repeat: int = 0
    in_course: bool = False

    @property
    def path(self) -> str:
        return self.found.path

    @cached_property
    def source(self) -> Source:
        found = self.found
        if self.kind is Kind.NOTEBOOK:
            return Source(found.path, found.size, found.place, _converted, LARGEST_NOTEBOOK)
        return Source(found.path, found.size, found.place)

    @property
    def exact(self) -> bool:
        return self.strength is Strength.EXACT

    @property
    def moment(self) -> int:
        """When it was last changed; zips store times to two seconds, so no finer difference counts."""
        return self.found.modified // 2

    @property
    def container(self) -> object:
        """Where its time was recorded: zips have no time zone, so times compare only within one."""
        place = self.found.place
        return id(place.archive) if isinstance(place, InZip) else None

    @property
    def rank(self) -> tuple[int, ...]:
        """Sort key within a container, higher wins."""
        return (*self._first, self.moment, *self._last)

    @property
    def place_rank(self) -> tuple[int, ...]:
        """Sort key where times do not compare."""
        return (*self._first, *self._last)

    @property
    def _first(self) -> tuple[int, ...]:
        return (self.exact, self.found.upload, self.in_course)

    @property
    def _last(self) -> tuple[int, ...]:
        return (self.strength, -len(self.found.parts), self.repeat)


class Undecided(Exception):
    """Nothing tells two files apart; the message names them and says what to do."""


@dataclass(frozen=True)
class Choice:
    """The file that counts, what is left out, and what a person should know."""

    best: Candidate
    unused: tuple[Unused, ...]
    doubts: tuple[Doubt, ...]


def choose(candidates: Sequence[Candidate]) -> Choice:
    """Choose among the files for one exercise. Raises `Undecided`."""
    best = _best(candidates)
    others = [one for one in candidates if one is not best]
    different = [one for one in others if not _same(one, best)]
    for other in different:
        if other.container == best.container and other.rank == best.rank:
            raise Undecided(
                f"{best.path} and {other.path} differ, and nothing says which is meant: keep one of "
                "them, and run again"
            )
    unused = [Unused(one.path, f"{_why(one, best)}: {best.path} counts") for one in others]
    doubts = [_counted(best)] if not best.exact else []
    doubts += [
        Doubt(one.path, f"may be meant, but {best.path} counts", best.exercise)
        for one in different
        if not _clearly_older(one, best)
    ]
    if _is_blank(best):
        doubts.append(Doubt(best.path, "is empty: did the upload fail?", best.exercise))
    return Choice(best, tuple(unused), tuple(doubts))


def _is_blank(best: Candidate) -> bool:
    """Return True for a file without anything in it but blanks and a byte-order mark."""
    if best.found.size > LARGEST_BLANK:
        return False
    try:
        return not best.source.raw().removeprefix(codecs.BOM_UTF8).strip()
    except Unreadable:
        return False


def _best(candidates: Sequence[Candidate]) -> Candidate:
    """Return the newest of each container that has some, and of those the likeliest by its place."""
    containers: dict[object, Candidate] = {}
    for one in candidates:
        known = containers.get(one.container)
        if known is None or one.rank > known.rank:
            containers[one.container] = one
    return max(containers.values(), key=lambda one: one.place_rank)


def _clearly_older(other: Candidate, best: Candidate) -> bool:
    if other.found.upload < best.found.upload:
        return True
    if other.container != best.container or other.moment > best.moment:
        return False
    if other.repeat < best.repeat and other.strength == best.strength:
        return True
    if best.in_course and not other.in_course:
        return True
    return other.moment < best.moment and other.repeat <= best.repeat


def _why(other: Candidate, best: Candidate) -> str:
    if not other.exact and best.exact:
        return "not named like an exercise"
    if other.found.upload < best.found.upload or other.repeat < best.repeat:
        return "an older upload"
    if other.found.parts[:-1] != best.found.parts[:-1]:
        return "found a second time"
    return "an older file" if other.moment < best.moment else "another file for it"


def _counted(best: Candidate) -> Doubt:
    said = ""
    if best.kind is Kind.NOTEBOOK:
        try:
            left_out = module_of(best.source.raw()).said
            said = "its code cells" + (f", {left_out}" if left_out else "")
        except ValueError as error:
            said = str(error)
    reason = f"counts as {best.exercise}.py" + (f": {said}" if said else "")
    return Doubt(best.path, reason, best.exercise, sure=True)


def _same(one: Candidate, other: Candidate) -> bool:
    if one.found.size != other.found.size:
        return False
    try:
        return one.source.raw() == other.source.raw()
    except Unreadable:
        return False


def _converted(data: bytes) -> bytes:
    return module_of(data).source.encode("utf-8", "surrogatepass")
