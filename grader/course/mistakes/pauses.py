"""The waits between the tries: when they are, and how long."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "ARGUMENTS_SWAPPED",
    "DEFAULT_CHANGED",
    "DELAY_TAKEN_FOR_TIMEOUT",
    "NO_BACKOFF",
    "PAUSE_PADDED",
    "PAUSE_ROUNDED",
    "SETTINGS_NOT_PASSED_ON",
    "SLEEPS_AFTER_LAST_FAILURE",
    "SLEEPS_AFTER_SUCCESS",
    "SLEEPS_BEFORE_FIRST_TRY",
    "SLEEPS_IN_EX2",
    "SLEEP_NOT_AWAITED",
    "SPINS_WHILE_WAITING",
    "WAITS_ONE_AT_A_TIME",
    "WAIT_MEASURED_FROM_START",
    "WRONG_PAUSE",
    "WRONG_UNIT",
]

_topic = Topic(__file__)

SLEEPS_IN_EX2 = _topic("sleeps-in-ex2", place="waits.sleeps", shows=("pauses.unasked",))
NO_BACKOFF = _topic("no-backoff", shows=("pauses.pauses",))
SLEEP_NOT_AWAITED = _topic(
    "sleep-not-awaited", place="waits.sleep_in_a_task", shows=("ends.unawaited", "pauses.pauses")
)
SLEEPS_BEFORE_FIRST_TRY = _topic("sleeps-before-first-try", shows=("pauses.sleeps",))
SLEEPS_AFTER_SUCCESS = _topic("sleeps-after-success", shows=("pauses.sleeps",))
SLEEPS_AFTER_LAST_FAILURE = _topic("sleeps-after-last-failure", shows=("pauses.sleeps",))
DELAY_TAKEN_FOR_TIMEOUT = _topic("delay-taken-for-timeout", shows=("pauses.pauses",))
PAUSE_ROUNDED = _topic("pause-rounded", place="waits.wait", shows=("pauses.pauses",))
WRONG_UNIT = _topic("wrong-unit")
WAIT_MEASURED_FROM_START = _topic("wait-measured-from-start", place="waits.wait")
WAITS_ONE_AT_A_TIME = _topic("waits-one-at-a-time")
SPINS_WHILE_WAITING = _topic("spins-while-waiting")
PAUSE_PADDED = _topic("pause-padded", shows=("pauses.pauses",))
WRONG_PAUSE = _topic("wrong-pause", place="waits.wait", shows=("pauses.pauses",))
SETTINGS_NOT_PASSED_ON = _topic("settings-not-passed-on", place="errors.consumer_calls")
DEFAULT_CHANGED = _topic("default-changed", place="signatures.other_defaults")
ARGUMENTS_SWAPPED = _topic("arguments-swapped", shows=("pauses.pauses",))
