"""The scenario's items as objects, with the objects that stand in for them, recognised by identity."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from types import CoroutineType
from typing import Any

from grader.lab.hidden import bare
from grader.lab.identity import identity
from grader.lab.plain import name_of, plain
from grader.script import Item, Odd

__all__ = ["Items", "fresh"]

_Cancelled = asyncio.CancelledError
_Raised = tuple[int, int, int]


class Items:
    """The items as fresh objects, so that equal items can be told apart by identity.

    Raises `ValueError` for equal items that Python always makes the same object: small numbers, single
    characters, True and False.
    """

    def __init__(self, items: Sequence[Item], *, remember: bool = False) -> None:
        """remember: keep track of the errors that services raise, and name items and errors in `told`."""
        self._items = items
        self.objects = [fresh(item) for item in items]
        self._by_identity = {identity(item): place for place, item in enumerate(self.objects)}
        self._stand_ins: dict[int, tuple[int, Any]] = {}
        self.remembers = remember
        self._errors: dict[int, tuple[_Raised, BaseException]] = {}
        if len(self._by_identity) < len(items):
            raise ValueError("equal items must be numbers from 257 on, or strings of some length")

    def close(self) -> None:
        """Close the coroutines among the items, which nobody has to await."""
        for item in self.objects:
            if type(item) is CoroutineType:
                item.close()

    def stand_in(self, place: int) -> Any:
        """A new object that stands for an item from now on: a service's result for it.

        It is as odd as the item, but never an exception: whoever hands one on may mean that it is raised.
        """
        item = self._items[place]
        kind = item.kind if type(item) is Odd and item.kind in _METHODS else ""
        made = _made("Record", kind, _record_repr)
        self._stand_ins[identity(made)] = place, made
        return made

    def raised(self, error: BaseException, service: int, place: int, number: int) -> None:
        """Remember which try raised this error."""
        self._errors[identity(error)] = (service, place, number), error

    def index_of(self, item: Any) -> int | None:
        """The item's place in the scenario, or None for anything else (a sentinel, say).

        A foreign object counts if it is equal to an item and of the same built-in type: it may be a
        copy. The learner's `__eq__` is never called.
        """
        index = self._by_identity.get(identity(item))
        if index is not None and self.objects[index] is item:
            return index
        if self._stand_ins and (place := self.stands_for(item)) is not None:
            return place
        if type(item) not in (str, int, float, bool):
            return None
        for index, known in enumerate(self.objects):
            if type(known) is type(item) and known == item:
                return index
        return None

    def stands_for(self, thing: Any) -> int | None:
        """The place of the item that this stand-in was made for, or None."""
        known = self._stand_ins.get(identity(thing))
        return None if known is None else known[0]

    def told(self, value: Any) -> Any:
        """`value` as plain data: items in lists and tuples by place, errors by the try that raised them.

        An item is `{"item": 3}`; an error raised by a service is `{"error": [service, item, try]}`; any
        other error is `{"error": <its type's name>}`.
        """
        return plain(value, known=self._known if self.remembers else None)

    def _known(self, value: Any) -> Any:
        index = self._by_identity.get(identity(value))
        if index is not None and self.objects[index] is value:
            return {"item": index}
        if (place := self.stands_for(value)) is not None:
            return {"item": place}
        if (raised := self._errors.get(identity(value))) is not None:
            return {"error": list(raised[0])}
        if issubclass(type(value), BaseException):
            return {"error": name_of(type(value))}
        return None


def fresh(item: Any) -> Any:
    """An object of its own that is equal to a scenario's item or key.

    The same object each time where Python makes no second one: small numbers, single characters, None.
    """
    if type(item) is str:
        return "".join(list(item))
    if type(item) in (int, float):
        return type(item)(repr(item))
    if type(item) in (list, tuple):
        return type(item)(list(item))
    return _odd_object(item.kind) if type(item) is Odd else item


def _odd_object(kind: str) -> Any:
    """An item of one of the kinds in `grader.script.ODD`, as an object."""
    plainly = _PLAINLY.get(kind)
    return _made("Parcel", kind, _parcel_repr) if plainly is None else plainly()


def _made(name: str, kind: str, shown: Any) -> Any:
    """An object of a new class with this name, or that class; shown: its `__repr__`."""
    if kind == "error":
        return ValueError("an item, which nobody has to raise")
    if kind == "cancelled":
        return _Cancelled("an item, which nobody has to raise")
    methods = {method: bare(does) for method, does in _METHODS.get(kind, {}).items()}
    attributes = _NAMED if kind == "named" else {}
    found = type(name, (), {"__slots__": (), "__repr__": bare(shown), **methods, **attributes})
    return found if kind == "class" else found()


def _parcel_repr(_self: Any) -> str:
    return "parcel"


def _record_repr(_self: Any) -> str:
    return "<record>"


@bare
async def _parcel() -> str:
    return "parcel"


_METHODS: dict[str, dict[str, Any]] = {
    "equal": {"__eq__": lambda _self, _other: True, "__ne__": lambda _self, _other: False},
    "unequal": {"__eq__": lambda _self, _other: False, "__ne__": lambda _self, _other: True},
    "false": {"__bool__": lambda _self: False},
    "class": {},
}
_PLAINLY: dict[str, Callable[[], Any]] = {
    "coroutine": _parcel,
    "bytes": lambda: bytes(bytearray(b"parcel")),
    "dict": lambda: {"weight": 7},
    "ellipsis": lambda: ...,
    "generator": lambda: (letter for letter in "parcel"),
}
_NAMED = {"key": "parcel-7", "id": 7, "name": "parcel"}
