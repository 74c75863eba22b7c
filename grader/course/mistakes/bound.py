"""The queue between producer and consumers, and its bound."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "BATCHES_WITH_A_BARRIER",
    "BOUND_COUNTS_WORK_IN_PROGRESS",
    "BOUND_TOO_LARGE",
    "BOUND_TOO_SMALL",
    "IGNORES_MAXSIZE",
    "POLLS_FOR_ROOM",
    "PRODUCER_SLEEPS",
    "PUTS_RUN_IN_TASKS",
    "PUT_NOWAIT_ON_FULL_QUEUE",
    "READS_ALL_ITEMS_FIRST",
    "STATIC_PARTITION",
    "UNBOUNDED_QUEUE",
]

_topic = Topic(__file__)

UNBOUNDED_QUEUE = _topic(
    "unbounded-queue", place="queues.queue_without_bound", shows=("queues.unbounded",)
)
IGNORES_MAXSIZE = _topic(
    "ignores-maxsize",
    place="queues.queue_with_fixed_bound",
    shows=("queues.unbounded", "queues.unfilled"),
)
BOUND_TOO_LARGE = _topic(
    "bound-too-large", place="queues.queue_with_other_bound", shows=("queues.unbounded",)
)
BOUND_TOO_SMALL = _topic(
    "bound-too-small", place="queues.queue_with_other_bound", shows=("queues.unbounded",)
)
BOUND_COUNTS_WORK_IN_PROGRESS = _topic("bound-counts-work-in-progress", shows=("tries.gave_up",))
READS_ALL_ITEMS_FIRST = _topic("reads-all-items-first", shows=("queues.unbounded",))
PUTS_RUN_IN_TASKS = _topic("puts-run-in-tasks", shows=("queues.unbounded",))
POLLS_FOR_ROOM = _topic("polls-for-room", shows=("pauses.sleeps",))
PUT_NOWAIT_ON_FULL_QUEUE = _topic("put-nowait-on-full-queue")
PRODUCER_SLEEPS = _topic("producer-sleeps", shows=("pauses.sleeps",))
STATIC_PARTITION = _topic("static-partition")
BATCHES_WITH_A_BARRIER = _topic("batches-with-a-barrier", place="queues.barriers")
