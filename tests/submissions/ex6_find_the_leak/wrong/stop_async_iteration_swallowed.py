# label: wrong
# exercise: ex6_find_the_leak
# misconception: error-kept-inside
# contract: ex6 point 5: what ends the feed also covers fetch()
# expect: A StopAsyncIteration of fetch() ends a fetcher quietly.
import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any


class Archive:
    """Stores records, one at a time, in a task of its own."""

    def __init__(self, store: Callable[[Any], Awaitable[None]], maxsize: int = 0) -> None:
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


class Feed:
    """An asynchronous iterator over an ordinary iterable; several tasks may draw from it."""

    def __init__(self, items: Iterable[Any]) -> None:
        self._source = iter(items)

    def __aiter__(self) -> "Feed":
        return self

    async def __anext__(self) -> Any:
        for item in self._source:
            return item
        raise StopAsyncIteration


async def fetcher(feed: Feed, fetch: Callable[[Any], Awaitable[Any]], archive: Archive) -> None:
    """Fetch one item after the other, until the feed is empty."""
    try:
        while True:
            await archive.add(await fetch(await anext(feed)))
    except StopAsyncIteration:
        return


async def run_pipeline(
    items: Iterable[Any],
    fetch: Callable[[Any], Awaitable[Any]],
    store: Callable[[Any], Awaitable[None]],
    *,
    consumers: int = 3,
    maxsize: int = 3,
) -> None:
    """Fetch `items`, several at once, and store their records, one by one; return when all are stored."""
    feed = Feed(items)
    archive = Archive(store, maxsize)
    async with asyncio.TaskGroup() as group:
        storer = group.create_task(archive.run())
        async with asyncio.TaskGroup() as fetching:
            for _ in range(consumers):
                fetching.create_task(fetcher(feed, fetch, archive))
        await archive.all_stored()
        storer.cancel()
