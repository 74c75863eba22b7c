"""Exercise 6, the reference: find the leak.

A bounded queue in front of an unbounded one bounds nothing: the fetchers emptied the first into
the archive's own, where put() never had to wait. With a bound there as well, a slow archive holds
up the fetchers, and they hold up whoever feeds them. Pressure goes back as far as every place in
which something waits has a bound.

    python solutions/ex6_find_the_leak.py       watch it run
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any


class Archive:
    """Stores records, one at a time, in a task of its own."""

    def __init__(self, store: Callable[[Any], Awaitable[None]], maxsize: int) -> None:
        self._store = store
        # Bounded as well: add() waits while the archive is slow, and so does whoever calls it.
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
        await archive.add(await fetch(item))
        todo.task_done()  # only now: until here nobody else knows of the record


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


# --- The demo: it works as it is ------------------------------------------------------------------


async def demo() -> None:
    """File eighty invoices: at first the archive is quick, then its backup begins."""
    start = time.perf_counter()
    taken = stored = most = worst = 0

    def invoices() -> Iterator[int]:
        nonlocal taken, most
        for invoice in range(1, 81):
            taken += 1
            most = max(most, taken - stored)
            yield invoice

    async def fetch(invoice: int) -> str:
        await asyncio.sleep(random.uniform(0.02, 0.04))
        return f"invoice {invoice}"

    async def store(record: str) -> None:
        nonlocal stored, most, worst
        archive, seconds = ("quick", 0.005) if stored < 36 else ("backup", 0.06)
        await asyncio.sleep(seconds)
        stored += 1
        if stored % 4 == 0:
            now = f"{time.perf_counter() - start:.3f}"
            print(f"STORED {stored:2} {archive:6} {now} in memory {most:2}", "#" * most, flush=True)
            most, worst = taken - stored, max(most, worst)

    await run_pipeline(invoices(), fetch, store, consumers=3, maxsize=3)
    print(f"\nAll {stored} invoices are stored. At the worst moment {worst} were in memory.")


if __name__ == "__main__":
    asyncio.run(demo())
