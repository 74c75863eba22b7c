"""Consumers: how many there are, how they get their items, and how they come to their end."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "CONSUMERS_NEVER_TOLD_TO_STOP",
    "CONSUMERS_START_TOO_LATE",
    "CONSUMER_ENDS_ON_EMPTY_QUEUE",
    "CONSUMER_PREFETCHES",
    "FALSY_ITEM_TAKEN_FOR_END",
    "GET_NOWAIT_ON_EMPTY_QUEUE",
    "GIVING_UP_ENDS_CONSUMER",
    "IGNORES_CONSUMERS",
    "ONE_SENTINEL_FOR_ALL",
    "POLLS_FOR_ITEMS",
    "STATE_SHARED_BETWEEN_RUNS",
    "STOPS_ON_TIMEOUT",
    "SUCCESS_ENDS_CONSUMER",
    "TASKS_LEFT_BEHIND",
    "TIMERS_LEFT_BEHIND",
    "WAITS_FOR_THE_OTHERS",
    "WORK_RUNS_BESIDE_THE_CONSUMER",
    "WORK_SERIALISED",
    "WORK_SLOTS_LIMITED",
]

_topic = Topic(__file__)

IGNORES_CONSUMERS = _topic(
    "ignores-consumers", place="queues.lone_consumer", shows=("queues.idle",)
)
CONSUMERS_START_TOO_LATE = _topic("consumers-start-too-late")
CONSUMER_PREFETCHES = _topic("consumer-prefetches")
POLLS_FOR_ITEMS = _topic("polls-for-items", shows=("pauses.sleeps",))
GET_NOWAIT_ON_EMPTY_QUEUE = _topic("get-nowait-on-empty-queue")
CONSUMER_ENDS_ON_EMPTY_QUEUE = _topic(
    "consumer-ends-on-empty-queue", place="queues.ways_out", shows=("tries.untried",)
)
SUCCESS_ENDS_CONSUMER = _topic("success-ends-consumer", place="queues.returns", sharper=True)
GIVING_UP_ENDS_CONSUMER = _topic("giving-up-ends-consumer", shows=("tries.stops_short",))
STOPS_ON_TIMEOUT = _topic("stops-on-timeout")
FALSY_ITEM_TAKEN_FOR_END = _topic(
    "falsy-item-taken-for-end", place="queues.truth_of_items", shows=("tries.untried",)
)
ONE_SENTINEL_FOR_ALL = _topic("one-sentinel-for-all")
CONSUMERS_NEVER_TOLD_TO_STOP = _topic("consumers-never-told-to-stop", place="queues.cancels")
TASKS_LEFT_BEHIND = _topic("tasks-left-behind", shows=("ends.returned", "pauses.sleeps"))
TIMERS_LEFT_BEHIND = _topic("timers-left-behind", shows=("ends.returned",))
WORK_SERIALISED = _topic("work-serialised")
WORK_SLOTS_LIMITED = _topic("work-slots-limited", place="queues.slots")
WAITS_FOR_THE_OTHERS = _topic("waits-for-the-others")
WORK_RUNS_BESIDE_THE_CONSUMER = _topic(
    "work-runs-beside-the-consumer",
    place="queues.work_in_a_task",
    shows=("tries.beside", "tries.repeats"),
)
STATE_SHARED_BETWEEN_RUNS = _topic("state-shared-between-runs")
