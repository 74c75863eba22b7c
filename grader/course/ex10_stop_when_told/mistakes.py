"""The mistakes that only this exercise knows."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "BEGINS_AFTER_STOP",
    "CANCELLED_PIPELINE_LINGERS",
    "CANCELLED_PIPELINE_RETURNS",
    "GRACE_TOO_LONG",
    "GRACE_TOO_SHORT",
    "IGNORES_GRACE",
    "IGNORES_STOP",
    "ITEM_IN_THE_PUT_LOST",
    "NEEDS_STOP_TO_END",
    "NO_RETRIES_IN_THE_GRACE",
    "PAUSE_CUT_BY_STOP",
    "POLLS",
    "STOPS_AT_ONCE",
    "STOP_CUTS_CLEAN_UP",
    "TAKES_AFTER_STOP",
    "UNFINISHED_HOLDS_SETTLED",
    "UNFINISHED_INCOMPLETE",
    "UNFINISHED_NOT_THE_ITEMS",
    "UNFINISHED_OUT_OF_ORDER",
    "WAITS_FOR_WAITING_ITEMS",
    "WAITS_OUT_THE_GRACE",
    "ZERO_GRACE",
]

_topic = Topic(__file__)

NEEDS_STOP_TO_END = _topic("needs-stop-to-end")
POLLS = _topic("polls-for-stop")
IGNORES_STOP = _topic("ignores-stop")
TAKES_AFTER_STOP = _topic("takes-after-stop")
BEGINS_AFTER_STOP = _topic("begins-after-stop")
STOPS_AT_ONCE = _topic("stops-at-once")
NO_RETRIES_IN_THE_GRACE = _topic("no-retries-in-the-grace")
PAUSE_CUT_BY_STOP = _topic("pause-cut-by-stop")
GRACE_TOO_SHORT = _topic("grace-too-short")
GRACE_TOO_LONG = _topic("grace-too-long")
IGNORES_GRACE = _topic("ignores-grace")
ZERO_GRACE = _topic("zero-grace-taken-for-another")
WAITS_FOR_WAITING_ITEMS = _topic("waits-for-waiting-items")
WAITS_OUT_THE_GRACE = _topic("waits-out-the-grace")
STOP_CUTS_CLEAN_UP = _topic("stop-cuts-the-clean-up")
UNFINISHED_NOT_THE_ITEMS = _topic("unfinished-not-the-items")
UNFINISHED_INCOMPLETE = _topic("unfinished-incomplete")
ITEM_IN_THE_PUT_LOST = _topic("item-in-the-put-lost")
UNFINISHED_HOLDS_SETTLED = _topic("unfinished-holds-settled")
UNFINISHED_OUT_OF_ORDER = _topic("unfinished-out-of-order")
CANCELLED_PIPELINE_RETURNS = _topic("cancelled-pipeline-returns")
CANCELLED_PIPELINE_LINGERS = _topic("cancelled-pipeline-lingers")
