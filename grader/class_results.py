"""The verdicts on a class as frozen data: senders, submissions, results and look-alikes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from grader.results import ExerciseResult, Outcome

__all__ = [
    "Alike",
    "Attempt",
    "ClassReport",
    "Doubt",
    "Final",
    "Likeness",
    "Sender",
    "SubmissionResult",
    "Unused",
]


@dataclass(frozen=True, slots=True)
class Sender:
    """The person who handed something in, as known to a learning platform; unknown fields are empty.

    platform: "canvas", "moodle", "brightspace", "blackboard", "gradescope", or empty for a plain folder.
    id: the platform's own key: Canvas' and Brightspace's user id, Moodle's participant number,
        Blackboard's user name, Gradescope's submission id.
    name: the display name; sid: the school's number or login; email: an address.
    folder: what stands before a file's name in the platform's download, by which it finds the owner of
        feedback: `Ada Lovelace_501_assignsubmission_file/`.
    """

    platform: str = ""
    id: str = ""
    name: str = ""
    sid: str = ""
    email: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class Unused:
    """A file that was handed in but not graded, with a short reason.

    unreadable: nobody could look into it, so that it may be, or hold, work that counts.
    """

    path: str
    reason: str
    unreadable: bool = False


@dataclass(frozen=True, slots=True)
class Doubt:
    """A file that an instructor should know about, with the reason.

    exercise: the one that it concerns, or "" for any that is missing. sure: it counts, under another
    name than was asked for; otherwise a person should look.
    """

    path: str
    reason: str
    exercise: str = ""
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """Which attempt of a learner a submission is, where attempts are graded one by one.

    learner: the name of the submission that they are in the end. number: higher for later attempts.
    """

    learner: str
    number: int


@dataclass(frozen=True)
class Final:
    """The points in the end, by a policy and by what a person decided.

    score: None while something is not graded. exercises: points by id. ungraded: ids of those without
    any. said: each adjustment, in a line.
    """

    score: float | None
    max_score: float
    exercises: Mapping[str, float]
    ungraded: frozenset[str] = frozenset()
    said: tuple[str, ...] = ()


@dataclass(frozen=True)
class SubmissionResult:
    """The verdicts on everything in one entry.

    `submission` is the entry's name; a group's work has several `senders`. `note` says why nothing
    could be graded, or is empty. `handed_in`: the exercises of which it has a file.
    `submitted`: when it was sent, ISO 8601, or "". `final`: the points in the end, or None when they are
    those that were graded. `attempt`: which one this is, where each is graded; `counted`: which of them
    counts, and why, or "".
    """

    submission: str
    exercises: tuple[ExerciseResult, ...] = ()
    senders: tuple[Sender, ...] = ()
    late: bool = False
    note: str = ""
    unused: tuple[Unused, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    handed_in: tuple[str, ...] = ()
    submitted: str = ""
    final: Final | None = None
    attempt: Attempt | None = None
    counted: str = ""

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
    """The verdicts on a class, ordered by the entries' names.

    `submissions` may read each result from a store on every iteration, so that a large class need not
    fit into memory. `exercises` are the ids in course order; `unused` are files outside any submission.
    """

    seed: int
    exercises: tuple[str, ...]
    submissions: Collection[SubmissionResult]
    unused: tuple[Unused, ...] = ()


class Likeness(StrEnum):
    """How alike two files are; the first is the closest."""

    SAME = "same"  # equal except for comments, docstrings and white space
    RENAMED = "renamed"  # equal except for those, and names and strings
    NEARLY = "nearly"  # most of the code that is not the stub's is equal


@dataclass(frozen=True)
class Alike:
    """Submissions to one exercise that look alike, by their entries' names: a hint, not proof.

    likeness: the closest level that holds for all of them.
    share: the smallest fraction, 0 to 1, of one submission's own code that it shares with another.
    """

    exercise: str
    likeness: Likeness
    submissions: tuple[str, ...]
    share: float = 1.0
