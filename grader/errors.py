"""Every error that a user can meet.

    GraderError               anything below; the command line prints it and exits
    ├── UsageError            the command cannot be carried out as given (exit code 2)
    │   ├── UnknownExercise   no single exercise has that name
    │   └── CourseError       a file or folder of the course is missing or unusable
    │       └── NoCourseFolder  the command needs a course folder, and was not started in one
    └── GraderFault           the grader itself could not grade (exit code 3)
        └── HostBusy          the machine has no room for another process just now

Each message is one line that says what happened and what to do next.
"""

__all__ = [
    "CourseError",
    "GraderError",
    "GraderFault",
    "HostBusy",
    "NoCourseFolder",
    "UnknownExercise",
    "UsageError",
]


class GraderError(Exception):
    """The base of all errors that the command line shows as one line."""

    exit_code = 3


class UsageError(GraderError):
    """The command cannot be carried out as given."""

    exit_code = 2


class UnknownExercise(UsageError):
    """A name matches no exercise, or more than one."""


class CourseError(UsageError):
    """A file or folder of the course is missing or unusable."""


class NoCourseFolder(CourseError):
    """The command needs a course folder, and was not started in one."""


class GraderFault(GraderError):
    """The grader itself could not grade; never the learner's fault."""


class HostBusy(GraderFault):
    """The machine has no room for another process at the moment; the submission is not the cause."""
