"""task_done() and join(): how the pipeline knows that all is finished."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "EMPTY_QUEUE_TAKEN_FOR_FINISHED",
    "JOIN_BEFORE_PUT",
    "JOIN_BOUNDED",
    "POLLS_INSTEAD_OF_JOIN",
    "PRIVATE_COUNTERS",
    "RETURNS_WITHOUT_WAITING",
    "SLEEPS_BEFORE_RETURN",
    "SLEEP_INSTEAD_OF_JOIN",
    "TASK_DONE_FROM_OUTSIDE",
    "TASK_DONE_MISSING",
    "TASK_DONE_MISSING_ON_SUCCESS",
    "TASK_DONE_MISSING_WHEN_GIVEN_UP",
    "TASK_DONE_ONCE_PER_CONSUMER",
    "TASK_DONE_PER_TRY",
    "TASK_DONE_TOO_EARLY",
    "TASK_DONE_TWICE",
    "TASK_DONE_WITHOUT_ITEM",
]

_topic = Topic(__file__)

TASK_DONE_MISSING = _topic(
    "task-done-missing", place="errors.uncalled_marks", sharper=True, shows=("marks.marks",)
)
TASK_DONE_MISSING_WHEN_GIVEN_UP = _topic(
    "task-done-missing-when-given-up",
    place="errors.marks_or_counts_failed",
    sharper=True,
    shows=("marks.marks",),
)
TASK_DONE_MISSING_ON_SUCCESS = _topic(
    "task-done-missing-on-success",
    place="errors.marks_or_counts_consumed",
    sharper=True,
    shows=("marks.marks",),
)
TASK_DONE_TOO_EARLY = _topic("task-done-too-early", shows=("marks.marks",))
TASK_DONE_TWICE = _topic("task-done-twice", shows=("marks.marks",))
TASK_DONE_PER_TRY = _topic("task-done-per-try", shows=("marks.marks",))
TASK_DONE_ONCE_PER_CONSUMER = _topic("task-done-once-per-consumer", shows=("marks.marks",))
TASK_DONE_WITHOUT_ITEM = _topic("task-done-without-item", shows=("marks.marks",))
TASK_DONE_FROM_OUTSIDE = _topic("task-done-from-outside", shows=("marks.marks",))
PRIVATE_COUNTERS = _topic("private-counters", place="errors.private")
RETURNS_WITHOUT_WAITING = _topic(
    "returns-without-waiting",
    place="errors.private_changed",
    shows=("ends.returned", "pauses.sleeps"),
)
JOIN_BEFORE_PUT = _topic("join-before-put", shows=("ends.returned", "pauses.sleeps"))
JOIN_BOUNDED = _topic("join-bounded", shows=("ends.returned", "pauses.sleeps"))
SLEEP_INSTEAD_OF_JOIN = _topic("sleep-instead-of-join", shows=("ends.returned", "pauses.sleeps"))
SLEEPS_BEFORE_RETURN = _topic("sleeps-before-return", shows=("pauses.sleeps",))
POLLS_INSTEAD_OF_JOIN = _topic("polls-instead-of-join", shows=("ends.returned", "pauses.sleeps"))
EMPTY_QUEUE_TAKEN_FOR_FINISHED = _topic(
    "empty-queue-taken-for-finished", shows=("ends.returned", "pauses.sleeps")
)
