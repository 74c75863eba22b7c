"""Makes the item sources for the learner's code; they record each item taken."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Any

from grader.lab.errors import error_of
from grader.lab.hidden import bare, opaque
from grader.lab.items import Items
from grader.lab.loop import Engine
from grader.lab.stage import Stage
from grader.script import Source

__all__ = ["made_source"]


def made_source(source: Source, stage: Stage) -> Any:
    """An iterator if the source is lazy, an async iterable if it has times, else an iterable."""
    items, recorder, engine = stage
    note = (lambda *_event: None) if recorder.brief else recorder.add

    def pull() -> Iterator[Any]:
        def taken() -> Iterator[Any]:
            for place in source.turns or range(source.first, source.last):
                note("take", place)
                yield items.objects[place]
            note("drained")
            if source.error:
                raise error_of(source.error)

        one = taken()
        # A generator would expose its frame; this `map` ends with the StopIteration of `next`.
        return map(opaque(lambda _: next(one)), repeat(None))

    if source.times is not None:
        return _AsyncIterable(opaque(_AsyncPull(source, items, note, engine).begin))
    return pull() if source.lazy else _Iterable(opaque(pull))


class _Iterable:
    """Can be iterated over any number of times; has no length, no index and no `next`."""

    __slots__ = ("__iter",)

    def __init__(self, pull: Any) -> None:
        self.__iter = pull

    def __iter__(self) -> Iterator[Any]:
        iterator: Iterator[Any] = self.__iter()
        return iterator


_Iterable.__iter__ = bare(_Iterable.__iter__)  # type: ignore[method-assign]
_Iterable.__init__ = bare(_Iterable.__init__)  # type: ignore[method-assign]


class _AsyncPull:
    """The state of an async source: which item is next, and when it is available."""

    def __init__(self, source: Source, items: Items, note: Any, engine: Engine) -> None:
        self._places = iter(range(source.first, source.last))
        self._times = source.times or ()
        self._first = source.first
        self._objects = items.objects
        self._note = note
        self._engine = engine

    def begin(self) -> tuple[Any, Any] | None:
        """A future to await first (or None) and a function that takes the next item; None at the end."""
        place = next(self._places, None)
        if place is None:
            self._note("drained")
            return None
        wait = self._times[place - self._first] - self._engine.clock.now
        pause = self._engine.pause(wait) if wait > 0 else None

        def take() -> Any:
            self._note("take", place)
            return self._objects[place]

        return pause, opaque(take)


class _AsyncIterable:
    """Can be iterated over once, with `async for`."""

    __slots__ = ("__begin",)

    def __init__(self, begin: Any) -> None:
        self.__begin = begin

    def __aiter__(self) -> _AsyncIterable:
        return self

    async def __anext__(self) -> Any:
        coming = self.__begin()
        if coming is None:
            raise StopAsyncIteration
        pause, take = coming
        if pause is not None:
            await pause
        return take()


for _name in ("__init__", "__aiter__", "__anext__"):
    setattr(_AsyncIterable, _name, bare(vars(_AsyncIterable)[_name]))
