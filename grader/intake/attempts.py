"""Reads the names that Brightspace and Blackboard give to attempts, which say when each was sent.

Brightspace (D2L): a folder `<user>-<attempt> - <First Last> - <Oct 10, 2025 1022 AM>/` for each attempt,
or, in older downloads, that before the name of a file; beside them an `index.html`.
Blackboard: flat, `<assignment>_<user>_attempt_<2026-03-02-10-11-12>_<file>`, where "attempt" is in the
site's language, and for each attempt a `.txt` with a line such as `Name: Ada Lovelace (ada)`.
Neither says in which time zone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

__all__ = ["Attempt", "Person", "blackboard", "brightspace", "person_in"]

_BRIGHTSPACE = re.compile(
    r"(?P<user>[0-9]{1,20})-(?P<attempt>[0-9]{1,20}) - (?P<name>.+?) - "
    r"(?P<when>(?:[^/]*?[0-9]{4}[ ,]*|[0-9]{4}-[0-9]{2}-[0-9]{2} )"
    # A separator of hours and minutes is left out, or what an unpacking tool makes of it.
    r"[0-9]{1,2}[:_.]?[0-9]{2}(?: ?[AaPp]\.?[Mm]\.?)?)(?: - (?P<file>.+))?",
    re.DOTALL,
)
_BLACKBOARD = re.compile(
    r"(?P<front>.+)_(?P<word>[^\W\d_]+(?:[ _][^\W\d_]+)?)_"
    r"(?P<when>[0-9]{4}(?:-[0-9]{2}){5})(?:_(?P<file>.+)|\.txt)",
    re.DOTALL,
)
_PERSON = re.compile(r"[^\n:]{1,40}:\s*(?P<name>[^\n]+?)\s*\((?P<id>[^()\s]{1,100})\)\s*(?:\n|\Z)")
_WHEN = (
    "%b %d, %Y %I%M %p",
    "%B %d, %Y %I%M %p",
    "%d %B, %Y %H%M",
    "%d %b, %Y %H%M",
    "%b %d, %Y %H%M",
    "%Y-%m-%d %H%M",
)


@dataclass(frozen=True)
class Person:
    """Who an attempt's record says it is from."""

    id: str
    name: str


@dataclass(frozen=True)
class Attempt:
    """What a name says. front: what all attempts of one person have in common.

    user: the person's id; name: theirs, or "". file: the sender's own file name, or "" for a folder or
    for the platform's record of the attempt. submitted: local time, ISO 8601, or "". key:
    what tells the attempts of one person apart.
    """

    front: str
    user: str
    name: str
    file: str
    submitted: str
    key: str

    @property
    def number(self) -> int:
        """A number that is higher for later attempts; 0 when the time cannot be read."""
        return int(re.sub(r"[^0-9]", "", self.submitted) or 0)


def brightspace(name: str) -> Attempt | None:
    """Read the name of a folder or file in Brightspace's download, or return None."""
    found = _BRIGHTSPACE.fullmatch(name)
    if found is None:
        return None
    user = found["user"]
    submitted = _moment(found["when"], _WHEN)
    return Attempt(user, user, found["name"], found["file"] or "", submitted, found["attempt"])


def blackboard(name: str, people: Mapping[str, Person]) -> Attempt | None:
    """Read the name of a file in Blackboard's download, or return None. people: by `front`."""
    found = _BLACKBOARD.fullmatch(name)
    if found is None or "_" not in found["front"]:
        return None
    front = found["front"]
    known = people.get(front, Person(front.rpartition("_")[2], ""))
    submitted = _moment(found["when"], ("%Y-%m-%d-%H-%M-%S",))
    return Attempt(front, known.id, known.name, found["file"] or "", submitted, found["when"])


def person_in(record: str) -> Person | None:
    """Return the person whom Blackboard's record of an attempt names in its first lines, or None."""
    found = _PERSON.search(record[:2_000])
    return Person(found["id"], found["name"]) if found else None


def _moment(text: str, formats: tuple[str, ...]) -> str:
    """Return a time without a zone as ISO 8601, or "" when it is written in another way."""
    joined = re.sub(r"\b([0-9]{1,2})[:_.]([0-9]{2})\b", r"\1\2", " ".join(text.split()))
    tidy = re.sub(r"\b([0-9])([0-9]{2}) ?([AaPp])", r"0\1\2 \3", joined)
    for one in formats:
        try:
            return datetime.strptime(tidy, one).isoformat()  # noqa: DTZ007 - it says no zone
        except ValueError:
            continue
    return ""
