"""The mistakes that only this exercise knows."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "ATTEMPTS_PER_KIND",
    "BUG_RETRIED",
    "BUG_SWALLOWED",
    "EVERY_5XX_RETRIED",
    "LAST_REFUSAL_COUNTS_AS_FAILED",
    "LATE_REFUSAL_RETRIED",
    "OS_ERRORS_RETRIED",
    "PAUSES_BEFORE_SORTING",
    "PAUSE_DEPENDS_ON_KIND",
    "REFUSAL_COUNTS_AS_FAILED",
    "REFUSAL_ENDS_CONSUMER",
    "REFUSAL_MISCOUNTED",
    "REFUSAL_NOT_MARKED",
    "REFUSAL_RETRIED",
    "SUBCLASS_SORTED_OTHERWISE",
    "TIMEOUT_ENDS_CONSUMER",
    "TRANSIENT_ENDS_CONSUMER",
    "TRANSIENT_NOT_RETRIED",
    "TRANSIENT_TAKEN_FOR_REFUSAL",
    "TRIED_FOR_EVER",
]

_topic = Topic(__file__)

# An error that may pass
TIMEOUT_ENDS_CONSUMER = _topic("timeout-ends-consumer")
TRANSIENT_ENDS_CONSUMER = _topic("transient-ends-consumer")
TRANSIENT_TAKEN_FOR_REFUSAL = _topic("transient-taken-for-refusal")
TRANSIENT_NOT_RETRIED = _topic("transient-not-retried")
SUBCLASS_SORTED_OTHERWISE = _topic("subclass-sorted-otherwise")
ATTEMPTS_PER_KIND = _topic("attempts-per-kind")
TRIED_FOR_EVER = _topic("tried-for-ever")
PAUSE_DEPENDS_ON_KIND = _topic("pause-depends-on-kind")

# A refusal
REFUSAL_RETRIED = _topic("refusal-retried")
EVERY_5XX_RETRIED = _topic("every-5xx-retried")
LATE_REFUSAL_RETRIED = _topic("late-refusal-retried")
REFUSAL_ENDS_CONSUMER = _topic("refusal-ends-consumer")
REFUSAL_COUNTS_AS_FAILED = _topic("refusal-counts-as-failed")
LAST_REFUSAL_COUNTS_AS_FAILED = _topic("last-refusal-counts-as-failed")
REFUSAL_MISCOUNTED = _topic("refusal-miscounted")
REFUSAL_NOT_MARKED = _topic("refusal-not-marked")
PAUSES_BEFORE_SORTING = _topic("pauses-before-sorting")

# Any other error
BUG_RETRIED = _topic("bug-retried")
BUG_SWALLOWED = _topic("bug-swallowed")
OS_ERRORS_RETRIED = _topic("os-errors-retried")
