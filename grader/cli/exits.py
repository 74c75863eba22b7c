"""The exit codes of all commands; an error brings its own (`grader.errors`)."""

__all__ = ["COULD_NOT_GRADE", "INTERRUPTED", "NOT_YET"]

COULD_NOT_GRADE = 3  # the grader itself, all of it or something
NOT_YET = 10  # something does not pass yet; not 1, which is what a crash of Python gives
INTERRUPTED = 128 + 2  # as a shell says it of SIGINT
