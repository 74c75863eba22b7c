"""Errors that are not transient, and cancellation."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "CANCELLATION_REPLACED",
    "CANCELLATION_TAKEN_FOR_TIMEOUT",
    "CANCELLED_ERROR_ESCAPES",
    "DEBUGGER_LEFT_IN",
    "ERROR_HANGS_PIPELINE",
    "ERROR_HELD_BACK",
    "ERROR_HIDDEN",
    "ERROR_WRAPPED",
    "IMPOSSIBLE_RECORD",
    "RAISES_AN_ERROR_OF_ITS_OWN",
    "RETRIES_OTHER_ERRORS",
    "SWALLOWS_CANCELLATION",
    "SWALLOWS_OTHER_ERRORS",
    "WAITS_FOR_WHAT_NEVER_COMES",
]

_topic = Topic(__file__)

IMPOSSIBLE_RECORD = _topic("impossible-record")
RAISES_AN_ERROR_OF_ITS_OWN = _topic("raises-an-error-of-its-own")
WAITS_FOR_WHAT_NEVER_COMES = _topic("waits-for-what-never-comes")
RETRIES_OTHER_ERRORS = _topic(
    "retries-other-errors", place="errors.quiet", shows=("tries.repeats", "tries.goes_on")
)
SWALLOWS_OTHER_ERRORS = _topic(
    "swallows-other-errors", place="errors.quiet", shows=("tries.repeats", "tries.goes_on")
)
SWALLOWS_CANCELLATION = _topic(
    "swallows-cancellation", place="errors.swallowed_cancellation", shows=("ends.cancelled",)
)
CANCELLATION_TAKEN_FOR_TIMEOUT = _topic(
    "cancellation-taken-for-timeout",
    shows=("ends.cancelled",),
)
CANCELLATION_REPLACED = _topic(
    "cancellation-replaced", place="errors.other_errors_raised", shows=("ends.cancelled",)
)
CANCELLED_ERROR_ESCAPES = _topic(
    "cancelled-error-escapes", place="queues.awaited_after_cancel", shows=("ends.cancelled",)
)
ERROR_HELD_BACK = _topic("error-held-back")
ERROR_HIDDEN = _topic(
    "error-hidden", place="errors.hidden_errors", shows=("tries.repeats", "tries.goes_on")
)
ERROR_WRAPPED = _topic("error-wrapped", place="errors.other_errors_raised")
ERROR_HANGS_PIPELINE = _topic("error-hangs-pipeline")
DEBUGGER_LEFT_IN = _topic("debugger-left-in", place="errors.breakpoints", sharper=True)
