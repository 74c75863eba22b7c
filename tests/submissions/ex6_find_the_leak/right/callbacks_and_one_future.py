# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; done callbacks, and one future for the end
# expect: Passed.
import asyncio
import logging
from collections import deque
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any


logger = logging.getLogger(__name__)


class Archive:
    """A pump, driven by the callbacks of the tasks that end. `finished` is its only future."""

    def __init__(
        self,
        items: Iterable[Any],
        fetch: Callable[[Any], Awaitable[Any]],
        store: Callable[[Any], Awaitable[None]],
        consumers: int,
        maxsize: int,
    ) -> None:
        self._source = iter(items)
        self._exhausted = False
        self._fetch = fetch
        self._store = store
        self._consumers = consumers
        self._limit = max(consumers, maxsize)
        self._records: deque[Any] = deque()
        self._fetches: set[asyncio.Task[Any]] = set()
        self._stores: set[asyncio.Task[None]] = set()
        self.finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def _fetch_one(self, item: Any) -> Any:
        return await self._fetch(item)

    async def _store_one(self, record: Any) -> None:
        await self._store(record)

    def _fail(self, error: BaseException) -> None:
        if not self.finished.done():
            self.finished.set_exception(error)

    def pump(self) -> None:
        """Begin whatever may begin now."""
        if self.finished.done():
            return
        if self._records and not self._stores:
            task = asyncio.create_task(self._store_one(self._records.popleft()))
            self._stores.add(task)
            task.add_done_callback(self._on_stored)
        while (
            not self._exhausted
            and len(self._fetches) < self._consumers
            and len(self._fetches) + len(self._records) < self._limit
        ):
            try:
                item = next(self._source)
            except StopIteration:
                self._exhausted = True
            except BaseException as error:
                self._fail(error)
                return
            else:
                task = asyncio.create_task(self._fetch_one(item))
                self._fetches.add(task)
                task.add_done_callback(self._on_fetched)
        logger.debug("%d fetching, %d waiting", len(self._fetches), len(self._records))
        if not (self._fetches or self._records or self._stores):
            self.finished.set_result(None)

    def _settled(self, task: asyncio.Task[Any], where: set[asyncio.Task[Any]]) -> bool:
        where.discard(task)
        if task.cancelled():
            self.finished.cancel()
            return False
        if (error := task.exception()) is not None:
            self._fail(error)
            return False
        return True

    def _on_fetched(self, task: asyncio.Task[Any]) -> None:
        if self._settled(task, self._fetches):
            self._records.append(task.result())
            self.pump()

    def _on_stored(self, task: asyncio.Task[None]) -> None:
        if self._settled(task, self._stores):
            self.pump()

    async def stop(self) -> None:
        """Cancel whatever is under way, and wait until it is over."""
        rest = [*self._fetches, *self._stores]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


async def run_pipeline(
    items: Iterable[Any],
    fetch: Callable[[Any], Awaitable[Any]],
    store: Callable[[Any], Awaitable[None]],
    *,
    consumers: int = 3,
    maxsize: int = 3,
) -> None:
    """Fetch `items`, several at once, and store their records, one by one; return when all are stored."""
    archive = Archive(items, fetch, store, consumers, maxsize)
    try:
        archive.pump()
        await archive.finished
    finally:
        await archive.stop()
