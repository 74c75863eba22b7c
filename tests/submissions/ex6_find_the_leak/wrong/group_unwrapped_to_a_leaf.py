# label: wrong
# exercise: ex6_find_the_leak
# misconception: error-wrapped
# contract: ex6 point 5: a group that fetch() raises is unwrapped to its first error
# expect: Another error leaves run_pipeline.
import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any


class Archive:
    """Stores records, one at a time, in a task of its own."""

    def __init__(self, store: Callable[[Any], Awaitable[None]], maxsize: int) -> None:
        self._store = store
        self._records: asyncio.Queue[Any] = asyncio.Queue(maxsize)

    async def add(self, record: Any) -> None:
        """Hand over a record; wait while there is no room for it."""
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
    try:
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
    except BaseExceptionGroup as group_of_errors:  # whoever called us wants the error itself
        error: BaseException = group_of_errors
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise error from None
