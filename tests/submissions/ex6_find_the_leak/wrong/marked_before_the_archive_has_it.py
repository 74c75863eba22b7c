# label: wrong
# exercise: ex6_find_the_leak
# misconception: task-done-too-early
# contract: ex6 point 2: the item is marked as done before its record is handed on
# expect: The last records, which wait for room, are never stored when store() answers at once.
import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any


class Archive:
    """Stores records, one at a time, in a task of its own."""

    def __init__(self, store: Callable[[Any], Awaitable[None]], maxsize: int) -> None:
        self._store = store
        self._records: asyncio.Queue[Any] = asyncio.Queue(maxsize)

    async def add(self, record: Any) -> None:
        """Hand over a record; it is stored when those before it are."""
        await self._records.put(record)

    async def run(self) -> None:
        """Store one record after the other, until cancelled."""
        while True:
            await self._store(await self._records.get())
            self._records.task_done()

    async def all_stored(self) -> None:
        """Wait until every record that was handed over is stored."""
        await self._records.join()


async def fetcher(
    todo: asyncio.Queue[Any], fetch: Callable[[Any], Awaitable[Any]], archive: Archive
) -> None:
    """Fetch one item after the other, until cancelled."""
    while True:
        item = await todo.get()
        record = await fetch(item)
        todo.task_done()
        await archive.add(record)


async def run_pipeline(
    items: Iterable[Any],
    fetch: Callable[[Any], Awaitable[Any]],
    store: Callable[[Any], Awaitable[None]],
    *,
    consumers: int = 3,
    maxsize: int = 3,
) -> None:
    """Fetch `items`, several at once, and store their records, one by one; return when all are stored."""
    # TODO: between `items` and store() memory grows while store() is slow. Follow an item on its
    # way through this file: where does it wait, and how many others can wait there with it?
    todo: asyncio.Queue[Any] = asyncio.Queue(maxsize)
    archive = Archive(store, maxsize)
    # An error in any of the tasks cancels all of them, and leaves the group.
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(fetcher(todo, fetch, archive), name=f"F{n}")
            for n in range(1, consumers + 1)
        ]
        crew.append(group.create_task(archive.run(), name="S"))
        for item in items:
            await todo.put(item)
        await todo.join()  # every record was handed over ...
        await archive.all_stored()  # ... and is stored
        for task in crew:
            task.cancel()
