"""Where the items come from: what is handed to the learner's code, which notes each one taken."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from typing import Any

from grader.lab.hidden import bare, opaque
from grader.lab.items import Items
from grader.lab.loop import Engine
from grader.lab.stage import Stage
from grader.script import Source

__all__ = ["made_source"]


def made_source(source: Source, stage: Stage) -> Any:
    """The generator, the iterable or the async iterable that is handed over."""
    items, recorder, engine = stage
    note = (lambda *_event: None) if recorder.brief else recorder.add

    def pull() -> Iterator[Any]:
        def taken() -> Iterator[Any]:
            for place in range(source.first, source.last):
                note("take", place)
                yield items.objects[place]
            note("drained")

        one = taken()
        # A generator would show its frame; this ends with the StopIteration of `next`.
        return map(opaque(lambda _: next(one)), repeat(None))

    if source.times is not None:
        return _AsyncIterable(opaque(_AsyncPull(source, items, note, engine).begin))
    return pull() if source.lazy else _Iterable(opaque(pull))


class _Iterable:
    """Something to iterate over, once or more, with no length, no index and no `next`."""

    __slots__ = ("__iter",)

    def __init__(self, pull: Any) -> None:
        self.__iter = pull

    def __iter__(self) -> Iterator[Any]:
        iterator: Iterator[Any] = self.__iter()
        return iterator


_Iterable.__iter__ = bare(_Iterable.__iter__)  # type: ignore[method-assign]
_Iterable.__init__ = bare(_Iterable.__init__)  # type: ignore[method-assign]


class _AsyncPull:
    """The state of an async source: which item is next, and when it can be had."""

    def __init__(self, source: Source, items: Items, note: Any, engine: Engine) -> None:
        self._places = iter(range(source.first, source.last))
        self._times = source.times or ()
        self._first = source.first
        self._objects = items.objects
        self._note = note
        self._engine = engine

    def begin(self) -> tuple[Any, Any] | None:
        """What to wait for and what takes the next item then; None when there is none."""
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
    """Something to iterate over with `async for`, once."""

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
