"""What is asked of a submission, wherever it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from grader.class_results import Sender, Unused

__all__ = ["Source", "Submission"]


class Source(Protocol):
    """One file that was handed in."""

    def read(self) -> bytes:
        """Its bytes; raises `OSError` or `ValueError`, whose text says why it cannot be used."""


class Submission(Protocol):
    """One entry of a class, with a name that no other has.

    `files` are by the exercise's id; one that is not there is missing. `note` says why there is
    nothing to grade, where that is so.
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
