"""Turns the learner's values into plain JSON data without calling any of the learner's code."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from itertools import islice
from typing import Any

__all__ = ["cut", "name_of", "plain"]

_LONGEST_NAME = 100  # characters of a name: a type's, a task's
_LONGEST = 200  # characters of a string, values in a list, bits of a number
_MOST = 1_000  # values in all
_DIGEST = 16  # characters that stand for what is left out of a string

_slice, _name = str.__getitem__, vars(type)["__name__"].__get__
# `hashlib` would take longer to import than all of the lab.
_digest: Any = import_module("_sha2" if sys.version_info >= (3, 12) else "_sha512").sha512
_Known = Callable[[Any], Any]


def cut(text: str, most: int = _LONGEST_NAME) -> str:
    """The first characters of `text`, as a plain str: a subclass may say anything when it is cut."""
    return _slice(text, slice(most))


def name_of(kind: type) -> str:
    """The name of a class, cut, whatever its metaclass says that it is."""
    return cut(_name(kind))


def plain(value: Any, depth: int = 3, known: _Known | None = None) -> Any:
    """`value` as plain data; an object of any other type becomes `{"object": <its type's name>}`.

    Only exact built-in types count, except that subclasses of dict, list and tuple (a `NamedTuple`) are
    read by the methods of these. Values beyond the limits are left out; strings that differ there, or in
    what UTF-8 cannot hold, stay different all the same.

    known: called first for each value in a list or tuple; returns plain data to use instead, or None.
    """
    return _plain(value, depth, [_MOST], known)


def _plain(value: Any, depth: int, left: list[int], known: _Known | None) -> Any:
    """As `plain`; `left` holds how many more values are allowed, over all levels."""
    kind = type(value)
    left[0] -= 1
    if value is None or kind in (bool, float) or (kind is int and value.bit_length() < _LONGEST):
        return value
    if kind is str:
        return value if len(value) <= _LONGEST and value.isascii() else _text(value)
    most = max(0, min(_LONGEST, left[0]))
    if depth and issubclass(kind, dict):  # an object's `__class__` may say anything
        pairs = list(islice(dict.items(value), most))
        rows = ((k[:_LONGEST], v) for k, v in pairs if type(k) is str)
        return {key: _plain(v, depth - 1, left, known) for key, v in rows}
    base = next((one for one in (list, tuple) if issubclass(kind, one)), None)
    if depth and base is not None:
        values = list(islice(base.__iter__(value), most))
        found = [None if known is None else known(v) for v in values]
        return [
            _plain(v, depth - 1, left, known) if one is None else one
            for one, v in zip(found, values, strict=True)
        ]
    return {"object": name_of(kind)}


def _text(text: str) -> str:
    """A string, with a digest of all of it in the place of what is left out."""
    data = text.encode("utf-8", "surrogatepass")
    shown = data.decode("utf-8", "replace")
    if len(text) <= _LONGEST and shown == text:
        return text
    ends = (_LONGEST - _DIGEST) // 2
    stands: str = _digest(data).hexdigest()[:_DIGEST]
    if len(text) <= 2 * ends:
        return shown[: 2 * ends] + stands
    return shown[:ends] + stands + shown[-ends:]
