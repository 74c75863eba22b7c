# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; no first queue: the consumers take their items from one iterator, and the last of them ends the store
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    source = iter(items)
    records = asyncio.Queue(maxsize)
    working = consumers

    async def consumer():
        nonlocal working
        for item in source:
            await records.put(await fetch(item))
        working -= 1
        if working == 0:
            await records.put(None)  # fetch() never returns None

    async def storer():
        while (record := await records.get()) is not None:
            await store(record)

    async with asyncio.TaskGroup() as group:
        group.create_task(storer())
        for _ in range(consumers):
            group.create_task(consumer())
