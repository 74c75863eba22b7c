# label: wrong
# exercise: ex6_find_the_leak
# misconception: fetches-wait-for-the-batch
# contract: ex6 point 3: fetches as many as there are consumers, and waits for the slowest of them
# expect: Each batch waits for its slowest fetch.
import asyncio
from itertools import islice


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    records = asyncio.Queue(maxsize)

    async def fetch_one(item):
        await records.put(await fetch(item))

    async def storer():
        while True:
            await store(await records.get())
            records.task_done()

    async with asyncio.TaskGroup() as group:
        archive = group.create_task(storer())
        source = iter(items)
        while batch := list(islice(source, consumers)):
            await asyncio.gather(*map(fetch_one, batch))
        await records.join()
        archive.cancel()
