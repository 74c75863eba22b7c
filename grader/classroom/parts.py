"""Parts of a class that are graded apart: which submissions are in one, and what it notes of itself."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.class_results import Unused

__all__ = ["PartNote", "Shard", "note_from_record", "note_record", "part_of", "shard_in"]


@dataclass(frozen=True)
class Shard:
    """The part `number` of `count`, from 1 on."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def holds(self, name: str) -> bool:
        """Return whether a submission is in this part."""
        return part_of(name, self.count) == self.number


def part_of(name: str, count: int) -> int:
    """Return the part of `count` that a submission is in; its name alone says so, on every machine."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
    return 1 + int.from_bytes(digest[:8]) % count


def shard_in(text: str) -> Shard | None:
    """Read `I/N`; None if that is no part."""
    found = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text.strip())
    shard = Shard(int(found[1]), int(found[2])) if found else None
    return shard if shard and 1 <= shard.number <= shard.count else None


@dataclass(frozen=True)
class PartNote:
    """What a part notes, so that a merge can tell whether parts are of one class, and what is missing.

    course, python: the versions that graded it. settings: of its workers, as text. exercises: the ids of
    those that count. names: of all submissions of the class, in order. unused, unreadable: of the whole
    class. host: the machine, for a dispute.
    """

    shard: Shard
    course: str
    python: str
    settings: str
    exercises: tuple[str, ...]
    names: tuple[str, ...]
    unused: tuple[Unused, ...] = ()
    unreadable: tuple[Unused, ...] = ()
    host: str = ""


def note_record(note: PartNote) -> dict[str, Any]:
    """Return a note as plain data."""
    return {
        "shard": [note.shard.number, note.shard.count],
        "course": note.course,
        "python": note.python,
        "settings": note.settings,
        "exercises": list(note.exercises),
        "names": list(note.names),
        "unused": [[one.path, one.reason] for one in note.unused],
        "unreadable": [[one.path, one.reason] for one in note.unreadable],
        "host": note.host,
    }


def note_from_record(data: Mapping[str, Any]) -> PartNote:
    """Return the note that `note_record` wrote."""
    return PartNote(
        Shard(*data["shard"]),
        data["course"],
        data["python"],
        data["settings"],
        tuple(data["exercises"]),
        tuple(data["names"]),
        tuple(Unused(*row) for row in data["unused"]),
        tuple(Unused(*row) for row in data["unreadable"]),
        data["host"],
    )
