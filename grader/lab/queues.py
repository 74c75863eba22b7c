"""Recorded queues: asyncio's own, with their methods wrapped in place.

Patching the class reaches `LifoQueue`, `PriorityQueue`, the learner's subclasses, and references taken
before, such as `from asyncio import Queue`; a subclass of ours would not.
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

    def begin(self, recorder: Recorder | None, index_of: Callable[[Any], int | None]) -> None:
        """Record into `recorder` from now on; `index_of` knows the scenario's items."""
        self.recorder = recorder
        self.index_of = index_of
        self._numbers = 0

    def next_number(self) -> int:
        """A number for a new queue."""
        self._numbers += 1
        return self._numbers


def install(patches: Patches, tap: Tap) -> None:
    """Wrap the methods of `asyncio.Queue` so that they report to `tap`."""
    Queue: Any = asyncio.Queue
    init, put, get, join = Queue.__init__, Queue.put, Queue.get, Queue.join
    put_nowait, get_nowait, task_done = Queue.put_nowait, Queue.get_nowait, Queue.task_done

    def recorder_of(queue: Any) -> Recorder | None:
        return tap.recorder if getattr(queue, "_lab_number", 0) else None

    def recorded_init(self: Any, *args: Any, **options: Any) -> None:
        init(self, *args, **options)
        # `asyncio.as_completed` keeps a queue of its own, which is none of the learner's.
        made_in = sys._getframe(1).f_code.co_filename
        if tap.recorder is not None and not made_in.startswith(_ASYNCIO):
            self._lab_number = tap.next_number()
            if self._lab_number == 1:
                tap.recorder.queue_size = lambda: len(self._queue)
            tap.recorder.add("queue", self._lab_number, _bound(self._maxsize))

    async def recorded_put(self: Any, item: Any) -> None:
        recorder = recorder_of(self)
        if recorder is not None and self.full():
            recorder.add("put_wait", self._lab_number, tap.index_of(item))
        await put(self, item)

    async def recorded_get(self: Any) -> Any:
        recorder = recorder_of(self)
        if recorder is not None and self.empty():
            recorder.add("get_wait", self._lab_number)
        return await get(self)

    def recorded_put_nowait(self: Any, item: Any) -> None:
        put_nowait(self, item)
        recorder = recorder_of(self)
        if recorder is not None:
            recorder.add("put", self._lab_number, _size(self), tap.index_of(item))

    def recorded_get_nowait(self: Any) -> Any:
        item = get_nowait(self)
        recorder = recorder_of(self)
        if recorder is not None:
            recorder.add("get", self._lab_number, _size(self), tap.index_of(item))
        return item

    def recorded_task_done(self: Any) -> None:
        recorder = recorder_of(self)
        try:
            task_done(self)
        except ValueError:
            if recorder is not None:
                recorder.add("done", self._lab_number, -1)
            raise
        if recorder is not None:
            recorder.add("done", self._lab_number, self._unfinished_tasks)

    async def recorded_join(self: Any) -> None:
        recorder = recorder_of(self)
        if recorder is not None:
            recorder.add("join", self._lab_number, self._unfinished_tasks)
        await join(self)
        if recorder is not None:
            recorder.add("joined", self._lab_number, self._unfinished_tasks)

    for wrapped, original in (
        (recorded_init, init),
        (recorded_put, put),
        (recorded_get, get),
        (recorded_put_nowait, put_nowait),
        (recorded_get_nowait, get_nowait),
        (recorded_task_done, task_done),
        (recorded_join, join),
    ):
        wrapped.__name__, wrapped.__qualname__ = original.__name__, original.__qualname__
        wrapped.__doc__ = original.__doc__
        patches.set(Queue, original.__name__, wrapped)


def _bound(maxsize: Any) -> int:
    """How many items a queue takes; 0 for any number, or where `maxsize` is none at all."""
    if type(maxsize) not in (int, bool, float) or not 0 < maxsize < sys.maxsize:
        return 0
    return math.ceil(maxsize)


def _size(queue: Any) -> int:
    """How many items wait, also where the learner's subclass says something else."""
    try:
        return len(queue._queue)
    except Exception:  # a subclass may keep them in a place of its own
        size = queue.qsize()
        return size if type(size) is int else -1
