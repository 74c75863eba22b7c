"""What is asked of a submission, wherever it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Protocol

from grader.results import Sender, Unused

__all__ = ["Source", "Submission", "in_order"]


class Source(Protocol):
    """One file that was handed in."""

    def read(self) -> bytes:
        """Its bytes; raises `OSError` or `ValueError`, whose text says why it cannot be used."""


class Submission(Protocol):
    """One entry of a class. `files` are by the exercise's id; one that is not there is missing."""

    @property
    def name(self) -> str: ...

    @property
    def senders(self) -> tuple[Sender, ...]: ...

    @property
    def late(self) -> bool: ...

    @property
    def unused(self) -> tuple[Unused, ...]: ...

    @property
    def files(self) -> Mapping[str, Source]: ...


def in_order(submissions: Sequence[Submission]) -> list[Submission]:
    """In the order of the names, which is that of every list and every file.

    Raises `ValueError` when two have the same name: nobody could tell their results apart.
    """
    ordered = sorted(submissions, key=lambda one: (one.name.casefold(), one.name))
    for one, other in pairwise(ordered):
        if one.name == other.name:
            raise ValueError(f"two submissions are called {one.name!r}")
    return ordered
