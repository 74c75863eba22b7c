"""The mistakes with a time limit: none at all, one around the wrong lines, or one that ends too much."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "CALL_LEFT_RUNNING",
    "CLEAN_UP_CUT_SHORT",
    "CLEAN_UP_HOLDS_UP_OTHERS",
    "HANGS_WITH_THE_CALL",
    "IGNORES_TIMEOUT",
    "LIMIT_ENDS_CONSUMER",
    "OTHER_PAUSE_AFTER_TIMEOUT",
    "PAUSE_FROM_THE_TIMEOUT",
    "POLLS_THE_CALL",
    "RETRIES_DURING_CLEAN_UP",
    "SERVICE_TIMEOUT_NOT_RETRIED",
    "SOME_TRIES_HAVE_NO_LIMIT",
    "TIMEOUTS_NOT_COUNTED",
    "TIMEOUT_CHANGES_WITH_THE_TRY",
    "TIMEOUT_COVERS_THE_GET",
    "TIMEOUT_COVERS_THE_PAUSE",
    "TIMEOUT_GIVES_UP",
    "TIMEOUT_HITS_OTHERS",
    "TIMEOUT_SHARED_BY_TRIES",
    "TIMEOUT_USES_UP_NO_TRY",
    "WRONG_TIMEOUT",
]

_topic = Topic(__file__)

# No limit.
HANGS_WITH_THE_CALL = _topic("hangs-with-the-call", shows=("timeouts.overdue",))
SOME_TRIES_HAVE_NO_LIMIT = _topic("some-tries-have-no-limit", shows=("timeouts.overdue",))
# Another limit than asked.
IGNORES_TIMEOUT = _topic("ignores-timeout", shows=("timeouts.off",))
WRONG_TIMEOUT = _topic("wrong-timeout", shows=("timeouts.off",))
TIMEOUT_CHANGES_WITH_THE_TRY = _topic("timeout-changes-with-the-try", shows=("timeouts.off",))
POLLS_THE_CALL = _topic("polls-the-call", shows=("timeouts.off",))
# A limit around the wrong lines.
TIMEOUT_SHARED_BY_TRIES = _topic("timeout-shared-by-tries", shows=("timeouts.off",))
TIMEOUT_COVERS_THE_PAUSE = _topic("timeout-covers-the-pause", shows=("timeouts.off",))
TIMEOUT_COVERS_THE_GET = _topic("timeout-covers-the-get", shows=("timeouts.off",))
TIMEOUT_HITS_OTHERS = _topic("timeout-hits-others", shows=("timeouts.off",))
# What follows when the time is over.
LIMIT_ENDS_CONSUMER = _topic("limit-ends-consumer")
TIMEOUT_GIVES_UP = _topic("timeout-gives-up")
TIMEOUT_USES_UP_NO_TRY = _topic("timeout-uses-up-no-try")
TIMEOUTS_NOT_COUNTED = _topic("timeouts-not-counted")
OTHER_PAUSE_AFTER_TIMEOUT = _topic("other-pause-after-timeout", shows=("pauses.pauses",))
# What becomes of the call.
CALL_LEFT_RUNNING = _topic("call-left-running", shows=("timeouts.overdue", "tries.repeats"))
RETRIES_DURING_CLEAN_UP = _topic("retries-during-clean-up", shows=("tries.repeats",))
PAUSE_FROM_THE_TIMEOUT = _topic("pause-from-the-timeout", shows=("pauses.pauses",))
CLEAN_UP_CUT_SHORT = _topic("clean-up-cut-short")
CLEAN_UP_HOLDS_UP_OTHERS = _topic("clean-up-holds-up-others", shows=("pauses.pauses",))
# Who else ends a try.
SERVICE_TIMEOUT_NOT_RETRIED = _topic("service-timeout-not-retried")
