"""The mistakes that only this exercise knows: with a circuit that opens, waits and probes."""

from grader.course.kit.failures import Topic

__all__ = [
    "CIRCUIT_FOR_EACH_CONSUMER",
    "CIRCUIT_NEVER_OPENS",
    "CIRCUIT_REPLACES_THE_PAUSE",
    "COUNT_NOT_RESET",
    "EVERYBODY_PROBES",
    "FAILED_PROBE_DOES_NOT_REOPEN",
    "FAILURES_COUNTED_APART",
    "HELD_UP_WHILE_CLOSED",
    "IGNORES_COOLDOWN",
    "IGNORES_THRESHOLD",
    "LATE_RESULTS_CHANGE_THE_CIRCUIT",
    "NEVER_LET_ON",
    "OPENING_CUTS_OFF_TRIES",
    "OPEN_CIRCUIT_USES_UP_TRIES",
    "POLLS_THE_CIRCUIT",
    "PROBE_COMES_LATE",
    "RETURNS_AFTER_THE_COOLDOWN",
    "SOME_FAILURES_NOT_COUNTED",
    "THRESHOLD_OFF_BY_ONE",
    "TRIES_WHILE_OPEN",
    "WAITS_ADD_UP",
    "WRONG_COOLDOWN",
]

_topic = Topic(__file__)

# When it opens.
CIRCUIT_NEVER_OPENS = _topic("circuit-never-opens")
THRESHOLD_OFF_BY_ONE = _topic("threshold-off-by-one")
IGNORES_THRESHOLD = _topic("ignores-threshold")
COUNT_NOT_RESET = _topic("count-not-reset")
SOME_FAILURES_NOT_COUNTED = _topic("some-failures-not-counted")
CIRCUIT_FOR_EACH_CONSUMER = _topic("circuit-for-each-consumer")
FAILURES_COUNTED_APART = _topic("failures-counted-apart")
# While it is open.
TRIES_WHILE_OPEN = _topic("tries-while-open")
IGNORES_COOLDOWN = _topic("ignores-cooldown")
WRONG_COOLDOWN = _topic("wrong-cooldown")
LATE_RESULTS_CHANGE_THE_CIRCUIT = _topic("late-results-change-the-circuit")
OPENING_CUTS_OFF_TRIES = _topic("opening-cuts-off-tries")
OPEN_CIRCUIT_USES_UP_TRIES = _topic("open-circuit-uses-up-tries")
# The probe, and what follows.
EVERYBODY_PROBES = _topic("everybody-probes")
PROBE_COMES_LATE = _topic("probe-comes-late")
NEVER_LET_ON = _topic("never-let-on")
FAILED_PROBE_DOES_NOT_REOPEN = _topic("failed-probe-does-not-reopen")
HELD_UP_WHILE_CLOSED = _topic("held-up-while-closed")
# How it is waited for.
WAITS_ADD_UP = _topic("waits-add-up")
CIRCUIT_REPLACES_THE_PAUSE = _topic("circuit-replaces-the-pause")
POLLS_THE_CIRCUIT = _topic("polls-the-circuit")
RETURNS_AFTER_THE_COOLDOWN = _topic("returns-after-the-cooldown")
