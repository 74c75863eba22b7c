# label: wrong
# exercise: ex6_find_the_leak
# misconception: waits-for-what-never-comes
# contract: ex6 point 2: notify() wakes one of several that wait for different things
# expect: It hangs after a store that takes no time.
import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any


class Archive:
    """Stores records, one at a time, in a task of its own."""

    def __init__(self, store: Callable[[Any], Awaitable[None]], maxsize: int) -> None:
        self._store = store
        self._maxsize = maxsize
        self._records: deque[Any] = deque()
        self._changed = asyncio.Condition()
        self._unstored = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def add(self, record: Any) -> None:
        """Hand over a record; wait while there is no room for it."""
        async with self._changed:
            while len(self._records) >= self._maxsize:
                await self._changed.wait()
            self._records.append(record)
            self._unstored += 1
            self._idle.clear()
            self._changed.notify()

    async def run(self) -> None:
        """Store one record after the other, until cancelled."""
        while True:
            async with self._changed:
                while not self._records:
                    await self._changed.wait()
                record = self._records.popleft()
                self._changed.notify()
            await self._store(record)
            self._unstored -= 1
            if self._unstored == 0:
                self._idle.set()

    async def all_stored(self) -> None:
        """Wait until every record that was handed over is stored."""
        await self._idle.wait()


async def fetcher(
    todo: asyncio.Queue[Any], fetch: Callable[[Any], Awaitable[Any]], archive: Archive
) -> None:
    """Fetch one item after the other, until cancelled."""
    while True:
        item = await todo.get()
        await archive.add(await fetch(item))
        todo.task_done()


async def run_pipeline(
    items: Iterable[Any],
    fetch: Callable[[Any], Awaitable[Any]],
    store: Callable[[Any], Awaitable[None]],
    *,
    consumers: int = 3,
    maxsize: int = 3,
) -> None:
    """Fetch `items`, several at once, and store their records, one by one; return when all are stored."""
    todo: asyncio.Queue[Any] = asyncio.Queue(maxsize)
    archive = Archive(store, maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(fetcher(todo, fetch, archive), name=f"F{n}")
            for n in range(1, consumers + 1)
        ]
        crew.append(group.create_task(archive.run(), name="S"))
        for item in items:
            await todo.put(item)
        await todo.join()
        await archive.all_stored()
        for task in crew:
            task.cancel()
