# label: wrong
# exercise: ex6_find_the_leak
# misconception: error-kept-inside
# contract: ex6 point 5: QueueEmpty of fetch() is taken for that of the consumer's own queue
# expect: An error of fetch() is taken for the queue's own.
import asyncio


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    source = iter(items)
    records = asyncio.Queue(maxsize)
    working = consumers

    def next_item():
        for item in source:
            return item
        raise asyncio.QueueEmpty

    async def fetcher():
        nonlocal working
        try:
            while True:
                await records.put(await fetch(next_item()))
        except asyncio.QueueEmpty:
            working -= 1
            if not working:
                await records.put(None)

    async def storer():
        while (record := await records.get()) is not None:
            await store(record)

    async with asyncio.TaskGroup() as group:
        group.create_task(storer())
        for _ in range(consumers):
            group.create_task(fetcher())
