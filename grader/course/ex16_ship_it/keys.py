"""The keys that calls carry: one for each item, and never another item's, in no run."""

from __future__ import annotations

from collections.abc import Sequence

from grader.course.api import Trace
from grader.course.ex16_ship_it.mistakes import KEY_FOR_SEVERAL, KEY_IS_NO_TEXT, KEY_PER_CALL
from grader.course.ex16_ship_it.shift import Facts, Shift
from grader.course.kit.failures import short_key

__all__ = ["keys_are_right", "keys_never_come_back", "keys_of"]


def keys_of(facts: Facts) -> dict[tuple[int, int], object]:
    """The key of each call, by item and number."""
    said = (e.data for e in facts.trace.of("said"))
    return {(item, n): words.get("key") for item, n, _s, words in said if item in facts.places}


def keys_are_right(facts: Facts) -> None:
    """All calls of an item carry one key, a text, and no other item's."""
    keys, owner = keys_of(facts), dict[object, int]()
    for one in facts.tries:
        key = keys.get((one.item, one.number))
        if type(key) is not str or not key:
            raise KEY_IS_NO_TEXT(
                f"The call of {facts.name(one.item)} at {one.start:.3f} s carried the key {key!r:.60}.",
                "A key is a str, and not empty.",
                line=one.line,
                at=one.start,
                task=one.task,
                item=one.item,
            )
        first = keys.get((one.item, 1))
        if key != first:
            raise KEY_PER_CALL(
                f"Call 1 of {facts.name(one.item)} carried the key {short_key(first)}, and call "
                f"{one.number}, at {one.start:.3f} s, {short_key(key)}: the carrier takes them for two "
                "orders.",
                "All calls of an item carry the same key.",
                line=one.line,
                at=one.start,
                task=one.task,
                item=one.item,
            )
        other = owner.setdefault(key, one.item)
        if other != one.item:
            raise KEY_FOR_SEVERAL(
                f"Two items, {facts.trace.name(other)} and {facts.trace.name(one.item)}, were called "
                f"with one key, {short_key(key)}: the carrier makes one label for both.",
                "Different items carry different keys, also equal ones.",
                line=one.line,
                at=one.start,
                task=one.task,
                item=one.item,
            )


def keys_never_come_back(runs: Sequence[tuple[Shift, Trace]], when: str) -> None:
    """No call carries a key that an item of an earlier one of these runs had carried.

    when: how a later run of these is called in words.
    """
    known: set[object] = set()
    for shift, trace in runs:
        keys = keys_of(Facts(trace, shift))
        for one in Facts(trace, shift).tries:
            if (key := keys.get((one.item, one.number))) in known:
                raise KEY_FOR_SEVERAL(
                    f"{when} an item was called with the key {short_key(key)}, which an item of a run "
                    "before had carried: the carrier makes no label for it.",
                    "Different items carry different keys, also in the next run of the program.",
                    line=one.line,
                    at=one.start,
                    task=one.task,
                    item=one.item,
                ).about(trace)
        known.update(keys.values())
