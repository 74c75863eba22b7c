"""The mistakes that only this exercise knows."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "CEILING_IS_A_CONSTANT",
    "CEILING_SWALLOWS_JITTER",
    "CEILING_TOO_LOW",
    "DEADLINE_COUNTS_OTHER_TIME",
    "DEADLINE_CUTS_OFF_TRY",
    "DEADLINE_FORGETS_JITTER",
    "DEADLINE_FORGETS_THE_PAUSE",
    "DEADLINE_FOR_THE_END",
    "FIRST_PAUSE_UNCAPPED",
    "JITTER_OUTGROWS_THE_CEILING",
    "LATE_SUCCESS_THROWN_AWAY",
    "MAX_FOR_MIN",
    "NO_CEILING",
    "NO_DEADLINE",
    "PAUSE_CUT_TO_DEADLINE",
    "PAUSE_DRAWN_AGAIN",
    "PAUSE_FITS_BUT_GIVEN_UP",
    "PAUSE_LOST_AT_THE_CEILING",
    "POWER_OVERFLOWS",
    "SLEEPS_BEFORE_GIVING_UP",
    "WEIGHS_THE_LONGEST_PAUSE",
    "ZERO_DEADLINE_TAKEN_FOR_NONE",
]

_topic = Topic(__file__)

# The ceiling.
NO_CEILING = _topic("no-ceiling")
POWER_OVERFLOWS = _topic("power-overflows")
CEILING_SWALLOWS_JITTER = _topic("ceiling-swallows-jitter")
JITTER_OUTGROWS_THE_CEILING = _topic("jitter-outgrows-the-ceiling")
CEILING_IS_A_CONSTANT = _topic("ceiling-is-a-constant")
CEILING_TOO_LOW = _topic("ceiling-too-low")
FIRST_PAUSE_UNCAPPED = _topic("first-pause-uncapped")
PAUSE_LOST_AT_THE_CEILING = _topic("pause-lost-at-the-ceiling")
MAX_FOR_MIN = _topic("max-for-min")

# The deadline.
DEADLINE_CUTS_OFF_TRY = _topic("deadline-cuts-off-try")
LATE_SUCCESS_THROWN_AWAY = _topic("late-success-thrown-away")
NO_DEADLINE = _topic("no-deadline")
DEADLINE_FORGETS_THE_PAUSE = _topic("deadline-forgets-the-pause")
DEADLINE_FORGETS_JITTER = _topic("deadline-forgets-jitter")
DEADLINE_COUNTS_OTHER_TIME = _topic("deadline-counts-other-time")
DEADLINE_FOR_THE_END = _topic("deadline-for-the-end")
ZERO_DEADLINE_TAKEN_FOR_NONE = _topic("zero-deadline-taken-for-none")
PAUSE_CUT_TO_DEADLINE = _topic("pause-cut-to-deadline")
PAUSE_DRAWN_AGAIN = _topic("pause-drawn-again")
PAUSE_FITS_BUT_GIVEN_UP = _topic("pause-fits-but-given-up")
SLEEPS_BEFORE_GIVING_UP = _topic("sleeps-before-giving-up")
WEIGHS_THE_LONGEST_PAUSE = _topic("weighs-the-longest-pause")
