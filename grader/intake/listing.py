"""The files found in a submission, before any is selected."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from grader.class_results import Unused
from grader.intake.names import printable
from grader.intake.places import Place

__all__ = ["LINK", "LITTER", "SPECIAL", "UNREAD", "Found", "Listing", "shown"]

LITTER = "left behind by a tool or the system"
LINK = "a link: links are never followed"
UNREAD = "cannot be read"
SPECIAL = "neither a file nor a folder"


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file. parts: its path within the submission.

    size: in bytes; modified: in seconds since 1970.
    upload: the platform's number of the file's upload, higher for newer ones.
    called: the sender's own file name, where the platform has added to it.
    """

    parts: tuple[str, ...]
    size: int
    modified: int
    place: Place
    upload: int = 0
    called: str = ""

    @property
    def name(self) -> str:
        return self.called or self.parts[-1]

    @property
    def path(self) -> str:
        return shown(self.parts)


@dataclass
class Listing:
    """The files found, and those already left out with a reason."""

    files: list[Found] = field(default_factory=list)
    unused: list[Unused] = field(default_factory=list)

    def leave(self, parts: Iterable[str], reason: str, *, unreadable: bool = False) -> None:
        """List what is left out. unreadable: it may hold files that count."""
        self.unused.append(Unused(shown(parts), reason, unreadable))

    @property
    def unreadable(self) -> list[Unused]:
        """What nobody could look into, so that nobody knows what was handed in."""
        return [one for one in self.unused if one.unreadable]

    def add(self, other: Listing) -> None:
        self.files += other.files
        self.unused += other.unused


def shown(parts: Iterable[str]) -> str:
    """Return a path as printable text."""
    return printable("/".join(parts))
