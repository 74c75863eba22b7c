"""What a script hands over, made: sources, queues, services, events, counts."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from grader.lab.errors import Failures
from grader.lab.hidden import bare, opaque
from grader.lab.items import Items
from grader.lab.service import made_service
from grader.lab.sources import made_source
from grader.lab.stage import Stage
from grader.script import Action, Reader, Ref, Script

__all__ = ["Things"]

_Queue, _Event = asyncio.Queue, asyncio.Event  # taken now: the learner's module may change them


class Things:
    """All things of a script. Raises `Unusable` where the module lacks an exception that is needed."""

    def __init__(
        self,
        script: Script,
        stage: Stage,
        module: types.ModuleType | None,
    ) -> None:
        self._stage = stage
        self._items, self._record, self._engine = stage
        self.queues: list[asyncio.Queue[Any]] = [_Queue(one.maxsize) for one in script.queues]
        self._handed = {id(queue) for queue in self.queues}
        self.counts: dict[str, Any] | None = dict.fromkeys(script.counts, 0) or None
        self._events = [_Event() for _ in script.events]
        self._open: list[Callable[[], int]] = []
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
        """How many tries have begun and not ended, of all services."""
        return sum(count() for count in self._open)

    def value(self, value: Any) -> Any:
        """The thing that is meant, or the plain value."""
        return self._made[value.kind][value.number] if type(value) is Ref else value

    def does(self, action: Action) -> Callable[[], None]:
        """What carries out an action that needs no call: `put` or `set`."""
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
        """What takes one thing after the other from a queue, and rests after each."""
        pause = opaque(partial(self._engine.pause, reader.every)) if reader.every else None
        rested = opaque(partial(self._record.add, "rested"))
        reading: Coroutine[Any, Any, None] = _reading(self.queues[reader.queue], pause, rested)
        return reading

    def told(self, queue: Any, value: Any) -> Any:
        """What is put into a queue that was handed out, as plain data; None for any other queue."""
        return self._items.told([value])[0] if id(queue) in self._handed else None


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
    return keys[place]
