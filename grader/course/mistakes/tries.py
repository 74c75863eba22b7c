"""The retry loop: how often an item is tried, and when."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "IGNORES_ATTEMPTS",
    "ITEM_PUT_BACK",
    "NEVER_GIVES_UP",
    "NO_RETRY",
    "ONE_TRY_TOO_FEW",
    "ONE_TRY_TOO_MANY",
    "OWN_TIMEOUT_ADDED",
    "RESULT_TAKEN_FOR_SUCCESS",
    "SUBCLASS_NOT_RETRIED",
    "TOO_FEW_TRIES",
    "TOO_MANY_TRIES",
    "TRIED_AFTER_SUCCESS",
    "TRIES_CARRIED_TO_NEXT_ITEM",
    "TRIES_RUN_AT_ONCE",
    "TRIES_SHARED_BY_CONSUMERS",
]

_topic = Topic(__file__)

IGNORES_ATTEMPTS = _topic(
    "ignores-attempts", place="errors.fixed_tries", shows=("tries.stops_short", "tries.repeats")
)
ONE_TRY_TOO_MANY = _topic("one-try-too-many", shows=("tries.stops_short", "tries.repeats"))
ONE_TRY_TOO_FEW = _topic("one-try-too-few", shows=("tries.stops_short", "tries.repeats"))
TOO_MANY_TRIES = _topic("too-many-tries", shows=("tries.stops_short", "tries.repeats"))
TOO_FEW_TRIES = _topic("too-few-tries", shows=("tries.stops_short", "tries.repeats"))
NO_RETRY = _topic(
    "no-retry",
    place="errors.either_error",
    sharper=True,
    shows=("tries.stops_short", "tries.repeats"),
)
NEVER_GIVES_UP = _topic("never-gives-up")
TRIED_AFTER_SUCCESS = _topic(
    "tried-after-success",
    place="queues.all_tries_at_once",
    shows=("tries.stops_short", "tries.repeats"),
)
RESULT_TAKEN_FOR_SUCCESS = _topic("result-taken-for-success")
TRIES_RUN_AT_ONCE = _topic("tries-run-at-once", place="queues.all_tries_at_once")
TRIES_CARRIED_TO_NEXT_ITEM = _topic("tries-carried-to-next-item")
TRIES_SHARED_BY_CONSUMERS = _topic("tries-shared-by-consumers")
ITEM_PUT_BACK = _topic("item-put-back", place="waits.puts_back", shows=("tries.put_back",))
OWN_TIMEOUT_ADDED = _topic("own-timeout-added")
SUBCLASS_NOT_RETRIED = _topic("subclass-not-retried", shows=("tries.stops_short",))
