"""The event loop, and what is awaited on it."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "BLOCKS_THE_LOOP",
    "COROUTINE_NEVER_AWAITED",
    "COROUTINE_REUSED",
]

_topic = Topic(__file__)

BLOCKS_THE_LOOP = _topic("blocks-the-loop", place="waits.blocking_sleep")
COROUTINE_NEVER_AWAITED = _topic(
    "coroutine-never-awaited", shows=("ends.unawaited", "pauses.pauses")
)
COROUTINE_REUSED = _topic("coroutine-reused")
