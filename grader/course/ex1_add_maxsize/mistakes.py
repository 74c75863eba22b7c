"""The mistakes that this exercise alone knows."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = ["SENTINEL_CAN_BE_AN_ITEM"]

_topic = Topic(__file__)

SENTINEL_CAN_BE_AN_ITEM = _topic(
    "sentinel-can-be-an-item", place="queues.end_mark_by_value", shows=("tries.untried",)
)
