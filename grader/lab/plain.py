"""Values of the learner's as plain JSON: exact built-in types only, nothing of theirs is called."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

__all__ = ["LONGEST_NAME", "plain"]

LONGEST_NAME = 100  # characters of a name: a type's, a task's
_LONGEST = 200  # characters of a string, values in a list, bits of a number
_MOST = 1_000  # values in all


_Known = Callable[[Any], Any]


def plain(value: Any, depth: int = 3, known: _Known | None = None) -> Any:
    """`value` as plain data; any other object becomes `{"object": <its type's name>}`.

    A subclass of dict is read as a dict, by dict's own methods. What is too much is left out.

    known: asked first for what is in lists and tuples: gives plain data in its place, or None.
    """
    return _plain(value, depth, [_MOST], known)


def _plain(value: Any, depth: int, left: list[int], known: _Known | None) -> Any:
    """As `plain`; `left` holds how many values there may still be, for all levels together."""
    kind = type(value)
    left[0] -= 1
    if value is None or kind in (bool, float) or (kind is int and value.bit_length() < _LONGEST):
        return value
    if kind is str:
        return value[:_LONGEST]
    most = max(0, min(_LONGEST, left[0]))
    if depth and issubclass(kind, dict):  # an object's `__class__` may say anything
        pairs = list(islice(dict.items(value), most))
        rows = ((k[:_LONGEST], v) for k, v in pairs if type(k) is str)
        return {key: _plain(v, depth - 1, left, known) for key, v in rows}
    if depth and kind in (list, tuple):
        found = [None if known is None else known(v) for v in value[:most]]
        return [
            _plain(v, depth - 1, left, known) if one is None else one
            for one, v in zip(found, value, strict=False)
        ]
    return {"object": kind.__name__[:LONGEST_NAME]}
