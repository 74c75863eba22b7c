"""The verdicts on a class, as frozen data: who handed in what, how it came out, and what looks alike."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from grader.results import ExerciseResult, Outcome

__all__ = ["Alike", "ClassReport", "Likeness", "Sender", "SubmissionResult", "Unused"]


@dataclass(frozen=True)
class Sender:
    """Who handed something in, as a learning platform knows them; what is not known is empty.

    platform: "canvas", "moodle", "gradescope", or empty for a plain folder.
    id: the platform's own key: Canvas' user id, Moodle's participant number, Gradescope's
        submission id.
    name: the display name; sid: the school's number or login; email: an address.
    """

    platform: str = ""
    id: str = ""
    name: str = ""
    sid: str = ""
    email: str = ""


@dataclass(frozen=True)
class Unused:
    """Something in what was handed in that is not graded, and the reason in a few words."""

    path: str
    reason: str


@dataclass(frozen=True)
class SubmissionResult:
    """The verdicts on everything that one entry handed in.

    `submission` is the entry's name; `senders` are more than one for a group's work. `note` says
    why nothing could be graded, where that is so.
    """

    submission: str
    exercises: tuple[ExerciseResult, ...] = ()
    senders: tuple[Sender, ...] = ()
    late: bool = False
    note: str = ""
    unused: tuple[Unused, ...] = ()

    @property
    def score(self) -> int:
        return sum(exercise.score for exercise in self.exercises)

    @property
    def max_score(self) -> int:
        return sum(exercise.max_score for exercise in self.exercises)

    @property
    def ungraded(self) -> bool:
        """True when the grader itself failed somewhere, or nothing was graded at all."""
        outcomes = [exercise.outcome for exercise in self.exercises]
        return not outcomes or Outcome.UNGRADED in outcomes


@dataclass(frozen=True)
class ClassReport:
    """The verdicts on a class, in the order of the entries' names.

    `submissions` may read each from a store anew whenever it is iterated over: a large class need
    not fit into memory. `exercises` are the ids in the order of the course; `unused` is what
    belonged to no submission.
    """

    seed: int
    exercises: tuple[str, ...]
    submissions: Collection[SubmissionResult]
    unused: tuple[Unused, ...] = ()


class Likeness(StrEnum):
    """In what two files agree; the first is the most."""

    SAME = "same"  # all but comments, docstrings and blank space
    RENAMED = "renamed"  # all but those, and names and texts
    NEARLY = "nearly"  # most of what is not the stub's


@dataclass(frozen=True)
class Alike:
    """Submissions to one exercise that look alike, by their entries' names: worth a look, no proof.

    likeness: what holds for all of them; share: the smallest share of their own code, from 0 to 1,
    that one of them has in common with another.
    """

    exercise: str
    likeness: Likeness
    submissions: tuple[str, ...]
    share: float = 1.0
