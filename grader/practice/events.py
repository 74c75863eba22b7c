"""Events and effects of the `watch` loop, as frozen data."""

from __future__ import annotations

from dataclasses import dataclass

from grader.results import ExerciseResult
from grader.wire import Advanced, Progress, Troubled

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
    """A key was pressed: a character, or a name such as `up` (see `grader.practice.keys`)."""

    key: str


@dataclass(frozen=True)
class Changing:
    """The files of these exercises are being written."""

    exercises: tuple[str, ...]


@dataclass(frozen=True)
class Saved:
    """The files of these exercises have been saved."""

    exercises: tuple[str, ...]


@dataclass(frozen=True)
class Graded:
    """A run finished with verdicts. at: local time of day, `HH:MM:SS`."""

    run: int
    results: tuple[ExerciseResult, ...]
    at: str = ""


@dataclass(frozen=True)
class Outdated:
    """A run graded files that have changed since, or that were only half written."""

    run: int


@dataclass(frozen=True)
class Hinted:
    """One more hint may be shown. level: hints shown in all; again: there were no more hints."""

    level: int
    again: bool = False


@dataclass(frozen=True)
class Noticed:
    """A one-line message to the learner."""

    text: str


@dataclass(frozen=True)
class EditorClosed:
    """The editor exited or could not be started. trouble: a message about that, if any."""

    trouble: str = ""


@dataclass(frozen=True)
class Fitted:
    """The body's size, in lines.

    page: how many fit on the screen; lines: how many there are; hints_end: where the hints end.
    """

    page: int
    lines: int
    hints_end: int = 0


@dataclass(frozen=True)
class Resized:
    """The window was resized, or has to be redrawn."""


@dataclass(frozen=True)
class Ticked:
    """A redraw interval has passed."""


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
    """Grade these exercises; cancels a run in progress."""

    run: int
    exercises: tuple[str, ...]


@dataclass(frozen=True)
class Cancel:
    """Cancel the run in progress."""


@dataclass(frozen=True)
class Climb:
    """Record that a hint is shown: one more than before, or the first, which comes with a verdict.

    about: the mistake's code or the check's name; hints: how many there are; after: how many are on
    the screen, None for the first.
    """

    exercise: str
    about: str
    hints: int
    after: int | None = None


@dataclass(frozen=True)
class Reset:
    """Restore an exercise's stub."""

    exercise: str


@dataclass(frozen=True)
class Edit:
    """Open the exercise's file in the learner's editor, at `line` if it is given."""

    exercise: str
    line: int | None = None


@dataclass(frozen=True)
class TakeBack:
    """Take the terminal back, if an editor had it."""


@dataclass(frozen=True)
class Suspend:
    """Stop, and leave the terminal to the shell until it resumes us."""


@dataclass(frozen=True)
class Quit:
    """End the loop."""


Effect = Grade | Cancel | Climb | Reset | Edit | TakeBack | Suspend | Quit
