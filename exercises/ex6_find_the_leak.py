"""Exercise 6: find the leak.

Every night a job fetches the day's invoices from your suppliers' portals, several at once, and
stores them in an archive, which takes one record at a time. This is what the colleague on call
has left you:

    03:12  Invoice job killed, out of memory: 8 GB. Third time this month.
    03:15  Started it again. It was through in four minutes, and never above 90 MB.
    03:40  It is no queue that grows: the dashboard has the job's queue at 3 of 3 until the end.
           I looked it up, asyncio.Queue(maxsize) is where it should be.
    04:05  In all three nights the archive's backup was running. Would that matter?

Your task, in this file

    Find out where memory grows while storing is slower than fetching, and see to it that a slow
    archive slows down the fetching, and the fetching slows down whoever feeds it, all the way
    back to `items`. The repair is short. To find out where it belongs is the exercise.

Step by step (the checks stand under the same names; the numbers are points of the contract)

    Store every record        2
    Bound what is under way   1, 4
    Keep everybody busy       3
    End cleanly               2, 5

The contract (1 is what breaks; 2 to 5 hold already, and must go on holding)

    1. Whenever time passes, at most 2 * maxsize + consumers + 2 items have been taken from
       `items` and are not stored yet. `items` is any iterable, possibly a lazy generator.
    2. Each item is fetched exactly once, and each record is stored exactly once, in any order.
       Stores never overlap, and nothing is retried. run_pipeline returns as soon as the last
       record is stored, and leaves no task of its own running.
    3. Nothing else gets slower. While there are items that nobody has begun to fetch, `consumers`
       fetches run at once, never more. Fewer may run only while at least max(maxsize, consumers)
       items are either being fetched, or are fetched and wait for their store() to begin. And
       store() is never idle while a record waits. (So fetching goes on during a store, and up to
       maxsize records may wait for it. To fetch and then store under a lock, in the same task, is
       too slow.)
    4. Waiting is awaiting: no polling, no blocking call, no limit of time, and nothing is dropped.
    5. An error of fetch() or store() leaves run_pipeline, bare or in an ExceptionGroup, whatever
       its class, and never becomes a hang. What is left undone then does not matter.

    fetch(item) returns a record, which is never None. store(record) returns nothing of interest.

When it works, the demo's log goes on like this (your times will differ)

    STORED 36 quick  0.411 in memory  9 #########
    STORED 40 backup 0.662 in memory 11 ###########
    STORED 44 backup 0.904 in memory 11 ###########    never more than that

Try it

    python exercises/ex6_find_the_leak.py       watch it run
    nox -s grade -- ex6                         have it checked
    nox -s grade -- hint ex6                    when you are stuck
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any


class Archive:
    """Stores records, one at a time, in a task of its own."""

    def __init__(self, store: Callable[[Any], Awaitable[None]]) -> None:
        self._store = store
        self._records: asyncio.Queue[Any] = asyncio.Queue()

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
    # TODO: between `items` and store() memory grows while store() is slow. Follow an item on its
    # way through this file: where does it wait, and how many others can wait there with it?
    todo: asyncio.Queue[Any] = asyncio.Queue(maxsize)
    archive = Archive(store)
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
