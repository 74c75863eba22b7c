"""The mistakes that this exercise alone knows."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = ["EXPONENT_FROM_TOTALS"]

_topic = Topic(__file__)

EXPONENT_FROM_TOTALS = _topic(
    "exponent-from-totals", place="waits.wait", shows=("pauses.restarts", "pauses.pauses")
)
