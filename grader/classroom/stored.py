"""What a class's store holds, as frozen data: runs, changes, submissions with their verdicts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader.class_results import SubmissionResult
from grader.classroom.packing import unpack
from grader.classroom.provenance import UNKNOWN, Provenance
from grader.results import ExerciseResult, Outcome

__all__ = ["Change", "Run", "Stored", "StoredSubmissions", "Verdict"]


@dataclass(frozen=True)
class Run:
    """One run over a class. `ended` is None for a run that was stopped.

    options: which files it writes, as plain data, so that a later run can bring them up to date.
    """

    number: int
    seed: int
    sources: tuple[str, ...]
    began: str
    ended: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Change:
    """A result that differs from the one before: outcomes and points."""

    submission: str
    exercise: str
    before: Outcome
    score_before: int
    after: Outcome
    score_after: int
    max_score: int


@dataclass(frozen=True)
class Verdict:
    """A verdict as it is stored, with its fingerprint; for another store."""

    exercise: str
    key: str
    outcome: str
    score: int
    max_score: int
    record: bytes
    provenance: Provenance = UNKNOWN

    def result(self) -> ExerciseResult:
        """Return the verdict as a result."""
        return unpack(self.record)


@dataclass(frozen=True)
class Stored:
    """A submission as it is stored, with all its verdicts. about: what is known of it, as JSON."""

    about: str
    verdicts: tuple[Verdict, ...]


class StoredSubmissions(Collection[SubmissionResult]):
    """Submissions in the store, of which one at a time is in memory."""

    def __init__(self, count: int, read: Callable[[], Iterator[SubmissionResult]]) -> None:
        self._count = count
        self._read = read

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[SubmissionResult]:
        return self._read()

    def __contains__(self, item: object) -> bool:
        return any(item == one for one in self)
