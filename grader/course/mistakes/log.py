"""The log line after each put."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "LOG_FORMAT",
    "LOG_LINES_MISSING",
    "LOG_NOT_ON_STDOUT",
    "SIZE_NOT_FROM_THE_QUEUE",
    "SIZE_READ_TOO_EARLY",
    "SIZE_READ_TOO_LATE",
]

_topic = Topic(__file__)

SIZE_READ_TOO_LATE = _topic("size-read-too-late", place="queues.put_lines", sharper=True)
SIZE_READ_TOO_EARLY = _topic("size-read-too-early", place="queues.put_lines", sharper=True)
SIZE_NOT_FROM_THE_QUEUE = _topic("size-not-from-the-queue", place="queues.put_lines", sharper=True)
LOG_NOT_ON_STDOUT = _topic("log-not-on-stdout", shows=("queues.first_put",))
LOG_FORMAT = _topic("log-format", place="queues.put_lines", sharper=True)
LOG_LINES_MISSING = _topic("log-lines-missing", place="queues.condition_of_log")
