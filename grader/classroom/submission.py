"""The interface of a submission, wherever it comes from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from grader.class_results import Doubt, Sender, Unused

__all__ = ["Source", "Submission", "telling", "unreadable"]


class Source(Protocol):
    """One handed-in file."""

    def read(self) -> bytes:
        """Return its bytes; raises `OSError` or `ValueError`, whose text says why it is unusable."""


class Submission(Protocol):
    """One entry of a class, with a unique name.

    `files`: by exercise id; an absent id means a missing file. `note`: why there is nothing to
    grade, or "". It may also have `doubts`, `undecided` and `unreadable`, as `grader.intake.Entry` has.
    """

    @property
    def name(self) -> str: ...

    @property
    def senders(self) -> tuple[Sender, ...]: ...

    @property
    def late(self) -> bool: ...

    @property
    def unused(self) -> tuple[Unused, ...]: ...

    @property
    def note(self) -> str: ...

    @property
    def files(self) -> Mapping[str, Source]: ...


def unreadable(one: Submission, exercise: str) -> str:
    """Return why nobody can tell whether an exercise was handed in, or ""."""
    undecided: Mapping[str, str] = getattr(one, "undecided", {})
    return undecided.get(exercise, "") or str(getattr(one, "unreadable", ""))


def telling(one: Submission, exercises: Collection[str]) -> tuple[Doubt, ...]:
    """Return the doubts that concern these exercises; a question only where one of them is missing."""
    doubts: tuple[Doubt, ...] = getattr(one, "doubts", ())
    complete = all(exercise in one.files for exercise in exercises)
    return tuple(
        doubt
        for doubt in doubts
        if (doubt.exercise in exercises if doubt.exercise else not complete)
    )
