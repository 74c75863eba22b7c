"""The interface of a submission, wherever it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from grader.class_results import Sender, Unused

__all__ = ["Source", "Submission"]


class Source(Protocol):
    """One handed-in file."""

    def read(self) -> bytes:
        """Return its bytes; raises `OSError` or `ValueError`, whose text says why it is unusable."""


class Submission(Protocol):
    """One entry of a class, with a unique name.

    `files`: by exercise id; an absent id means a missing file. `note`: why there is nothing to
    grade, or "".
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
