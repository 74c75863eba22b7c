"""The mistakes with a service that says how often, and when, it may be asked."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "GIVES_UP_WHEN_REFUSED",
    "IGNORES_RATE",
    "IGNORES_RETRY_AFTER",
    "POLLS_FOR_A_TURN",
    "RATE_EXCEEDED",
    "RATE_FOR_EACH_CONSUMER",
    "RATE_IS_A_CONSTANT",
    "RATE_LIMITS_CALLS_AT_ONCE",
    "REFUSALS_FREE_OF_THE_RATE",
    "REFUSALS_NOT_COUNTED",
    "REFUSALS_USE_UP_NO_TRY",
    "RETRIES_NOT_LIMITED",
    "RETRY_AFTER_ADDED_TO_DELAY",
    "RETRY_AFTER_CUT_SHORT",
    "RETRY_AFTER_HOLDS_UP_ALL",
    "RETRY_AFTER_REMEMBERED",
    "RETRY_AFTER_REPLACES_BACKOFF",
    "SLOT_NOT_RESERVED",
    "SLOT_TAKEN_TOO_EARLY",
    "SLOWER_THAN_THE_RATE",
    "TOKEN_BUCKET",
    "WINDOW_BY_THE_SECOND",
]

_topic = Topic(__file__)

# What a refusal asks for.
IGNORES_RETRY_AFTER = _topic("ignores-retry-after")
RETRY_AFTER_CUT_SHORT = _topic("retry-after-cut-short")
RETRY_AFTER_REPLACES_BACKOFF = _topic("retry-after-replaces-backoff")
RETRY_AFTER_ADDED_TO_DELAY = _topic("retry-after-added-to-delay")
RETRY_AFTER_REMEMBERED = _topic("retry-after-remembered")
RETRY_AFTER_HOLDS_UP_ALL = _topic("retry-after-holds-up-all")
GIVES_UP_WHEN_REFUSED = _topic("gives-up-when-refused")
REFUSALS_NOT_COUNTED = _topic("refusals-not-counted")
REFUSALS_USE_UP_NO_TRY = _topic("refusals-use-up-no-try")
# No rate, or another thing than the rate.
IGNORES_RATE = _topic("ignores-rate")
RATE_IS_A_CONSTANT = _topic("rate-is-a-constant")
RATE_LIMITS_CALLS_AT_ONCE = _topic("rate-limits-calls-at-once")
RATE_FOR_EACH_CONSUMER = _topic("rate-for-each-consumer")
RETRIES_NOT_LIMITED = _topic("retries-not-limited")
REFUSALS_FREE_OF_THE_RATE = _topic("refusals-free-of-the-rate")
# A rate that lets too many through.
TOKEN_BUCKET = _topic("token-bucket")
WINDOW_BY_THE_SECOND = _topic("window-by-the-second")
SLOT_NOT_RESERVED = _topic("slot-not-reserved")
SLOT_TAKEN_TOO_EARLY = _topic("slot-taken-too-early")
RATE_EXCEEDED = _topic("rate-exceeded")
# Waiting that costs too much.
SLOWER_THAN_THE_RATE = _topic("slower-than-the-rate")
POLLS_FOR_A_TURN = _topic("polls-for-a-turn")
