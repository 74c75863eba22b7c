"""Values of the learner's as plain JSON: exact built-in types only, nothing of theirs is called."""

from __future__ import annotations

from typing import Any

__all__ = ["plain"]

_LONGEST = 200


def plain(value: Any, depth: int = 3) -> Any:
    """`value` as plain data; any other object becomes `{"object": <its type's name>}`.

    A subclass of dict is read as a dict, by dict's own methods.
    """
    kind = type(value)
    if value is None or kind in (bool, float) or (kind is int and value.bit_length() < _LONGEST):
        return value
    if kind is str:
        return value[:_LONGEST]
    if depth and issubclass(kind, dict):  # an object's `__class__` may say anything
        pairs = list(dict.items(value))[:_LONGEST]
        return {key[:_LONGEST]: plain(v, depth - 1) for key, v in pairs if type(key) is str}
    if depth and kind in (list, tuple):
        return [plain(v, depth - 1) for v in value[:_LONGEST]]
    return {"object": kind.__name__}
