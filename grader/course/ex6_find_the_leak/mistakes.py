"""The mistakes that only this exercise knows."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "END_MARK_BY_VALUE",
    "ERROR_KEPT_INSIDE",
    "FETCHED_TWICE",
    "FETCHES_ONE_AT_A_TIME",
    "FETCHES_TOO_FEW_AT_ONCE",
    "FETCHES_TOO_MANY_AT_ONCE",
    "FETCHES_WAIT_FOR_THE_BATCH",
    "LIMIT_OF_TIME_ADDED",
    "MORE_UNDER_WAY_THAN_ALLOWED",
    "POLLS_BETWEEN_THE_STAGES",
    "RECORDS_WAIT_IN_TASKS",
    "RECORD_LOST",
    "RECORD_STORED_TWICE",
    "RETRIES_ON_ITS_OWN",
    "SECOND_QUEUE_UNBOUNDED",
    "SLEEPS_BESIDE_THE_WORK",
    "STORER_ENDS_TOO_EARLY",
    "STORER_STARTS_TOO_LATE",
    "STORER_TAKES_AHEAD",
    "STORES_IN_BATCHES",
    "STORES_IN_ORDER",
    "STORES_NO_RECORD",
    "STORES_OVERLAP",
    "STORE_HOLDS_UP_FETCHING",
    "STORE_LEFT_IDLE",
    "TASK_FOR_EACH_ITEM",
    "TOO_FEW_RECORDS_WAIT",
]

_topic = Topic(__file__)

SECOND_QUEUE_UNBOUNDED = _topic("second-queue-unbounded")
RECORDS_WAIT_IN_TASKS = _topic("records-wait-in-tasks")
TASK_FOR_EACH_ITEM = _topic("task-for-each-item")
STORER_TAKES_AHEAD = _topic("storer-takes-ahead")
MORE_UNDER_WAY_THAN_ALLOWED = _topic("more-under-way-than-allowed")
STORER_STARTS_TOO_LATE = _topic("storer-starts-too-late")
STORER_ENDS_TOO_EARLY = _topic("storer-ends-too-early")
RECORD_LOST = _topic("record-lost")
RECORD_STORED_TWICE = _topic("record-stored-twice")
FETCHED_TWICE = _topic("fetched-twice")
END_MARK_BY_VALUE = _topic("end-mark-by-value")
STORES_NO_RECORD = _topic("stores-no-record")
STORES_OVERLAP = _topic("stores-overlap")
FETCHES_ONE_AT_A_TIME = _topic("fetches-one-at-a-time")
FETCHES_TOO_FEW_AT_ONCE = _topic("fetches-too-few-at-once")
FETCHES_TOO_MANY_AT_ONCE = _topic("fetches-too-many-at-once")
FETCHES_WAIT_FOR_THE_BATCH = _topic("fetches-wait-for-the-batch")
STORE_HOLDS_UP_FETCHING = _topic("store-holds-up-fetching")
TOO_FEW_RECORDS_WAIT = _topic("too-few-records-wait")
STORE_LEFT_IDLE = _topic("store-left-idle")
STORES_IN_ORDER = _topic("stores-in-order")
STORES_IN_BATCHES = _topic("stores-in-batches")
POLLS_BETWEEN_THE_STAGES = _topic("polls-between-the-stages")
SLEEPS_BESIDE_THE_WORK = _topic("sleeps-beside-the-work")
LIMIT_OF_TIME_ADDED = _topic("limit-of-time-added")
RETRIES_ON_ITS_OWN = _topic("retries-on-its-own")
ERROR_KEPT_INSIDE = _topic("error-kept-inside")
