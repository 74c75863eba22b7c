"""What can happen while somebody practises, and what is to be done about it: frozen data."""

from __future__ import annotations

from dataclasses import dataclass

from grader.results import ExerciseResult

__all__ = [
    "Advanced",
    "Cancel",
    "Changing",
    "Climb",
    "Edit",
    "EditorClosed",
    "Effect",
    "Event",
    "Fitted",
    "Grade",
    "Graded",
    "Hinted",
    "Noticed",
    "Outdated",
    "Pressed",
    "Progress",
    "Quit",
    "Reset",
    "Resized",
    "Saved",
    "Suspend",
    "TakeBack",
    "Ticked",
    "Troubled",
]


# -- events ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pressed:
    """A key: a character, or a name such as `up`, `enter` or `esc` (see `grader.practice.keys`)."""

    key: str


@dataclass(frozen=True)
class Changing:
    """These exercises' files are being written."""

    exercises: tuple[str, ...]


@dataclass(frozen=True)
class Saved:
    """These exercises' files have been saved."""

    exercises: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """How far a run is: the check that runs, and how many of the exercise's are done."""

    exercise: str
    check: str
    done: int
    checks: int


@dataclass(frozen=True)
class Advanced:
    """A run has come further."""

    run: int
    progress: Progress


@dataclass(frozen=True)
class Graded:
    """A run has its verdicts. at: the time of day, as people write it."""

    run: int
    results: tuple[ExerciseResult, ...]
    at: str = ""


@dataclass(frozen=True)
class Outdated:
    """A run's verdicts are on files as they are no longer, or never were as a whole."""

    run: int


@dataclass(frozen=True)
class Troubled:
    """A run has no verdicts, for a reason that is the grader's own."""

    run: int
    trouble: str


@dataclass(frozen=True)
class Hinted:
    """One hint more may be shown. level: how many in all; again: there were no more."""

    level: int
    again: bool = False


@dataclass(frozen=True)
class Noticed:
    """Something to tell, in a line."""

    text: str


@dataclass(frozen=True)
class EditorClosed:
    """The learner's editor has ended, or could not be started. trouble: what to say of that."""

    trouble: str = ""


@dataclass(frozen=True)
class Fitted:
    """What was drawn: how many lines fit on the screen, how many there are, where hints end."""

    page: int
    lines: int
    hints_end: int = 0


@dataclass(frozen=True)
class Resized:
    """The window has another size, or has to be drawn anew."""


@dataclass(frozen=True)
class Ticked:
    """A moment of a run has passed."""


Event = (
    Pressed
    | Changing
    | Saved
    | Advanced
    | Graded
    | Outdated
    | Troubled
    | Hinted
    | Noticed
    | EditorClosed
    | Fitted
    | Resized
    | Ticked
)


# -- effects ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Grade:
    """Have exercises graded; a run that is under way is cancelled."""

    run: int
    exercises: tuple[str, ...]


@dataclass(frozen=True)
class Cancel:
    """End the run that is under way."""


@dataclass(frozen=True)
class Climb:
    """Note that hints are shown: one more than before, or just the first.

    about: the mistake or the check; hints: how many there are; after: how many are on the screen,
    None where the first comes with the verdict.
    """

    exercise: str
    about: str
    hints: int
    after: int | None = None


@dataclass(frozen=True)
class Reset:
    """Put an exercise's stub back."""

    exercise: str


@dataclass(frozen=True)
class Edit:
    """Open a file in the learner's editor, at a line where there is one to go to."""

    exercise: str
    line: int | None = None


@dataclass(frozen=True)
class TakeBack:
    """Take the terminal, where an editor had it."""


@dataclass(frozen=True)
class Suspend:
    """Give the terminal back to the shell until it brings us to the front again."""


@dataclass(frozen=True)
class Quit:
    """It is over."""


Effect = Grade | Cancel | Climb | Reset | Edit | TakeBack | Suspend | Quit
