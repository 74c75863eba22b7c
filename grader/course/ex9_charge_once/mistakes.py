"""The mistakes that this exercise alone knows."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "KEYS_FROM_A_FORMULA",
    "KEYS_TOO_FEW",
    "KEY_CARRIED_ON",
    "KEY_FROM_A_COUNTER",
    "KEY_FROM_THE_CLOCK",
    "KEY_FROM_THE_ITEM",
    "KEY_FROM_THE_NAME",
    "KEY_FROM_THE_PROCESS",
    "KEY_IS_NO_TEXT",
    "KEY_MADE_ONCE",
    "KEY_NOT_SENT",
    "KEY_PER_TRY",
    "KEY_SHARED_BY_CONSUMERS",
]

_topic = Topic(__file__)

# How it is sent.
KEY_NOT_SENT = _topic("key-not-sent")
KEY_IS_NO_TEXT = _topic("key-is-no-text")

# The tries of one item.
KEY_PER_TRY = _topic("key-per-try")
KEY_SHARED_BY_CONSUMERS = _topic("key-shared-by-consumers")

# Different items.
KEY_MADE_ONCE = _topic("key-made-once")
KEY_CARRIED_ON = _topic("key-carried-on")
KEY_FROM_THE_ITEM = _topic("key-from-the-item")
KEY_FROM_THE_NAME = _topic("key-from-the-name")
KEY_FROM_THE_CLOCK = _topic("key-from-the-clock")
KEYS_TOO_FEW = _topic("keys-too-few")

# Different runs.
KEY_FROM_A_COUNTER = _topic("key-from-a-counter")
KEY_FROM_THE_PROCESS = _topic("key-from-the-process")
KEYS_FROM_A_FORMULA = _topic("keys-from-a-formula", place="waits.seedings")
