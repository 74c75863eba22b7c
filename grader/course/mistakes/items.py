"""The items: taken from any iterable, each worked on once, in order."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "DROPS_ITEMS",
    "EQUAL_ITEMS_MERGED",
    "ITEMS_OUT_OF_ORDER",
    "ITEMS_PUT_TWICE",
    "NEEDS_ASYNC_ITERABLE",
    "NEEDS_ITERATOR",
    "NEEDS_LEN",
    "NEEDS_LIST",
    "NEXT_FINDS_NOTHING",
    "SAME_OBJECT_ONCE",
    "UNHASHABLE_ITEM",
    "WORKS_ON_ANOTHER_ITEM",
    "WORKS_ON_NO_ITEM",
    "WORKS_TWICE",
    "WRONG_QUEUE_KIND",
]

_topic = Topic(__file__)

DROPS_ITEMS = _topic("drops-items", place="queues.puts_that_give_up", shows=("tries.untried",))
ITEMS_PUT_TWICE = _topic("items-put-twice")
WRONG_QUEUE_KIND = _topic("wrong-queue-kind", place="queues.queue_of_another_kind")
ITEMS_OUT_OF_ORDER = _topic(
    "items-out-of-order", place="queues.queue_of_another_kind", shows=("tries.disorder",)
)
WORKS_TWICE = _topic("works-twice", shows=("tries.stops_short", "tries.repeats"))
NEEDS_LEN = _topic("needs-len")
NEEDS_LIST = _topic("needs-list")
NEEDS_ITERATOR = _topic("needs-iterator")
NEEDS_ASYNC_ITERABLE = _topic("needs-async-iterable")
NEXT_FINDS_NOTHING = _topic("next-finds-nothing")
UNHASHABLE_ITEM = _topic("unhashable-item")
WORKS_ON_ANOTHER_ITEM = _topic("works-on-another-item")
WORKS_ON_NO_ITEM = _topic("works-on-no-item")
EQUAL_ITEMS_MERGED = _topic("equal-items-merged", place="queues.items_looked_up")
SAME_OBJECT_ONCE = _topic("same-object-once")
