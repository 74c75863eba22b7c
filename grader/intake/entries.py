"""The submissions of a class, as frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from grader.class_results import Attempt, Doubt, Sender, Unused
from grader.intake.places import Source

__all__ = ["Entry", "Intake"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One submission. `files`: the modules to grade by exercise id, in the course's order.

    `note`: why there is nothing to grade, or "". `unused`: everything handed in that is not graded.
    `doubts`: what a person should know. `undecided`: exercises of which nobody can tell the file, with
    the reason. `unreadable`: why an exercise without a file may have one after all, or "".
    `submitted`: when it was sent, ISO 8601, without a zone where the platform says none, or "".
    `attempt`: which attempt of a learner it is, where each is an entry.
    """

    name: str
    senders: tuple[Sender, ...] = ()
    late: bool = False
    files: Mapping[str, Source] = field(default_factory=dict)
    unused: tuple[Unused, ...] = ()
    note: str = ""
    doubts: tuple[Doubt, ...] = ()
    undecided: Mapping[str, str] = field(default_factory=dict)
    unreadable: str = ""
    submitted: str = ""
    attempt: Attempt | None = None


@dataclass(frozen=True)
class Intake:
    """A class: its entries sorted by name; `unused`: what belongs to no submission.

    `unreadable`: those of them that could not be read, and may be somebody's work.

    Use it as a context manager: zips of a whole class stay open while their files are read.
    """

    entries: tuple[Entry, ...]
    unused: tuple[Unused, ...] = ()
    unreadable: tuple[Unused, ...] = ()
    resources: ExitStack = field(default_factory=ExitStack, repr=False, compare=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files that are still open."""
        self.resources.close()
