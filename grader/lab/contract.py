"""Finds the learner's functions, binds their arguments and awaits their results."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any

from grader.lab.hidden import bare, opaque

__all__ = ["Unusable", "awaited", "bound"]

# Kept from before the learner's module runs, which may replace any of these.
_signature, _isawaitable, _isasyncgen = inspect.signature, inspect.isawaitable, inspect.isasyncgen


class Unusable(Exception):
    """The function is missing, does not accept the call, or returns nothing awaitable."""

    def __init__(self, how: str, detail: str, line: int | None = None) -> None:
        super().__init__(detail)
        self.how = how
        self.line = line  # the function's first line


def bound(
    module: types.ModuleType | None,
    name: str,
    values: tuple[Any, ...],
    names: tuple[str, ...],
    options: Mapping[str, Any],
) -> Callable[..., Any]:
    """The function with its options filled in, to be called with as many positional values as these.

    If it cannot take the values by position, they are passed as keywords, by `names`. Raises
    `Unusable` if there is no such function or it cannot be called like this.
    """
    function = getattr(module, name, None)
    if function is None:
        raise Unusable("missing", name)
    if not callable(function):
        raise Unusable("signature", f"{name} is not a function but {_kind(function)}")
    try:
        signature = _signature(function)
    except (ValueError, TypeError):
        return partial(function, **options)
    try:
        signature.bind(*values, **options)
    except TypeError as error:
        try:
            signature.bind(**dict(zip(names, values, strict=False)), **options)
        except TypeError:
            line = getattr(getattr(function, "__code__", None), "co_firstlineno", None)
            raise Unusable("signature", f"{name}(): {error}", line) from None
        return lambda *values: function(**dict(zip(names, values, strict=False)), **options)
    return partial(function, **options)


def awaited(call: Callable[[], Any], name: str) -> Coroutine[Any, Any, Any]:
    """A coroutine of the lab's that awaits the call's result, whatever kind of awaitable that is."""
    usable = opaque(partial(_usable, name))

    @bare
    async def awaited() -> Any:
        return await usable(call())

    return awaited()  # type: ignore[no-any-return]  # what `bare` gives is not known


def _usable(name: str, made: Any) -> Any:
    if _isawaitable(made):
        return made
    if _isasyncgen(made):
        detail = f"{name}() is an async generator, because of its yield"
    else:
        detail = f"{name}() gives {_kind(made)}, nothing to await"
    raise Unusable("signature", detail)


def _kind(value: Any) -> str:
    return "None" if value is None else f"an object of type {type(value).__name__}"
