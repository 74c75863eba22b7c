"""Makes the objects that a script passes to calls: sources, queues, services, events, counts."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from grader.lab.errors import Failures
from grader.lab.hidden import bare, opaque
from grader.lab.identity import identity
from grader.lab.items import Items, fresh
from grader.lab.service import made_service
from grader.lab.sources import made_source
from grader.lab.stage import Stage
from grader.script import Action, Reader, Ref, Script

__all__ = ["Things"]

_Queue, _Event = asyncio.Queue, asyncio.Event  # kept: the learner's module may replace them


class Things:
    """All objects of a script. Raises `Unusable` if the module lacks an exception that it needs."""

    def __init__(
        self,
        script: Script,
        stage: Stage,
        module: types.ModuleType | None,
    ) -> None:
        self._stage = stage
        self._items, self._record, self._engine = stage
        self.queues: list[asyncio.Queue[Any]] = [_Queue(one.maxsize) for one in script.queues]
        self._handed = {identity(queue) for queue in self.queues}
        self.counts: dict[str, Any] | None = dict.fromkeys(script.counts, 0) or None
        self._events = [_Event() for _ in script.events]
        self._open: list[Callable[[], int]] = []
        self._told: list[tuple[Any, Any]] = []  # lists that were put, with what was told of each
        self._made: dict[str, list[Any]] = {
            "source": [made_source(one, stage) for one in script.sources],
            "queue": self.queues,
            "service": [self._service(n, script, module) for n in range(len(script.services))],
            "event": self._events,
            "item": stage.items.objects,
            "counts": [self.counts],
            "keys": [opaque(partial(_key_of, stage.items, script.keys))],
        }

    def _service(self, number: int, script: Script, module: types.ModuleType | None) -> Any:
        service = script.services[number]
        failures = Failures(service, module)
        made, tries_open = made_service(number, service, self._stage, failures)
        self._open.append(tries_open)
        return made

    def tries_open(self) -> int:
        """The number of running tries, over all services."""
        return sum(count() for count in self._open)

    def value(self, value: Any) -> Any:
        """The object that a `Ref` refers to; any other value unchanged."""
        return self._made[value.kind][value.number] if type(value) is Ref else value

    def does(self, action: Action) -> Callable[[], None]:
        """A function that carries out a `put` or `set` action; raises ValueError for any other."""
        if action.do == "put":
            queue, place = action.what
            return partial(self.queues[queue].put_nowait, self._items.objects[place])
        if action.do == "set":
            return partial(self._set, action.what[0])
        raise ValueError(f"no such action: {action.do!r}")

    def _set(self, number: int) -> None:
        self._record.add("set", number)
        self._events[number].set()

    def reading(self, reader: Reader) -> Coroutine[Any, Any, None]:
        """A coroutine that takes one item after another from a queue, and rests after each."""
        pause = opaque(partial(self._engine.pause, reader.every)) if reader.every else None
        rested = opaque(partial(self._record.add, "rested"))
        reading: Coroutine[Any, Any, None] = _reading(self.queues[reader.queue], pause, rested)
        return reading

    def told(self, queue: Any, value: Any) -> Any:
        """A value that is put into one of the script's queues, as plain data; None for other queues."""
        if identity(queue) not in self._handed:
            return None
        told = self._items.told([value])[0]
        if issubclass(type(value), list):
            self._told.append((value, told))
        return told

    def tell_again(self) -> None:
        """Bring what was told of lists up to date: whoever reads one sees what it holds by then."""
        for value, told in self._told:
            told[:] = self._items.told([value])[0]


@bare
async def _reading(
    queue: asyncio.Queue[Any], pause: Callable[[], Any] | None, rested: Callable[[], None]
) -> None:
    while True:
        await queue.get()
        if pause is not None:
            await pause()
            rested()


def _key_of(items: Items, keys: tuple[Any, ...], item: Any) -> Any:
    place = items.index_of(item)
    if place is None:
        raise TypeError("the key is asked of something that is no item")
    return fresh(keys[place])
