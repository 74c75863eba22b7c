"""The counts in stats."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "CONSUMED_COUNTS_FAILURES",
    "COUNTS_UNSETTLED_ITEM",
    "FAILED_COUNTS_TRIES",
    "RETRIED_COUNTS_ITEMS",
    "RETRIED_OFF_BY_ONE",
    "RETURNS_NOTHING",
    "STATS_COPIED",
    "STATS_KEYS_MISSING",
    "STATS_LOST_UPDATE",
    "STATS_NOT_COUNTED",
    "STATS_OVERWRITTEN",
    "STATS_TOO_EARLY",
    "STATS_TOO_LATE",
    "STATS_WRONG",
]

_topic = Topic(__file__)

STATS_COPIED = _topic("stats-copied", place="errors.stats_replaced", shows=("tries.gave_up",))
STATS_TOO_LATE = _topic("stats-too-late", shows=("tries.gave_up",))
STATS_TOO_EARLY = _topic(
    "stats-too-early", place="errors.stats_copied_early", shows=("tries.gave_up",)
)
STATS_OVERWRITTEN = _topic(
    "stats-overwritten", place="errors.stats_overwritten", shows=("tries.gave_up",)
)
STATS_LOST_UPDATE = _topic("stats-lost-update", shows=("tries.gave_up",))
STATS_KEYS_MISSING = _topic("stats-keys-missing", shows=("tries.gave_up",))
STATS_NOT_COUNTED = _topic("stats-not-counted", shows=("tries.gave_up",))
STATS_WRONG = _topic("stats-wrong", shows=("tries.gave_up",))
RETURNS_NOTHING = _topic("returns-nothing", shows=("ends.returned", "pauses.sleeps"))
CONSUMED_COUNTS_FAILURES = _topic(
    "consumed-counts-failures", place="errors.counted_consumed", shows=("tries.gave_up",)
)
RETRIED_OFF_BY_ONE = _topic(
    "retried-off-by-one", place="errors.counted_retried", shows=("tries.gave_up",)
)
RETRIED_COUNTS_ITEMS = _topic(
    "retried-counts-items", place="errors.counted_retried", shows=("tries.gave_up",)
)
FAILED_COUNTS_TRIES = _topic(
    "failed-counts-tries", place="errors.counted_failed", shows=("tries.gave_up",)
)
COUNTS_UNSETTLED_ITEM = _topic(
    "counts-unsettled-item", place="errors.counted_in_cleanup", shows=("tries.gave_up",)
)
