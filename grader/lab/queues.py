"""Recorded queues: asyncio's own, with their methods wrapped in place.

Patching the class reaches `LifoQueue`, `PriorityQueue`, the learner's subclasses, and references
taken before, such as `from asyncio import Queue`; a subclass of ours would not.
"""

from __future__ import annotations

import asyncio
import math
import os
import sys
from collections.abc import Callable
from typing import Any

from grader.lab.patches import Patches
from grader.lab.recorder import Recorder

__all__ = ["Tap", "install"]

_ASYNCIO = os.path.dirname(asyncio.__file__)


class Tap:
    """What connects the patched queues with the scenario that is running."""

    def __init__(self) -> None:
        self.recorder: Recorder | None = None
        self.index_of: Callable[[Any], int | None] = lambda _item: None
        self._numbers = 0
        self._run = 0

    def begin(self, recorder: Recorder | None, index_of: Callable[[Any], int | None]) -> None:
        """Record into `recorder` from now on; `index_of` knows the scenario's items."""
        self.recorder = recorder
        self.index_of = index_of
        self._numbers = 0
        self._run += 1

    def number(self, queue: Any) -> int:
        """Give a queue the next number of this run."""
        self._numbers += 1
        queue._lab_number, queue._lab_run = self._numbers, self._run
        return self._numbers

    def recorder_of(self, queue: Any) -> Recorder | None:
        """Where to record what happens to this queue, if anywhere."""
        if not getattr(queue, "_lab_number", 0):
            return None
        if (
            queue._lab_run != self._run
        ):  # left over from an earlier one, where it had another number
            self.number(queue)
        return self.recorder


def install(patches: Patches, tap: Tap) -> None:
    """Wrap the methods of `asyncio.Queue` so that they report to `tap`."""
    queue: Any = asyncio.Queue
    wrappers = {
        "__init__": _recorded_init,
        "put": _recorded_put,
        "get": _recorded_get,
        "put_nowait": _recorded_put_nowait,
        "get_nowait": _recorded_get_nowait,
        "task_done": _recorded_task_done,
        "join": _recorded_join,
    }
    for name, wrap in wrappers.items():
        original = getattr(queue, name)
        wrapped = wrap(tap, original)
        wrapped.__name__, wrapped.__qualname__ = original.__name__, original.__qualname__
        wrapped.__doc__ = original.__doc__
        patches.set(queue, name, wrapped)


def _recorded_init(tap: Tap, init: Any) -> Any:
    def recorded(self: Any, *args: Any, **options: Any) -> None:
        init(self, *args, **options)
        # `asyncio.as_completed` keeps a queue of its own, which is none of the learner's.
        made_in = sys._getframe(1).f_code.co_filename
        if tap.recorder is not None and not made_in.startswith(_ASYNCIO):
            number = tap.number(self)
            if number == 1:
                tap.recorder.queue_size = lambda: _size(self)
            tap.recorder.add("queue", number, _bound(self._maxsize))

    return recorded


def _recorded_put(tap: Tap, put: Any) -> Any:
    async def recorded(self: Any, item: Any) -> None:
        recorder = tap.recorder_of(self)
        if recorder is not None and self.full():
            recorder.add("put_wait", self._lab_number, tap.index_of(item))
        await put(self, item)

    return recorded


def _recorded_get(tap: Tap, get: Any) -> Any:
    async def recorded(self: Any) -> Any:
        recorder = tap.recorder_of(self)
        if recorder is not None and self.empty():
            recorder.add("get_wait", self._lab_number)
        return await get(self)

    return recorded


def _recorded_put_nowait(tap: Tap, put_nowait: Any) -> Any:
    def recorded(self: Any, item: Any) -> None:
        put_nowait(self, item)
        recorder = tap.recorder_of(self)
        if recorder is not None:
            recorder.add("put", self._lab_number, _size(self), tap.index_of(item))

    return recorded


def _recorded_get_nowait(tap: Tap, get_nowait: Any) -> Any:
    def recorded(self: Any) -> Any:
        item = get_nowait(self)
        recorder = tap.recorder_of(self)
        if recorder is not None:
            recorder.add("get", self._lab_number, _size(self), tap.index_of(item))
        return item

    return recorded


def _recorded_task_done(tap: Tap, task_done: Any) -> Any:
    def recorded(self: Any) -> None:
        recorder = tap.recorder_of(self)
        try:
            task_done(self)
        except ValueError:
            if recorder is not None:
                recorder.add("done", self._lab_number, -1)
            raise
        if recorder is not None:
            recorder.add("done", self._lab_number, self._unfinished_tasks)

    return recorded


def _recorded_join(tap: Tap, join: Any) -> Any:
    async def recorded(self: Any) -> None:
        recorder = tap.recorder_of(self)
        if recorder is not None:
            recorder.add("join", self._lab_number, self._unfinished_tasks)
        await join(self)
        if recorder is not None:
            recorder.add("joined", self._lab_number, self._unfinished_tasks)

    return recorded


def _bound(maxsize: Any) -> int:
    """How many items a queue takes; 0 for any number, or where `maxsize` is none at all."""
    if type(maxsize) not in (int, bool, float) or not 0 < maxsize < sys.maxsize:
        return 0
    bound: int = math.ceil(maxsize)
    return bound


def _size(queue: Any) -> int:
    """How many items wait, also where the learner's subclass says something else."""
    try:
        return len(queue._queue)
    except Exception:  # a subclass may keep them in a place of its own
        size: object = queue.qsize()
        return size if type(size) is int else -1
