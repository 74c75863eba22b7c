"""Records queue operations by wrapping the methods of `asyncio.Queue` in place.

Patching the class also covers `LifoQueue`, `PriorityQueue`, the learner's subclasses, and references
taken earlier, such as `from asyncio import Queue`; a subclass of ours would not.

Each wrapper is a bare function (`grader.lab.hidden`) that calls asyncio's method and records the event.
So an error that passes through it shows the learner's code nothing of the lab, and methods of the
learner's subclasses are called from there, with no lab frame on the stack.
"""

from __future__ import annotations

import asyncio
import math
import sys
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from types import CodeType, FunctionType
from typing import Any

from grader.lab.hidden import bare, opaque
from grader.lab.identity import identity
from grader.lab.patches import Patches
from grader.lab.recorder import Recorder

__all__ = ["Tap", "install"]

_getframe, _ceil, _ref = sys._getframe, math.ceil, weakref.ref


def _codes(owner: Any) -> Iterator[CodeType]:
    """The code objects of all functions in a module or class."""
    for value in vars(owner).values():
        if isinstance(value, FunctionType):
            yield value.__code__
        elif isinstance(value, type) and value.__module__ == asyncio.tasks.__name__:
            yield from _codes(value)


_OF_ASYNCIO = frozenset(_codes(asyncio.tasks))  # `as_completed` makes an internal queue


class Tap:
    """Connects the patched queues with the running scenario."""

    def __init__(self) -> None:
        self.recorder: Recorder | None = None
        self.index_of: Callable[[Any], int | None] = lambda _item: None
        self._told: Callable[[Any, Any], Any] | None = None
        # Numbers by the queues' ids, which stay unique while the queues are held here; 0 for a queue
        # that is not the learner's.
        self._numbers: dict[int, tuple[int, Any]] = {}
        self._count = 0
        self._made: dict[int, weakref.ref[Any]] = {}

    def begin(
        self,
        recorder: Recorder | None,
        index_of: Callable[[Any], int | None],
        told: Callable[[Any, Any], Any] | None = None,
    ) -> None:
        """Record into `recorder` from now on; None records nothing.

        index_of: returns the place of an item in the scenario, or None for anything else.
        told: returns a value that is put into a queue as plain data, or None if it is not recorded.
        """
        self.recorder = recorder
        self.index_of = index_of
        self._told = told
        self._numbers = {}
        self._count = 0

    def note(self, kind: str, queue: Any, *data: Any) -> None:
        """Record an event of a queue."""
        recorder = self.recorder
        if recorder is None:
            return
        known = self._numbers.get(identity(queue))
        number = known[0] if known is not None else self._number(queue)
        if number:
            recorder.add(kind, number, *data)

    def note_item(self, kind: str, queue: Any, *data: Any) -> None:
        """Record an event of a queue whose last datum is an item."""
        self.note(kind, queue, *data[:-1], self.index_of(data[-1]))
        if self._told is not None and kind == "put":
            value = self._told(queue, data[-1])
            if value is not None:
                self.note("value", queue, value)

    def _number(self, queue: Any) -> int:
        """Number a queue that was made in this run or an earlier one; 0 for any other queue."""
        made = self._made.get(identity(queue))
        ours = made is not None and made() is queue
        self._count += ours
        number = self._count if ours else 0
        self._numbers[identity(queue)] = number, queue
        return number

    # -- called by the wrappers ------------------------------------------------------------------

    def made(self, queue: Any, maxsize: Any) -> None:
        # `asyncio.as_completed` keeps an internal queue, which is not the learner's.
        if _getframe(2).f_code in _OF_ASYNCIO:
            self._numbers[identity(queue)] = 0, queue
        elif self.recorder is not None:
            if not self._count:
                self.recorder.first_queue = queue
            self._made[identity(queue)] = _ref(queue)
            self.note("queue", queue, _bound(maxsize))


def install(patches: Patches, tap: Tap) -> None:
    """Wrap the methods of `asyncio.Queue` so that they report to `tap`."""
    queue: Any = asyncio.Queue
    wrappers: dict[str, Any] = {
        "__init__": (_recorded_init, tap.made),
        "put": (_recorded_put, partial(tap.note_item, "put_wait")),
        "get": (_recorded_get, partial(tap.note, "get_wait")),
        "put_nowait": (_recorded_put_nowait, partial(tap.note_item, "put")),
        "get_nowait": (_recorded_get_nowait, partial(tap.note_item, "get")),
        "task_done": (_recorded_task_done, partial(tap.note, "done")),
        "join": (_recorded_join, partial(tap.note, "join"), partial(tap.note, "joined")),
        "shutdown": (_recorded_shutdown, partial(tap.note, "shutdown")),
    }
    for name, (wrap, *notes) in wrappers.items():
        original = getattr(queue, name, None)
        if original is not None:  # `shutdown` is new in 3.13
            patches.set(queue, name, wrap(original, *map(opaque, notes)))


def _recorded_init(init: Any, note: Any) -> Any:
    @bare
    def recorded(self: Any, *args: Any, **options: Any) -> None:
        init(self, *args, **options)
        note(self, self._maxsize)

    return recorded


def _recorded_put(put: Any, note: Any) -> Any:
    @bare
    async def recorded(self: Any, item: Any) -> None:
        if self.full():
            note(self, item)
        await put(self, item)

    return _named_like(recorded, put)


def _recorded_get(get: Any, note: Any) -> Any:
    @bare
    async def recorded(self: Any) -> Any:
        if self.empty():
            note(self)
        return await get(self)

    return _named_like(recorded, get)


def _recorded_put_nowait(put_nowait: Any, note: Any) -> Any:
    size = _size

    @bare
    def recorded(self: Any, item: Any) -> None:
        put_nowait(self, item)
        note(self, size(self), item)

    return recorded


def _recorded_get_nowait(get_nowait: Any, note: Any) -> Any:
    size = _size

    @bare
    def recorded(self: Any) -> Any:
        item = get_nowait(self)
        note(self, size(self), item)
        return item

    return recorded


def _recorded_task_done(task_done: Any, note: Any) -> Any:
    @bare
    def recorded(self: Any) -> None:
        try:
            task_done(self)
        except BaseException:  # called too often: a ValueError, but that name may be replaced
            note(self, -1)
            raise
        note(self, self._unfinished_tasks)

    return recorded


def _recorded_join(join: Any, note: Any, note_end: Any) -> Any:
    @bare
    async def recorded(self: Any) -> None:
        note(self, self._unfinished_tasks)
        await join(self)
        note_end(self, self._unfinished_tasks)

    return _named_like(recorded, join)


def _recorded_shutdown(shutdown: Any, note: Any) -> Any:
    size = _size

    @bare
    def recorded(self: Any, *args: Any, **options: Any) -> None:
        shutdown(self, *args, **options)
        note(self, size(self), self._unfinished_tasks)

    return recorded


def _named_like(recorded: Any, original: Any) -> Any:
    """Name the wrapper, and so its coroutines, like the original."""
    recorded.__name__, recorded.__qualname__ = original.__name__, original.__qualname__
    return recorded


def _bound(maxsize: Any) -> int:
    """The queue's bound; 0 if it is unbounded, or if `maxsize` is not a valid bound."""
    if type(maxsize) not in (int, bool, float) or not 0 < maxsize < sys.maxsize:
        return 0
    bound: int = _ceil(maxsize)
    return bound


@bare
def _size(queue: Any) -> int:
    """The number of waiting items, whatever the learner's `qsize` says."""
    try:
        return len(queue._queue)
    except Exception:  # a subclass may store its items elsewhere
        size: object = queue.qsize()
        return size if type(size) is int else -1
