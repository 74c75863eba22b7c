"""The mistakes that this exercise alone knows."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = ["ITEM_NOT_HANDED_ON", "SENTINEL_CAN_BE_AN_ITEM"]

_topic = Topic(__file__)

SENTINEL_CAN_BE_AN_ITEM = _topic(
    "sentinel-can-be-an-item", place="queues.end_mark_by_value", shows=("tries.untried",)
)
ITEM_NOT_HANDED_ON = _topic("item-not-handed-on", shows=("tries.untried",))
