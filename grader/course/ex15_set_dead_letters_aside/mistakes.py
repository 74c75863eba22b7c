"""The mistakes with keys and dead letters."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "ERROR_GONE_AFTER_EXCEPT",
    "ERROR_SET_ASIDE",
    "FALSY_KEY_IS_NO_KEY",
    "HELD_UP_BY_ANOTHER_KEY",
    "JITTER_ONCE_PER_KEY",
    "JOINS_THE_DEAD_LETTERS",
    "KEYS_BY_IDENTITY",
    "KEYS_COMPARED",
    "KEYS_DEALT_OUT",
    "KEYS_IGNORED",
    "KEY_FREED_BEFORE_THE_LETTER",
    "KEY_FREED_IN_THE_PAUSE",
    "KEY_GIVEN_UP",
    "KEY_OVERTAKEN",
    "LETTERS_KEPT_BACK",
    "LETTERS_LOST",
    "LETTER_FOR_EACH_FAILURE",
    "LETTER_MISCOUNTS_TRIES",
    "LETTER_POLLS_FOR_ROOM",
    "LETTER_PUT_WITHOUT_WAITING",
    "LETTER_WAIT_BOUNDED",
    "LETTER_WITHOUT_ITS_ERROR",
    "LOOKS_TOO_SHORT",
    "NOTHING_SET_ASIDE",
    "PARKED_WITHOUT_BOUND",
    "RETURNS_BEFORE_THE_LETTER",
    "TASKS_WITHOUT_BOUND",
    "WRONG_LETTER",
]

_topic = Topic(__file__)

# The letter.
NOTHING_SET_ASIDE = _topic("nothing-set-aside", shows=("tries.gave_up",))
LETTERS_LOST = _topic("letters-lost", shows=("tries.gave_up",))
LETTER_FOR_EACH_FAILURE = _topic("letter-for-each-failure")
WRONG_LETTER = _topic("wrong-letter")
LETTER_MISCOUNTS_TRIES = _topic("letter-miscounts-tries")
LETTER_WITHOUT_ITS_ERROR = _topic("letter-without-its-error")
ERROR_GONE_AFTER_EXCEPT = _topic("error-gone-after-except")
ERROR_SET_ASIDE = _topic("error-set-aside")
# The wait for the letter.
LETTER_PUT_WITHOUT_WAITING = _topic("letter-put-without-waiting")
LETTER_POLLS_FOR_ROOM = _topic("letter-polls-for-room")
LETTER_WAIT_BOUNDED = _topic("letter-wait-bounded")
LETTERS_KEPT_BACK = _topic("letters-kept-back")
RETURNS_BEFORE_THE_LETTER = _topic("returns-before-the-letter")
JOINS_THE_DEAD_LETTERS = _topic("joins-the-dead-letters")
# The order of a key.
KEYS_IGNORED = _topic("keys-ignored")
KEY_OVERTAKEN = _topic("key-overtaken")
KEY_FREED_IN_THE_PAUSE = _topic("key-freed-in-the-pause")
KEY_FREED_BEFORE_THE_LETTER = _topic("key-freed-before-the-letter")
KEY_GIVEN_UP = _topic("key-given-up")
FALSY_KEY_IS_NO_KEY = _topic("falsy-key-is-no-key")
KEYS_BY_IDENTITY = _topic("keys-by-identity")
KEYS_COMPARED = _topic("keys-compared")
# The others.
HELD_UP_BY_ANOTHER_KEY = _topic("held-up-by-another-key")
KEYS_DEALT_OUT = _topic("keys-dealt-out")
LOOKS_TOO_SHORT = _topic("looks-too-short")
PARKED_WITHOUT_BOUND = _topic("parked-without-bound")
TASKS_WITHOUT_BOUND = _topic("tasks-without-bound")
# The pauses.
JITTER_ONCE_PER_KEY = _topic("jitter-once-per-key", shows=("pauses.pauses",))
