# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; an async context manager owns the archive and its task; the consumers are a group within
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio
from contextlib import asynccontextmanager


@asynccontextmanager
async def archive(store, maxsize):
    records = asyncio.Queue(maxsize)

    async def run():
        while (record := await records.get()) is not None:
            await store(record)

    async with asyncio.TaskGroup() as group:
        group.create_task(run())
        yield records.put
        await records.put(None)


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    source = iter(items)

    async def fetching(add):
        for item in source:
            await add(await fetch(item))

    async with archive(store, maxsize) as add, asyncio.TaskGroup() as group:
        for _ in range(consumers):
            group.create_task(fetching(add))
